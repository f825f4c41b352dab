//! A model's sizes.

use super::parameter::Specification;
use super::{Architecture, recurrent, transformer, trend};

/// Where the head reads a recurrent sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Head {
    /// Each direction at its own last step, which has seen the whole window.
    #[default]
    OwnLastStep,
    /// Both directions at the window's last step, where the backward one has seen one reading: only
    /// imported models do so.
    WindowsLastStep,
}

/// A model's sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The kind of model.
    pub architecture: Architecture,
    /// Readings in a window.
    pub sequence_length: usize,
    /// Numbers in a reading.
    pub features: usize,
    /// Width of every layer; a trend model's first is twice as wide.
    pub hidden: usize,
    /// Layers, one on top of the other.
    pub layers: usize,
    /// Attention heads of a Transformer; `hidden` is a multiple.
    pub heads: usize,
    /// Width inside a Transformer's feed-forward part.
    pub feed_forward: usize,
    /// Where the head reads.
    pub head: Head,
}

impl Shape {
    /// Every parameter in PyTorch's order, named as PyTorch's modules would.
    pub fn parameters(&self) -> Vec<Specification> {
        match self.architecture {
            Architecture::Gru | Architecture::Lstm | Architecture::Bilstm => recurrent::parameters(self),
            Architecture::Transformer => transformer::parameters(self),
            Architecture::Trend => trend::parameters(self),
        }
    }

    /// How many numbers are trained.
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().map(Specification::count).sum()
    }
}
