//! GRU, LSTM and BiLSTM: layers of recurrent cells and a linear head.

use tch::{Kind, Tensor};

use super::network::{Mode, Parameters};
use super::parameter::{Specification, Start, linear};
use super::{Architecture, Head, Shape};

/// The first part of the parameters' names, as a PyTorch module would have them.
pub(crate) fn module(architecture: Architecture) -> &'static str {
    if architecture == Architecture::Gru { "gru" } else { "lstm" }
}

/// Gates in a cell: the factor of `hidden` in its parameters' first dimension.
pub(crate) fn gates(architecture: Architecture) -> usize {
    if architecture == Architecture::Gru { 3 } else { 4 }
}

/// The ends of parameters' names, one for each direction.
pub(crate) fn directions(architecture: Architecture) -> &'static [&'static str] {
    if architecture == Architecture::Bilstm { &["", "_reverse"] } else { &[""] }
}

/// Of each layer and direction `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, and at last the head `fc`.
/// They start uniform within one over the root of `hidden`, as PyTorch's.
pub(super) fn parameters(shape: &Shape) -> Vec<Specification> {
    let (rows, module) = (gates(shape.architecture) * shape.hidden, module(shape.architecture));
    let directions = directions(shape.architecture);
    let start = Start::Uniform(1.0 / (shape.hidden as f32).sqrt());
    let mut parameters = Vec::new();
    for layer in 0..shape.layers {
        let input = if layer == 0 { shape.features } else { shape.hidden * directions.len() };
        for direction in directions {
            let mut add = |kind: &str, dims: &[usize]| {
                parameters.push(Specification::new(
                    format!("{module}.{kind}_l{layer}{direction}"),
                    dims,
                    start.clone(),
                ));
            };
            add("weight_ih", &[rows, input]);
            add("weight_hh", &[rows, shape.hidden]);
            add("bias_ih", &[rows]);
            add("bias_hh", &[rows]);
        }
    }
    parameters.extend(linear("fc", 1, shape.hidden * directions.len()));
    parameters
}

/// From normalised windows `[batch, sequence_length, features]` to `[batch, 1]`. Dropout lies between the layers.
pub(super) fn forward(shape: &Shape, parameters: &Parameters, windows: &Tensor, mode: Mode) -> Tensor {
    let directions = directions(shape.architecture).len();
    let (layers, both) = (shape.layers as i64, directions == 2);
    let size = [layers * directions as i64, windows.size()[0], shape.hidden as i64];
    let zeros = || Tensor::zeros(size, (Kind::Float, windows.device()));
    let recurrent = parameters.first(4 * shape.layers * directions);
    let (dropout, train) = if shape.layers > 1 { (mode.dropout, mode.train) } else { (0.0, mode.train) };
    let (sequence, last) = if shape.architecture == Architecture::Gru {
        windows.gru(&zeros(), recurrent, true, layers, dropout, train, both, true)
    } else {
        let start = [zeros(), zeros()];
        let (sequence, last, _) = windows.lstm(&start, recurrent, true, layers, dropout, train, both, true);
        (sequence, last)
    };
    let read = if both && shape.head == Head::OwnLastStep {
        // `[layers * 2, batch, hidden]`: the last two are the last layer's directions.
        Tensor::cat(&[last.select(0, -2), last.select(0, -1)], 1)
    } else {
        sequence.select(1, -1)
    };
    read.linear(parameters.get("fc.weight"), Some(parameters.get("fc.bias")))
}
