//! What each parameter is: its name, its dimensions, and the numbers it starts with.

use rand::{Rng, RngExt as _};

/// One parameter of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Specification {
    /// Its name as PyTorch's modules would have it, such as `gru.weight_ih_l0`.
    pub name: String,
    /// Its dimensions, outermost first.
    pub dims: Vec<usize>,
    /// What it starts with.
    pub start: Start,
}

/// The numbers a parameter starts with.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// Uniform from minus to plus this.
    Uniform(f32),
    /// The same number everywhere.
    Constant(f32),
    /// These, row-major.
    Values(Vec<f32>),
}

impl Specification {
    /// A parameter.
    pub fn new(name: impl Into<String>, dims: &[usize], start: Start) -> Self {
        Self { name: name.into(), dims: dims.to_vec(), start }
    }

    /// How many numbers it has.
    pub fn count(&self) -> usize {
        self.dims.iter().product()
    }

    /// The numbers it starts with, row-major.
    pub fn values(&self, random: &mut impl Rng) -> Vec<f32> {
        match &self.start {
            Start::Constant(value) => vec![*value; self.count()],
            Start::Uniform(bound) => {
                (0..self.count()).map(|_| random.random_range(-bound..=*bound)).collect()
            }
            Start::Values(values) => values.clone(),
        }
    }
}

/// Weight `[outputs, inputs]` and bias of a linear layer as PyTorch starts them: uniform within one over the
/// root of its inputs.
pub(super) fn linear(name: &str, outputs: usize, inputs: usize) -> [Specification; 2] {
    let start = Start::Uniform(1.0 / (inputs as f32).sqrt());
    [
        Specification::new(format!("{name}.weight"), &[outputs, inputs], start.clone()),
        Specification::new(format!("{name}.bias"), &[outputs], start),
    ]
}

/// Weight and bias of a layer normalisation.
pub(super) fn layer_norm(name: &str, size: usize) -> [Specification; 2] {
    [
        Specification::new(format!("{name}.weight"), &[size], Start::Constant(1.0)),
        Specification::new(format!("{name}.bias"), &[size], Start::Constant(0.0)),
    ]
}
