//! A request's tensors, checked against what the version takes.

use std::borrow::Cow;

use overhaul_bundle::window::Window;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::V2Error;
use super::numbers::Numbers;
use super::{FLOAT, INPUT, INTERVAL, OUTPUT, binary};
use crate::model::Model;

/// The most windows of one request.
const MAX_WINDOWS: usize = 1024;

/// A request as it is written. What it says beside this is left alone.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct InferRequest {
    /// Comes back in the answer.
    id: Option<String>,
    /// Of the whole request.
    #[serde(default)]
    parameters: RequestParameters,
    /// One tensor, `window`.
    inputs: Vec<InputTensor>,
    /// What is wanted; all there is if it is absent.
    outputs: Option<Vec<WantedOutput>>,
}

/// What holds for a whole request.
#[derive(Debug, Default, Deserialize, ToSchema)]
struct RequestParameters {
    /// Whether outputs that do not say so are wanted as bytes behind the JSON.
    #[serde(default)]
    binary_data_output: bool,
}

/// A tensor.
#[derive(Debug, Deserialize, ToSchema)]
struct InputTensor {
    /// `window`.
    name: String,
    /// `[batch, sequence_length, input_features]`.
    shape: Vec<u64>,
    /// `FP32`.
    datatype: String,
    /// How it is sent.
    #[serde(default)]
    parameters: InputParameters,
    /// Its numbers, flat or in nested lists, unless they are behind the JSON.
    #[schema(value_type = Option<Value>)]
    data: Option<Numbers>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
struct InputParameters {
    /// Its bytes behind the JSON.
    binary_data_size: Option<u64>,
}

/// An output that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
struct WantedOutput {
    /// `rul` or `interval`.
    name: String,
    /// How it is wanted.
    #[serde(default)]
    parameters: OutputParameters,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
struct OutputParameters {
    /// Whether it is wanted as bytes behind the JSON.
    binary_data: Option<bool>,
}

/// An output that is wanted, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: &'static str,
    pub(super) binary: bool,
}

impl InferRequest {
    /// Reads a request's JSON.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, V2Error> {
        serde_json::from_slice(json)
            .map_err(|e| V2Error::invalid(format!("the body is no request of this protocol: {e}")))
    }

    /// What comes back in the answer.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The outputs that are wanted of a version.
    pub(super) fn wanted(&self, model: &Model) -> Result<Vec<Wanted>, V2Error> {
        let all: &[&'static str] = if model.has_interval() { &[OUTPUT, INTERVAL] } else { &[OUTPUT] };
        let usual = self.parameters.binary_data_output;
        let Some(outputs) = self.outputs.as_ref().filter(|outputs| !outputs.is_empty()) else {
            return Ok(all.iter().map(|name| Wanted { name, binary: usual }).collect());
        };
        let wanted = outputs.iter().map(|output| {
            let name = all.iter().find(|name| **name == output.name).ok_or_else(|| {
                let shown: String = output.name.chars().take(60).collect();
                V2Error::invalid(format!("output {shown:?} is none of the model's: {}", all.join(", ")))
            })?;
            Ok(Wanted { name, binary: output.parameters.binary_data.unwrap_or(usual) })
        });
        wanted.collect()
    }

    /// The windows of the request, as a version takes them.
    pub(super) fn windows(&self, behind: &[u8], model: &Model) -> Result<Vec<Window>, V2Error> {
        let metadata = model.metadata();
        self.windows_of(behind, metadata.sequence_length, metadata.input_features)
    }

    fn windows_of(&self, behind: &[u8], length: usize, features: usize) -> Result<Vec<Window>, V2Error> {
        let invalid = |line: String| Err(V2Error::invalid(line));
        let [input] = &self.inputs[..] else {
            return invalid(format!("the request has {} inputs; send one, {INPUT:?}", self.inputs.len()));
        };
        if input.name != INPUT || input.datatype != FLOAT {
            let shown = |text: &str| text.chars().take(60).collect::<String>();
            let (name, datatype) = (shown(&input.name), shown(&input.datatype));
            return invalid(format!("input {name:?} of type {datatype:?}; send {INPUT:?} of type {FLOAT:?}"));
        }
        let batch = match input.shape[..] {
            [batch, rows, columns]
                if (1..=MAX_WINDOWS as u64).contains(&batch)
                    && rows == length as u64
                    && columns == features as u64 =>
            {
                batch as usize
            }
            _ => {
                let shape = input.shape.iter().take(8).map(u64::to_string).collect::<Vec<_>>().join(", ");
                return invalid(format!(
                    "{INPUT} has shape [{shape}]; send [1 to {MAX_WINDOWS}, {length}, {features}]"
                ));
            }
        };
        let size = length * features;
        let numbers = match (input.parameters.binary_data_size, &input.data) {
            (Some(bytes), None) => {
                let (numbers, rest) = binary::take(INPUT, behind, bytes, batch * size)?;
                if !rest.is_empty() {
                    return invalid(format!("{} bytes behind the last tensor belong to none", rest.len()));
                }
                Cow::Owned(numbers)
            }
            (None, Some(Numbers { numbers, broken })) => {
                let (found, wanted) = (numbers.len(), batch * size);
                if *broken && found < wanted {
                    return invalid(format!("number {found} of {INPUT} is no number"));
                }
                if *broken || found != wanted {
                    return invalid(format!("{INPUT} has {found} numbers, its shape asks for {wanted}"));
                }
                Cow::Borrowed(&numbers[..])
            }
            (Some(_), Some(_)) => {
                return invalid(format!("{INPUT} has both data and binary_data_size; send one"));
            }
            (None, None) => return invalid(format!("{INPUT} has no data")),
        };
        if let Some(place) = numbers.iter().position(|number| !number.is_finite()) {
            let (window, rest) = (place / size, place % size);
            return invalid(format!(
                "{INPUT} [{window}, {}, {}] is {}; send a finite number",
                rest / features,
                rest % features,
                numbers[place]
            ));
        }
        Ok(numbers.chunks(size).map(|values| Window { values: values.to_vec(), padded: 0 }).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn windows(request: &Value, behind: &[u8]) -> Result<Vec<Window>, V2Error> {
        InferRequest::from_json(request.to_string().as_bytes())?.windows_of(behind, 2, 3)
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> String {
        let mut request = json!({"inputs": [{"name": "window", "shape": [1, 2, 3], "datatype": "FP32",
            "data": [1, 2, 3, 4, 5, 6]}]});
        change(&mut request["inputs"][0]);
        format!("{:?}", windows(&request, &[]).unwrap_err())
    }

    #[test]
    fn numbers_are_read_flat_nested_and_binary() {
        let expected = vec![
            Window { values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], padded: 0 },
            Window { values: vec![7.0, 8.0, 9.0, 10.0, 11.0, -12.5], padded: 0 },
        ];
        let mut input = json!({"name": "window", "shape": [2, 2, 3], "datatype": "FP32"});
        for data in [
            json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12.5]),
            json!([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, -12.5]]]),
        ] {
            input["data"] = data;
            assert_eq!(windows(&json!({ "inputs": [input] }), &[]).unwrap(), expected);
        }
        let mut behind = Vec::new();
        for window in &expected {
            binary::put(&mut behind, &window.values);
        }
        let input = json!({"name": "window", "shape": [2, 2, 3], "datatype": "FP32",
            "parameters": {"binary_data_size": 48, "unknown": 1}});
        assert_eq!(windows(&json!({ "inputs": [input], "more": {} }), &behind).unwrap(), expected);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_value() {
        assert!(
            refusal(|input| input["shape"] = json!([1, 2, 4])).contains("[1, 2, 4]; send [1 to 1024, 2, 3]")
        );
        assert!(refusal(|input| input["shape"] = json!([0, 2, 3])).contains("[0, 2, 3]"));
        assert!(refusal(|input| input["shape"] = json!([2000, 2, 3])).contains("[2000, 2, 3]"));
        assert!(refusal(|input| input["shape"] = json!([-1, 2, 3])).contains("no request of this protocol"));
        assert!(refusal(|input| input["name"] = json!("x")).contains("\\\"x\\\""));
        assert!(refusal(|input| input["datatype"] = json!("INT64")).contains("INT64"));
        assert!(refusal(|input| input["data"] = json!([1, 2])).contains("2 numbers, its shape asks for 6"));
        assert!(refusal(|input| input["data"] = json!([1, 2, 3, 4, 5, 6, 7])).contains("7 numbers"));
        assert!(refusal(|input| input["data"] = json!([1, 2, 3, 4, 5, "x"])).contains("number 5 of window"));
        assert!(refusal(|input| input["data"] = json!([1, 2, 3, 4, 5, 1e300])).contains("[0, 1, 2] is inf"));
        assert!(refusal(|input| input["data"] = Value::Null).contains("no data"));
        assert!(refusal(|input| input["parameters"] = json!({"binary_data_size": 24})).contains("both"));
    }

    #[test]
    fn a_binary_tensor_whose_length_lies_is_refused() {
        let request = |size: u64| {
            json!({"inputs": [{"name": "window", "shape": [1, 2, 3], "datatype": "FP32",
                "parameters": {"binary_data_size": size}}]})
        };
        let refused =
            |size, bytes: usize| format!("{:?}", windows(&request(size), &vec![0; bytes]).unwrap_err());
        assert!(windows(&request(24), &[0; 24]).is_ok());
        assert!(refused(24, 20).contains("takes 24 bytes, but only 20 are behind"));
        assert!(refused(20, 20).contains("binary_data_size of window is 20, its shape asks for 24"));
        assert!(refused(u64::MAX, 24).contains("its shape asks for 24"));
        assert!(refused(24, 25).contains("1 bytes behind the last tensor"));
        let nan = f32::NAN.to_le_bytes().repeat(6);
        assert!(format!("{:?}", windows(&request(24), &nan).unwrap_err()).contains("[0, 0, 0] is NaN"));
    }

    proptest! {
        #[test]
        fn foreign_bytes_never_panic(json: Vec<u8>, behind: Vec<u8>) {
            let _ = InferRequest::from_json(&json).and_then(|request| request.windows_of(&behind, 2, 3));
        }
    }
}
