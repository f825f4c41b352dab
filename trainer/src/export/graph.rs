//! The ONNX graph of a trained model.

use overhaul_bundle::scaler::Scaler;
use prost::Message as _;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto};

use super::build::{batched, floats, integer, integers, list, node, text};
use super::gates::to_onnx_order;
use crate::model::{Architecture, Shape, Weights};

/// The operator set: all operators used here have their last incompatible change in it or before.
const OPSET: i64 = 17;
/// The ONNX IR version that came with that operator set (ONNX 1.12).
const IR_VERSION: i64 = 8;

/// The bytes of `model.onnx`.
///
/// Takes `window` `float32[batch, sequence_length, features]`, raw readings, and answers `rul`
/// `float32[batch, 1]`, in cycles, never below 0. The same weights give the same bytes.
pub fn to_onnx(shape: &Shape, weights: &Weights, scaler: &Scaler, rul_cap: f64) -> anyhow::Result<Vec<u8>> {
    let mut graph = Graph::default();
    let constants = |of: fn(&overhaul_bundle::scaler::FeatureScale) -> f64| -> Vec<f32> {
        scaler.features.iter().map(|feature| of(feature) as f32).collect()
    };
    graph.constant(floats("mean", &[shape.features], &constants(|feature| feature.mean)));
    graph.constant(floats("scale", &[shape.features], &constants(|feature| feature.scale)));
    graph.node("Sub", &["window", "mean"], "centred", vec![]);
    graph.node("Div", &["centred", "scale"], "normalised", vec![]);
    graph.node("Transpose", &["normalised"], "sequence", vec![list("perm", &[1, 0, 2])]);

    let mut input = "sequence".to_owned();
    for layer in 0..shape.layers {
        input = graph.recurrent_layer(shape, weights, layer, &input)?;
    }

    let (weight, bias) = (weights.get("fc.weight")?, weights.get("fc.bias")?);
    graph.constant(floats("fc.weight", &weight.dims, &weight.values));
    graph.constant(floats("fc.bias", &bias.dims, &bias.values));
    graph.constant(floats("rul_cap", &[1], &[rul_cap as f32]));
    graph.node("Gemm", &[&input, "fc.weight", "fc.bias"], "share", vec![integer("transB", 1)]);
    graph.node("Mul", &["share", "rul_cap"], "cycles", vec![]);
    graph.node("Relu", &["cycles"], "rul", vec![]);

    let window = format!(
        "raw readings, oldest first: {}",
        scaler.features.iter().map(|feature| feature.name.as_str()).collect::<Vec<_>>().join(" ")
    );
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

/// Nodes and constants in the making.
#[derive(Default)]
struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Graph {
    fn constant(&mut self, tensor: TensorProto) {
        self.constants.push(tensor);
    }

    fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<tract_onnx::pb::AttributeProto>,
    ) {
        self.nodes.push(node(operator, inputs, &[output], attributes));
    }

    /// One recurrent layer over `input` `[sequence_length, batch, size]`. Answers the name of its output: the
    /// whole sequence `[sequence_length, batch, hidden]`, or of the last layer its last step `[batch, hidden]`.
    fn recurrent_layer(
        &mut self,
        shape: &Shape,
        weights: &Weights,
        layer: usize,
        input: &str,
    ) -> anyhow::Result<String> {
        let (architecture, hidden) = (shape.architecture, shape.hidden);
        let rows = architecture.gates() * hidden;
        let parameter = |kind: &str| weights.get(&format!("{}.{kind}_l{layer}", architecture.module()));
        let reordered =
            |kind: &str| Ok::<_, anyhow::Error>(to_onnx_order(architecture, &parameter(kind)?.values));

        let [w, r, b, y, y_h, out] =
            ["W", "R", "B", "Y", "Y_h", "out"].map(|kind| format!("{kind}_l{layer}"));
        let size = parameter("weight_ih")?.dims[1];
        self.constant(floats(&w, &[1, rows, size], &reordered("weight_ih")?));
        self.constant(floats(&r, &[1, rows, hidden], &reordered("weight_hh")?));
        self.constant(floats(&b, &[1, 2 * rows], &[reordered("bias_ih")?, reordered("bias_hh")?].concat()));

        let mut attributes = vec![integer("hidden_size", hidden as i64), text("direction", "forward")];
        let operator = match architecture {
            Architecture::Gru => {
                attributes.push(integer("linear_before_reset", 1));
                "GRU"
            }
            Architecture::Lstm => "LSTM",
        };
        // The last layer gives its last step only ([1, batch, hidden]), the others every step
        // ([sequence_length, 1, batch, hidden]): the 1 is the number of directions.
        let last = layer + 1 == shape.layers;
        let (outputs, recurrent, axes, squeezed) = if last {
            (vec!["", y_h.as_str()], &y_h, "directions_of_last", 0)
        } else {
            (vec![y.as_str()], &y, "directions_of_sequence", 1)
        };
        self.nodes.push(node(operator, &[input, &w, &r, &b], &outputs, attributes));
        if !self.constants.iter().any(|constant| constant.name == axes) {
            self.constant(integers(axes, &[squeezed]));
        }
        self.node("Squeeze", &[recurrent, axes], &out, vec![]);
        Ok(out)
    }
}
