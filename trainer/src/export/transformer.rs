//! The Transformer's encoder.

use super::build::{float, integer};
use super::graph::Graph;
use crate::model::transformer::{EPSILON, layer_name};
use crate::model::{Shape, Weights};

/// `input` `[batch, sequence_length, features]` to the last step `[batch, hidden]`. The last layer asks for its
/// last step only, as nothing else of it is read.
pub(super) fn transformer(
    graph: &mut Graph,
    shape: &Shape,
    weights: &Weights,
    input: &str,
) -> anyhow::Result<String> {
    let projected = graph.linear_of(weights, input, "input_proj")?;
    let positions = weights.get("pos_encoder")?;
    let positions = graph.floats("pos_encoder", &positions.dims, &positions.values);
    let mut stream = graph.node("Add", &[&projected, &positions], "placed", vec![]);
    for layer in 0..shape.layers {
        let name = layer_name(layer);
        let last = layer + 1 == shape.layers;
        let asking = if last {
            graph.last_step(&stream, format!("{name}.asking"), 1, shape.sequence_length)
        } else {
            stream.clone()
        };
        let attended = attention(graph, shape, weights, &name, &stream, &asking)?;
        let sum = graph.node("Add", &[&asking, &attended], format!("{name}.sum1"), vec![]);
        stream = layer_norm(graph, weights, &sum, &format!("{name}.norm1"))?;
        let inside = graph.linear_of(weights, &stream, &format!("{name}.linear1"))?;
        let inside = graph.node("Relu", &[&inside], format!("{name}.inside"), vec![]);
        let fed = graph.linear_of(weights, &inside, &format!("{name}.linear2"))?;
        let sum = graph.node("Add", &[&stream, &fed], format!("{name}.sum2"), vec![]);
        stream = layer_norm(graph, weights, &sum, &format!("{name}.norm2"))?;
    }
    Ok(graph.squeeze(&stream, "last", 1))
}

/// Attention of `asking` `[batch, steps, hidden]` over `stream` `[batch, sequence_length, hidden]`.
fn attention(
    graph: &mut Graph,
    shape: &Shape,
    weights: &Weights,
    name: &str,
    stream: &str,
    asking: &str,
) -> anyhow::Result<String> {
    let (hidden, heads) = (shape.hidden, shape.heads);
    let part = hidden / heads;
    let weight = weights.get(&format!("{name}.self_attn.in_proj_weight"))?;
    let bias = weights.get(&format!("{name}.self_attn.in_proj_bias"))?;
    let mut project = |place: usize, what: &str, input: &str, axes: &[i64]| {
        let weight = &weight.values[place * hidden * hidden..(place + 1) * hidden * hidden];
        let bias = &bias.values[place * hidden..(place + 1) * hidden];
        let name = format!("{name}.self_attn.{what}");
        let flat = graph.linear(input, &name, weight, bias);
        let steps = if input == asking && asking != stream { 1 } else { shape.sequence_length };
        let dims = [-1, steps as i64, heads as i64, part as i64];
        let split = graph.reshape(&flat, format!("{name}.heads"), &dims);
        graph.transpose(&split, format!("{name}.turned"), axes)
    };
    let queries = project(0, "query", asking, &[0, 2, 1, 3]);
    let keys = project(1, "key", stream, &[0, 2, 3, 1]);
    let values = project(2, "value", stream, &[0, 2, 1, 3]);
    let name = format!("{name}.self_attn");
    let scale = graph.floats("attention_scale", &[1], &[(part as f64).sqrt() as f32]);
    let scores = graph.node("MatMul", &[&queries, &keys], format!("{name}.scores"), vec![]);
    let scores = graph.node("Div", &[&scores, &scale], format!("{name}.scaled"), vec![]);
    let shares = graph.node("Softmax", &[&scores], format!("{name}.shares"), vec![integer("axis", -1)]);
    let attended = graph.node("MatMul", &[&shares, &values], format!("{name}.attended"), vec![]);
    let turned = graph.transpose(&attended, format!("{name}.joined"), &[0, 2, 1, 3]);
    let steps = if asking == stream { shape.sequence_length } else { 1 };
    let joined = graph.reshape(&turned, format!("{name}.wide"), &[-1, steps as i64, hidden as i64]);
    graph.linear_of(weights, &joined, &format!("{name}.out_proj"))
}

fn layer_norm(graph: &mut Graph, weights: &Weights, input: &str, name: &str) -> anyhow::Result<String> {
    let (weight, bias) = (weights.get(&format!("{name}.weight"))?, weights.get(&format!("{name}.bias"))?);
    let weight = graph.floats(format!("{name}.weight"), &weight.dims, &weight.values);
    let bias = graph.floats(format!("{name}.bias"), &bias.dims, &bias.values);
    let attributes = vec![integer("axis", -1), float("epsilon", EPSILON as f32)];
    Ok(graph.node("LayerNormalization", &[input, &weight, &bias], name, attributes))
}
