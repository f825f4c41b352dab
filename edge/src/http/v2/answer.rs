//! An answer's tensors, as JSON or behind it.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::V2Error;
use super::request::Wanted;
use super::{FLOAT, OUTPUT, binary, model};
use crate::model::{Model, Prediction};

/// An answer.
#[derive(Serialize, ToSchema)]
pub(super) struct InferAnswer<'a> {
    /// The registered model.
    model_name: &'a str,
    /// The version that answered.
    model_version: String,
    /// The request's.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// The wanted ones, in the wanted order.
    outputs: Vec<OutputTensor>,
}

/// A tensor.
#[derive(Serialize, ToSchema)]
struct OutputTensor {
    /// `rul` or `interval`.
    name: &'static str,
    /// `FP32`.
    datatype: &'static str,
    /// `[batch, 1]`, or `[batch, 2]` for the ends of intervals.
    shape: [usize; 2],
    /// How it is sent, when it is behind the JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinaryTensor>,
    /// Its numbers, unless they are behind the JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Vec<f32>>,
}

/// A tensor behind the JSON.
#[derive(Serialize, ToSchema)]
struct BinaryTensor {
    /// Its bytes.
    binary_data_size: usize,
}

/// The answer with the wanted outputs of predictions by one version.
pub(super) fn answer(
    id: Option<&str>,
    model: &Model,
    wanted: &[Wanted],
    predictions: &[Prediction],
) -> Result<Response, V2Error> {
    let mut behind = Vec::new();
    let tensor = |&Wanted { name, binary }: &Wanted| {
        let numbers: Vec<f32> = if name == OUTPUT {
            predictions.iter().map(|prediction| prediction.predicted_rul).collect()
        } else {
            let ends = predictions.iter().filter_map(|prediction| prediction.confidence_interval.as_ref());
            ends.flat_map(|interval| [interval.lower, interval.upper]).collect()
        };
        let shape = [predictions.len(), numbers.len() / predictions.len().max(1)];
        let parameters = binary.then_some(BinaryTensor { binary_data_size: 4 * numbers.len() });
        if binary {
            binary::put(&mut behind, &numbers);
        }
        OutputTensor { name, datatype: FLOAT, shape, parameters, data: (!binary).then_some(numbers) }
    };
    let outputs = wanted.iter().map(tensor).collect();
    let name = model.metadata().name.as_str();
    let head = InferAnswer { model_name: name, model_version: model::number(model), id, outputs };
    let mut body = serde_json::to_vec(&head)
        .map_err(|e| V2Error::invalid(format!("the answer cannot be written as JSON: {e}")))?;
    if behind.is_empty() {
        return Ok(([(CONTENT_TYPE, "application/json")], body).into_response());
    }
    let length = body.len().to_string();
    body.append(&mut behind);
    let headers = [(CONTENT_TYPE, "application/octet-stream".to_owned()), (binary::HEADER, length)];
    Ok((headers, body).into_response())
}
