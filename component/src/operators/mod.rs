//! What each supported operator becomes in tract's typed graph. One table, one function each.

mod by_row;
mod linear;
mod normal;
mod pointwise;
mod recurrent;
mod select;
mod shape;

use crate::error::{Error, list};
use crate::node::Node;
use crate::translate::{Translation, Value};

/// Wires a node and answers its outputs in order.
pub(crate) type Operator = for<'a> fn(&mut Translation<'a>, &Node<'a>) -> Result<Vec<Value>, Error>;

/// The supported operators of ONNX's own set, by name.
pub const SUPPORTED: &[&str] = &{
    let mut names = [""; TABLE.len()];
    let mut index = 0;
    while index < TABLE.len() {
        names[index] = TABLE[index].0;
        index += 1;
    }
    names
};

const TABLE: &[(&str, Operator)] = &[
    ("Abs", pointwise::unary),
    ("Add", pointwise::binary),
    ("Clip", pointwise::clip),
    ("Concat", shape::concat),
    ("Constant", select::constant),
    ("Div", pointwise::binary),
    ("Erf", pointwise::unary),
    ("Exp", pointwise::unary),
    ("Flatten", shape::flatten),
    ("GRU", recurrent::gru),
    ("Gather", select::gather),
    ("Gemm", linear::gemm),
    ("Identity", pointwise::identity),
    ("LSTM", recurrent::lstm),
    ("LayerNormalization", normal::layer_normalization),
    ("MatMul", linear::matmul),
    ("Mul", pointwise::binary),
    ("Neg", pointwise::unary),
    ("ReduceMax", normal::reduce),
    ("ReduceMean", normal::reduce),
    ("ReduceSum", normal::reduce),
    ("Relu", pointwise::relu),
    ("Reshape", shape::reshape),
    ("Sigmoid", pointwise::unary),
    ("Slice", select::slice),
    ("Softmax", normal::softmax),
    ("Split", select::split),
    ("Sqrt", pointwise::unary),
    ("Squeeze", shape::squeeze),
    ("Sub", pointwise::binary),
    ("Tanh", pointwise::unary),
    ("Transpose", shape::transpose),
    ("Unsqueeze", shape::unsqueeze),
];

/// The operator of a name.
pub(crate) fn find(name: &str) -> Option<Operator> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, operator)| *operator)
}

/// An axis as ONNX writes it (negative counts from the end) within a rank.
pub(crate) fn axis(node: &Node<'_>, axis: i64, rank: usize) -> Result<usize, Error> {
    let resolved = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
    resolved
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|&axis| axis < rank)
        .ok_or_else(|| node.bad(&format!("axis {axis} is outside of rank {rank}")))
}

/// Different axes within a rank, in rising order.
pub(crate) fn axes(node: &Node<'_>, given: &[i64], rank: usize) -> Result<Vec<usize>, Error> {
    let mut axes = given.iter().map(|&each| axis(node, each, rank)).collect::<Result<Vec<_>, Error>>()?;
    axes.sort_unstable();
    if axes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(node.bad(&format!("the axes {given} name one axis twice", given = list(given))));
    }
    Ok(axes)
}
