//! Nodes and constants of a graph in the making.

use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto};

use super::build::{floats, integer, integers, list, node};
use crate::model::Weights;

/// Nodes and constants in the making.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<NodeProto>,
    pub(super) constants: Vec<TensorProto>,
}

impl Graph {
    /// A constant of floats; answers its name.
    pub(super) fn floats(&mut self, name: impl Into<String>, dims: &[usize], values: &[f32]) -> String {
        let name = name.into();
        self.constant(&name, |name| floats(name, dims, values))
    }

    /// A constant number without dimensions.
    pub(super) fn scalar(&mut self, name: &str, value: f32) -> String {
        self.floats(name, &[], &[value])
    }

    /// A constant of whole numbers, made once however often it is asked for.
    pub(super) fn integers(&mut self, name: impl Into<String>, values: &[i64]) -> String {
        let name = name.into();
        self.constant(&name, |name| integers(name, values))
    }

    fn constant(&mut self, name: &str, make: impl FnOnce(&str) -> TensorProto) -> String {
        if !self.constants.iter().any(|constant| constant.name == name) {
            self.constants.push(make(name));
        }
        name.to_owned()
    }

    /// A node with one output, whose name is answered.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        output: impl Into<String>,
        attributes: Vec<AttributeProto>,
    ) -> String {
        let output = output.into();
        self.nodes.push(node(operator, inputs, &[&output], attributes));
        output
    }

    /// A transposition.
    pub(super) fn transpose(&mut self, input: &str, output: impl Into<String>, axes: &[i64]) -> String {
        self.node("Transpose", &[input], output, vec![list("perm", axes)])
    }

    /// A reshape; -1 is the dimension that the others leave.
    pub(super) fn reshape(&mut self, input: &str, output: impl Into<String>, dims: &[i64]) -> String {
        let output = output.into();
        let shape = self.integers(format!("{output}.shape"), dims);
        self.node("Reshape", &[input, &shape], output, vec![])
    }

    /// The last step along an axis of `length` steps; the axis stays, with length 1.
    pub(super) fn last_step(
        &mut self,
        input: &str,
        output: impl Into<String>,
        axis: i64,
        length: usize,
    ) -> String {
        let start = self.integers("last_step", &[length as i64 - 1]);
        let end = self.integers("end", &[length as i64]);
        let axis = self.integers(format!("axis_{axis}"), &[axis]);
        self.node("Slice", &[input, &start, &end, &axis], output, vec![])
    }

    /// Takes an axis of length 1 away.
    pub(super) fn squeeze(&mut self, input: &str, output: impl Into<String>, axis: i64) -> String {
        let axis = self.integers(format!("axis_{axis}"), &[axis]);
        self.node("Squeeze", &[input, &axis], output, vec![])
    }

    /// A linear layer over the last axis of any number of axes: `input` times the transposed weight, plus the bias.
    pub(super) fn linear(&mut self, input: &str, name: &str, weight: &[f32], bias: &[f32]) -> String {
        let (outputs, inputs) = (bias.len(), weight.len() / bias.len().max(1));
        let transposed: Vec<f32> = (0..inputs)
            .flat_map(|column| (0..outputs).map(move |row| weight[row * inputs + column]))
            .collect();
        let weight = self.floats(format!("{name}.weight_t"), &[inputs, outputs], &transposed);
        let bias = self.floats(format!("{name}.bias"), &[outputs], bias);
        let product = self.node("MatMul", &[input, &weight], format!("{name}.product"), vec![]);
        self.node("Add", &[&product, &bias], name, vec![])
    }

    /// The linear layer of a name in the weights.
    pub(super) fn linear_of(&mut self, weights: &Weights, input: &str, name: &str) -> anyhow::Result<String> {
        let weight = weights.get(&format!("{name}.weight"))?;
        let bias = weights.get(&format!("{name}.bias"))?;
        Ok(self.linear(input, name, &weight.values, &bias.values))
    }

    /// The head: `[batch, size]` to `[batch, 1]`.
    pub(super) fn head(&mut self, weights: &Weights, input: &str) -> anyhow::Result<String> {
        let (weight, bias) = (weights.get("fc.weight")?, weights.get("fc.bias")?);
        self.floats("fc.weight", &weight.dims, &weight.values);
        self.floats("fc.bias", &bias.dims, &bias.values);
        Ok(self.node("Gemm", &[input, "fc.weight", "fc.bias"], "share", vec![integer("transB", 1)]))
    }
}
