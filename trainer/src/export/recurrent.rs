//! GRU, LSTM and BiLSTM layers.

use super::build::{integer, node, text};
use super::gates::to_onnx_order;
use super::graph::Graph;
use crate::model::recurrent::{directions, gates, module};
use crate::model::{Architecture, Head, Shape, Weights};

/// `input` `[batch, sequence_length, features]` to the last layer's answer `[batch, hidden]`, or twice `hidden` in
/// both directions.
pub(super) fn recurrent(
    graph: &mut Graph,
    shape: &Shape,
    weights: &Weights,
    input: &str,
) -> anyhow::Result<String> {
    let mut sequence = graph.transpose(input, "sequence", &[1, 0, 2]);
    for layer in 0..shape.layers {
        sequence = recurrent_layer(graph, shape, weights, layer, &sequence)?;
    }
    Ok(sequence)
}

/// One layer over `input` `[sequence_length, batch, size]`. Answers the name of its output: the whole sequence
/// `[sequence_length, batch, size]`, or of the last layer what the head reads, `[batch, size]`.
fn recurrent_layer(
    graph: &mut Graph,
    shape: &Shape,
    weights: &Weights,
    layer: usize,
    input: &str,
) -> anyhow::Result<String> {
    let (architecture, hidden) = (shape.architecture, shape.hidden);
    let (ways, both) = (directions(architecture), directions(architecture).len() == 2);
    let rows = gates(architecture) * hidden;
    // One direction after the other.
    let stacked = |kinds: &[&str]| -> anyhow::Result<Vec<f32>> {
        let mut values = Vec::new();
        for way in ways {
            for kind in kinds {
                let parameter = weights.get(&format!("{}.{kind}_l{layer}{way}", module(architecture)))?;
                values.extend(to_onnx_order(architecture, &parameter.values));
            }
        }
        Ok(values)
    };
    let name = |kind: &str| format!("{kind}_l{layer}");
    let mut input_weights = stacked(&["weight_ih"])?;
    let mut size = input_weights.len() / (rows * ways.len());
    let mut input = input.to_owned();
    if size == 1 {
        // tract 0.23.9 lays the product with a single column out in a way that its own GRU refuses: the column
        // stands there twice, the second time with a weight of 0.
        input_weights = input_weights.into_iter().flat_map(|weight| [weight, 0.0]).collect();
        size = 2;
        input = graph.node("Concat", &[&input, &input], name("doubled"), vec![integer("axis", 2)]);
    }
    let w = graph.floats(name("W"), &[ways.len(), rows, size], &input_weights);
    let r = graph.floats(name("R"), &[ways.len(), rows, hidden], &stacked(&["weight_hh"])?);
    let b = graph.floats(name("B"), &[ways.len(), 2 * rows], &stacked(&["bias_ih", "bias_hh"])?);

    let direction = if both { "bidirectional" } else { "forward" };
    let mut attributes = vec![integer("hidden_size", hidden as i64), text("direction", direction)];
    let operator = if architecture == Architecture::Gru {
        attributes.push(integer("linear_before_reset", 1));
        "GRU"
    } else {
        "LSTM"
    };
    let last = layer + 1 == shape.layers;
    let ends = last && (shape.head == Head::OwnLastStep || !both);
    // Every step is [sequence_length, directions, batch, hidden], each direction's own last [directions, batch, hidden].
    let (y, y_h) = (name("Y"), name("Y_h"));
    let outputs = if ends { vec!["", y_h.as_str()] } else { vec![y.as_str()] };
    graph.nodes.push(node(operator, &[&input, &w, &r, &b], &outputs, attributes));
    let (length, wide) = (shape.sequence_length as i64, (ways.len() * hidden) as i64);
    Ok(match (ends, both, last) {
        (true, false, _) => graph.squeeze(&y_h, name("out"), 0),
        (false, false, _) => graph.squeeze(&y, name("out"), 1),
        (true, true, _) => {
            let turned = graph.transpose(&y_h, name("turned"), &[1, 0, 2]);
            graph.reshape(&turned, name("out"), &[-1, wide])
        }
        (false, true, false) => {
            let turned = graph.transpose(&y, name("turned"), &[0, 2, 1, 3]);
            graph.reshape(&turned, name("out"), &[length, -1, wide])
        }
        (false, true, true) => {
            let step = graph.last_step(&y, name("step"), 0, shape.sequence_length);
            let turned = graph.transpose(&step, name("turned"), &[0, 2, 1, 3]);
            graph.reshape(&turned, name("out"), &[-1, wide])
        }
    })
}
