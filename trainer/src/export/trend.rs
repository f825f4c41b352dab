//! The trend model: each column projected on functions of time, and a perceptron.

use super::graph::Graph;
use crate::model::trend::{BASES, layer_name};
use crate::model::{Shape, Weights};

/// `input` `[batch, sequence_length, features]` to the last hidden layer.
pub(super) fn trend(
    graph: &mut Graph,
    shape: &Shape,
    weights: &Weights,
    input: &str,
) -> anyhow::Result<String> {
    let bases = weights.get("bases.weight")?;
    let length = shape.sequence_length;
    let transposed: Vec<f32> =
        (0..length).flat_map(|step| (0..BASES).map(move |base| bases.values[base * length + step])).collect();
    let bases = graph.floats("bases", &[length, BASES], &transposed);
    let columns = graph.transpose(input, "columns", &[0, 2, 1]);
    let trends = graph.node("MatMul", &[&columns, &bases], "trends", vec![]);
    let mut stream = graph.reshape(&trends, "all_trends", &[-1, (BASES * shape.features) as i64]);
    for layer in 0..shape.layers {
        let name = layer_name(layer);
        let sum = graph.linear_of(weights, &stream, &name)?;
        stream = graph.node("Relu", &[&sum], format!("{name}.relu"), vec![]);
    }
    Ok(stream)
}
