//! A model as a network on libtorch: raw readings in, RUL out.

use std::collections::HashMap;

use overhaul_bundle::scaler::Scaler;
use tch::{Device, Kind, Tensor};

use super::normaliser::Normaliser;
use super::{Architecture, Parameter, Shape, Weights, recurrent, transformer, trend};
use crate::data::windows::to_vec;
use crate::random::{Purpose, stream};

/// From what the network's last layer says to cycles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Output {
    /// Cycles of one: the RUL cap, where targets were shares of it.
    pub cycles: f64,
    /// True if answers are kept between 0 and `cycles`, where the targets were; an imported model answers as it did
    /// where it comes from.
    pub clipped: bool,
}

/// Whether a pass is one of training, and the share of activations that it then leaves out.
#[derive(Debug, Clone, Copy)]
pub struct Mode {
    pub(super) train: bool,
    pub(super) dropout: f64,
}

impl Mode {
    /// Everything takes part.
    pub const PREDICT: Self = Self { train: false, dropout: 0.0 };

    /// A pass of training.
    pub fn train(dropout: f64) -> Self {
        Self { train: true, dropout }
    }
}

/// Parameters by name and in order; all lie in one tensor, so that the optimiser does its work at once.
#[derive(Debug)]
pub struct Parameters {
    flat: Tensor,
    /// 1 for the numbers of matrices, which weight decay shrinks, 0 for biases and scales, `[parameters]`.
    matrices: Tensor,
    /// Leaves of the gradient that share the flat tensor's memory.
    leaves: Vec<Tensor>,
    names: HashMap<String, usize>,
}

impl Parameters {
    fn new(shape: &Shape, values: &[f32], device: Device) -> Self {
        let flat = Tensor::from_slice(values).to_device(device);
        let shrunk: Vec<f32> = shape
            .parameters()
            .iter()
            .flat_map(|parameter| {
                let decays = if parameter.dims.len() > 1 { 1.0 } else { 0.0 };
                std::iter::repeat_n(decays, parameter.count())
            })
            .collect();
        let matrices = Tensor::from_slice(&shrunk).to_device(device);
        let (mut leaves, mut names, mut start) = (Vec::new(), HashMap::new(), 0);
        for parameter in shape.parameters() {
            let dims: Vec<i64> = parameter.dims.iter().map(|&dim| dim as i64).collect();
            let count = parameter.count() as i64;
            leaves.push(flat.narrow(0, start, count).view(dims.as_slice()).detach().set_requires_grad(true));
            names.insert(parameter.name, leaves.len() - 1);
            start += count;
        }
        Self { flat, matrices, leaves, names }
    }

    pub(super) fn get(&self, name: &str) -> &Tensor {
        // The names are those of `Shape::parameters`, which made this.
        &self.leaves[self.names[name]]
    }

    pub(super) fn first(&self, count: usize) -> &[Tensor] {
        &self.leaves[..count]
    }

    /// All of them, each as a leaf of the gradient.
    pub fn leaves(&self) -> &[Tensor] {
        &self.leaves
    }

    /// 1 for the numbers of matrices, 0 for biases and scales, `[parameters]`.
    pub fn matrices(&self) -> &Tensor {
        &self.matrices
    }

    /// All numbers, `[parameters]`; what is written here the leaves show.
    pub fn flat(&self) -> &Tensor {
        &self.flat
    }
}

/// A model with its weights. The scaler and the output's scale are part of it, as they are of the exported
/// graph, so that all that goes in are raw readings.
#[derive(Debug)]
pub struct Network {
    shape: Shape,
    parameters: Parameters,
    normaliser: Normaliser,
    output: Output,
    device: Device,
}

impl Network {
    /// A network with the weights that `seed` starts it with.
    pub fn new(shape: Shape, scaler: &Scaler, output: Output, seed: u64, device: Device) -> Self {
        let mut random = stream(seed, Purpose::Weights);
        let values: Vec<f32> =
            shape.parameters().iter().flat_map(|parameter| parameter.values(&mut random)).collect();
        let parameters = Parameters::new(&shape, &values, device);
        Self { shape, parameters, normaliser: Normaliser::new(scaler, device), output, device }
    }

    /// A network with weights from elsewhere; a parameter that is missing or has other dimensions is refused.
    pub fn with_weights(
        shape: Shape,
        scaler: &Scaler,
        output: Output,
        weights: &Weights,
        device: Device,
    ) -> anyhow::Result<Self> {
        let mut values = Vec::with_capacity(shape.parameter_count());
        for specification in shape.parameters() {
            let parameter = weights.get(&specification.name)?;
            anyhow::ensure!(
                parameter.dims == specification.dims,
                "parameter {} is {:?} where the model has {:?}",
                specification.name,
                parameter.dims,
                specification.dims
            );
            values.extend_from_slice(&parameter.values);
        }
        let parameters = Parameters::new(&shape, &values, device);
        Ok(Self { shape, parameters, normaliser: Normaliser::new(scaler, device), output, device })
    }

    /// The model's sizes.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// From the last layer to cycles.
    pub fn output(&self) -> Output {
        self.output
    }

    /// What the optimiser trains.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Normalised readings of raw ones, `[…, features]` both.
    pub fn normalise(&self, readings: &Tensor) -> Tensor {
        self.normaliser.apply(readings)
    }

    /// The last layer's answer to normalised windows `[batch, sequence_length, features]`: `[batch, 1]`.
    pub fn forward(&self, windows: &Tensor, mode: Mode) -> Tensor {
        match self.shape.architecture {
            Architecture::Gru | Architecture::Lstm | Architecture::Bilstm => {
                recurrent::forward(&self.shape, &self.parameters, windows, mode)
            }
            Architecture::Transformer => transformer::forward(&self.shape, &self.parameters, windows, mode),
            Architecture::Trend => trend::forward(&self.shape, &self.parameters, windows, mode),
        }
    }

    /// Predicted RUL in cycles for normalised windows.
    pub fn predict_normalised(&self, windows: &Tensor) -> Vec<f32> {
        tch::no_grad(|| {
            let cycles = self.forward(windows, Mode::PREDICT) * self.output.cycles;
            to_vec(&if self.output.clipped { cycles.clamp(0.0, self.output.cycles) } else { cycles })
        })
    }

    /// Predicted RUL in cycles for raw windows `[batch, sequence_length, features]`.
    pub fn predict(&self, windows: &Tensor) -> Vec<f32> {
        self.predict_normalised(&self.normalise(windows))
    }

    /// Where the network computes.
    pub fn device(&self) -> Device {
        self.device
    }

    /// A copy of all numbers as they are now, `[parameters]`.
    pub fn snapshot(&self) -> Tensor {
        self.parameters.flat.copy()
    }

    /// Puts numbers back that [`Self::snapshot`] gave.
    pub fn restore(&mut self, snapshot: &Tensor) {
        tch::no_grad(|| self.parameters.flat.copy_(snapshot));
    }

    /// A copy of the weights as they are now.
    pub fn weights(&self) -> Weights {
        let specifications = self.shape.parameters();
        let values = to_vec(&self.parameters.flat.to_kind(Kind::Float));
        let mut rest = values.as_slice();
        let parameter = |specification: super::parameter::Specification| {
            let (own, others) = rest.split_at(specification.count());
            rest = others;
            (specification.name, Parameter { dims: specification.dims, values: own.to_vec() })
        };
        Weights(specifications.into_iter().map(parameter).collect())
    }
}
