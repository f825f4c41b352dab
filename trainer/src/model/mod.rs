//! Models: what they are, their network on libtorch, their weights as plain numbers.

mod network;
mod weights;

pub use network::Network;
pub use weights::{Parameter, Weights};

/// The kind of recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Architecture {
    /// Gated recurrent units (Cho et al., 2014), in PyTorch's and cuDNN's form, which applies the reset
    /// gate after the recurrent product.
    Gru,
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997), without peepholes.
    Lstm,
}

impl Architecture {
    /// The name in metadata and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gru => "GRU",
            Self::Lstm => "LSTM",
        }
    }

    /// The first part of its parameters' names, as a PyTorch module would have them.
    pub fn module(self) -> &'static str {
        match self {
            Self::Gru => "gru",
            Self::Lstm => "lstm",
        }
    }

    /// Gates in a cell: the factor of `hidden` in its parameters' first dimension.
    pub fn gates(self) -> usize {
        match self {
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }
}

/// A model's sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The kind of recurrent layer.
    pub architecture: Architecture,
    /// Readings in a window.
    pub sequence_length: usize,
    /// Numbers in a reading.
    pub features: usize,
    /// Width of every recurrent layer.
    pub hidden: usize,
    /// Recurrent layers, one on top of the other.
    pub layers: usize,
}

impl Shape {
    /// Every parameter's name and dimensions as in PyTorch, in PyTorch's order: of each layer
    /// `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, and at last the head `fc`.
    pub fn parameters(&self) -> Vec<(String, Vec<usize>)> {
        let rows = self.architecture.gates() * self.hidden;
        let module = self.architecture.module();
        let mut parameters = Vec::new();
        for layer in 0..self.layers {
            let input = if layer == 0 { self.features } else { self.hidden };
            parameters.extend([
                (format!("{module}.weight_ih_l{layer}"), vec![rows, input]),
                (format!("{module}.weight_hh_l{layer}"), vec![rows, self.hidden]),
                (format!("{module}.bias_ih_l{layer}"), vec![rows]),
                (format!("{module}.bias_hh_l{layer}"), vec![rows]),
            ]);
        }
        parameters.extend([("fc.weight".to_owned(), vec![1, self.hidden]), ("fc.bias".to_owned(), vec![1])]);
        parameters
    }

    /// How many numbers are trained.
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().map(|(_, dims)| dims.iter().product::<usize>()).sum()
    }
}
