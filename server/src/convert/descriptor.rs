//! `MLmodel`: where the graph and the input example lie, and what the model's author said of it.

use overhaul_bundle::{BundlePath, Mistake};
use serde::Deserialize;

/// What is read of an `MLmodel` file.
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor {
    /// The graph's file.
    pub graph: BundlePath,
    /// The input example's file, as `mlflow` writes it for serving.
    pub example: Option<BundlePath>,
    /// What was given as `metadata=` when the model was logged.
    pub said: Said,
}

/// What the author of a model may say of it in `log_model(metadata={...})`. All of it is optional.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Said {
    /// The readings' columns in the model's order.
    pub feature_columns: Option<Vec<String>>,
    /// The architecture, such as `GRU`.
    pub model_type: Option<String>,
    /// The data set, such as `FD001`.
    pub dataset: Option<String>,
    /// The early-life ceiling on training targets, in cycles.
    pub rul_cap: Option<f64>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    flavors: Flavors,
    #[serde(default)]
    metadata: Option<Said>,
    #[serde(default)]
    saved_input_example_info: Option<ExampleInfo>,
}

#[derive(Default, Deserialize)]
struct Flavors {
    onnx: Option<Onnx>,
}

#[derive(Deserialize)]
struct Onnx {
    data: String,
}

#[derive(Deserialize)]
struct ExampleInfo {
    #[serde(default)]
    serving_input_path: Option<String>,
}

impl Descriptor {
    /// Reads the bytes of an `MLmodel` file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Mistake> {
        let file: File = serde_saphyr::from_slice(bytes).map_err(|e| {
            let problem = e.to_string();
            let first = problem.lines().next().unwrap_or_default();
            Mistake::new(format!("MLmodel does not read as MLflow writes it: {first}; log the model again"))
        })?;
        let onnx = file.flavors.onnx.ok_or_else(|| {
            Mistake::new("the model has no onnx flavour; log it with mlflow.onnx.log_model for gateways")
        })?;
        let path = |text: String| {
            text.parse::<BundlePath>().map_err(|e| Mistake::new(format!("MLmodel names a file: {e}")))
        };
        let example = file.saved_input_example_info.and_then(|info| info.serving_input_path);
        Ok(Self {
            graph: path(onnx.data)?,
            example: example.map(path).transpose()?,
            said: file.metadata.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGGED: &str = "artifact_path: mlflow-artifacts:/0/models/m-1/artifacts
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: 1.23.2
    providers:
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    loader_module: mlflow.onnx
metadata:
  feature_columns: [a, b]
  rul_cap: 125
mlflow_version: 3.17.2
saved_input_example_info:
  artifact_path: input_example.json
  serving_input_path: serving_input_example.json
  type: ndarray
";

    #[test]
    fn what_mlflow_writes_is_read() {
        let read = Descriptor::from_bytes(LOGGED.as_bytes()).unwrap();
        assert_eq!(read.graph.as_str(), "model.onnx");
        assert_eq!(read.example.unwrap().as_str(), "serving_input_example.json");
        assert_eq!(read.said.feature_columns.unwrap(), ["a", "b"]);
        assert_eq!(read.said.rul_cap, Some(125.0));
    }

    #[test]
    fn a_model_of_another_flavour_is_named_so() {
        let error =
            Descriptor::from_bytes(b"flavors:\n  sklearn:\n    pickled_model: model.pkl\n").unwrap_err();
        assert!(error.to_string().contains("no onnx flavour"), "{error}");
    }

    #[test]
    fn a_file_outside_is_refused() {
        for path in ["../model.onnx", "/etc/passwd", "a/../../b"] {
            let error = Descriptor::from_bytes(
                LOGGED.replace("data: model.onnx", &format!("data: {path}")).as_bytes(),
            );
            assert!(error.unwrap_err().to_string().contains(path));
        }
    }

    #[test]
    fn rubbish_is_refused_in_one_line() {
        for bytes in [&b"\xff\xfe"[..], b"[1, 2", b"flavors: 7", b"", b"a: &x [*x]", b"- 1"] {
            let error = Descriptor::from_bytes(bytes).unwrap_err().to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
