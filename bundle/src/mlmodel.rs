//! `MLmodel`: MLflow's descriptor, which makes the bundle a model directory of the `onnx` flavour.

use crate::Metadata;

/// The file's name in a bundle.
pub const FILE: &str = "MLmodel";

/// The YAML text of `MLmodel` for a model `window float32[-1, sequence_length, features]` to
/// `rul float32[-1, 1]`, in the form of MLflow 3's `onnx` flavour.
pub fn text(metadata: &Metadata) -> String {
    let (length, features) = (metadata.sequence_length, metadata.input_features);
    let time = metadata.timestamp.strftime("%Y-%m-%d %H:%M:%S%.6f");
    format!(
        r#"flavors:
  onnx:
    code: null
    data: model.onnx
    providers:
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    loader_module: mlflow.onnx
signature:
  inputs: '[{{"name": "window", "type": "tensor", "tensor-spec": {{"dtype": "float32", "shape": [-1, {length}, {features}]}}}}]'
  outputs: '[{{"name": "rul", "type": "tensor", "tensor-spec": {{"dtype": "float32", "shape": [-1, 1]}}}}]'
  params: null
utc_time_created: '{time}'
"#
    )
}
