//! The ONNX file around the graph.

use overhaul_bundle::scaler::Scaler;
use prost::Message as _;
use tract_onnx::pb::{GraphProto, ModelProto, OperatorSetIdProto};

use super::build::batched;
use super::graph::Graph;
use super::normalise::normalise;
use super::recurrent::recurrent;
use super::transformer::transformer;
use super::trend::trend;
use crate::model::{Architecture, Output, Shape, Weights};

/// The operator set: all operators used here have their last incompatible change in it or before.
const OPSET: i64 = 17;
/// The ONNX IR version that came with that operator set (ONNX 1.12).
const IR_VERSION: i64 = 8;

/// The bytes of `model.onnx`.
///
/// Takes `window` `float32[batch, sequence_length, features]`, raw readings, and answers `rul`
/// `float32[batch, 1]`, in cycles. The same weights give the same bytes.
pub fn to_onnx(shape: &Shape, weights: &Weights, scaler: &Scaler, output: Output) -> anyhow::Result<Vec<u8>> {
    let mut graph = Graph::default();
    let normalised = normalise(&mut graph, scaler);
    let read = match shape.architecture {
        Architecture::Gru | Architecture::Lstm | Architecture::Bilstm => {
            recurrent(&mut graph, shape, weights, &normalised)?
        }
        Architecture::Transformer => transformer(&mut graph, shape, weights, &normalised)?,
        Architecture::Trend => trend(&mut graph, shape, weights, &normalised)?,
    };
    let answer = graph.head(weights, &read)?;
    let cycles = graph.floats("rul_cap", &[1], &[output.cycles as f32]);
    if output.clipped {
        let least = graph.scalar("least", 0.0);
        let most = graph.scalar("most", output.cycles as f32);
        let cycles = graph.node("Mul", &[&answer, &cycles], "cycles", vec![]);
        graph.node("Clip", &[&cycles, &least, &most], "rul", vec![]);
    } else {
        graph.node("Mul", &[&answer, &cycles], "rul", vec![]);
    }

    let names: Vec<&str> = scaler.features.iter().map(|feature| feature.name.as_str()).collect();
    let window = format!("raw readings, oldest first: {}", names.join(" "));
    let model = ModelProto {
        ir_version: IR_VERSION,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        producer_name: "overhaul-trainer".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(GraphProto {
            name: "rul".to_owned(),
            node: graph.nodes,
            initializer: graph.constants,
            input: vec![batched("window", &[shape.sequence_length, shape.features], &window)],
            output: vec![batched("rul", &[1], "remaining useful life, in cycles")],
            ..Default::default()
        }),
        ..Default::default()
    };
    Ok(model.encode_to_vec())
}
