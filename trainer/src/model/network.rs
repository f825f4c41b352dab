//! A model as a network on libtorch: raw readings in, RUL out.

use overhaul_bundle::scaler::Scaler;
use rand::RngExt as _;
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use super::{Architecture, Parameter, Shape, Weights};
use crate::data::windows::to_vec;
use crate::random::{Purpose, stream};

/// A model with its weights. The scaler and the RUL cap are part of it, as they are of the exported
/// graph, so that all that goes in are raw readings.
#[derive(Debug)]
pub struct Network {
    shape: Shape,
    store: VarStore,
    /// The recurrent layers' parameters in PyTorch's order.
    recurrent: Vec<Tensor>,
    head_weight: Tensor,
    head_bias: Tensor,
    /// `[features]`.
    mean: Tensor,
    /// `[features]`.
    scale: Tensor,
    rul_cap: f64,
}

impl Network {
    /// A network with random weights, uniform within one over the root of `hidden`, as PyTorch starts them.
    pub fn new(shape: Shape, scaler: &Scaler, rul_cap: f64, seed: u64, device: Device) -> Self {
        let mut random = stream(seed, Purpose::Weights);
        let bound = 1.0 / (shape.hidden as f32).sqrt();
        let store = VarStore::new(device);
        let mut parameters: Vec<Tensor> = Vec::new();
        for (name, dims) in shape.parameters() {
            let count = dims.iter().product();
            let values: Vec<f32> = (0..count).map(|_| random.random_range(-bound..=bound)).collect();
            let dims: Vec<i64> = dims.iter().map(|&dim| dim as i64).collect();
            // PyTorch's names are paths of modules: "fc.weight" is `weight` in `fc`.
            let (module, name) = name.split_once('.').unwrap_or(("", &name));
            parameters.push(
                store.root().sub(module).var_copy(name, &Tensor::from_slice(&values).view(dims.as_slice())),
            );
        }
        let constants = |of: fn(&overhaul_bundle::scaler::FeatureScale) -> f64| {
            let values: Vec<f32> = scaler.features.iter().map(|feature| of(feature) as f32).collect();
            Tensor::from_slice(&values).to_device(device)
        };
        let recurrent = parameters.drain(..4 * shape.layers).collect();
        let (head_weight, head_bias) = (parameters[0].shallow_clone(), parameters[1].shallow_clone());
        let (mean, scale) = (constants(|feature| feature.mean), constants(|feature| feature.scale));
        Self { shape, store, recurrent, head_weight, head_bias, mean, scale, rul_cap }
    }

    /// The model's sizes.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// What the optimiser trains.
    pub fn store(&self) -> &VarStore {
        &self.store
    }

    /// The network's answer to raw windows `[batch, sequence_length, features]`: RUL as a share of the cap,
    /// `[batch, 1]`.
    pub fn forward(&self, windows: &Tensor) -> Tensor {
        let normalised = (windows - &self.mean) / &self.scale;
        let size = [self.shape.layers as i64, windows.size()[0], self.shape.hidden as i64];
        let zeros = || Tensor::zeros(size, (Kind::Float, windows.device()));
        let layers = self.shape.layers as i64;
        let all = match self.shape.architecture {
            Architecture::Gru => {
                normalised.gru(&zeros(), &self.recurrent, true, layers, 0.0, true, false, true).0
            }
            Architecture::Lstm => {
                normalised.lstm(&[zeros(), zeros()], &self.recurrent, true, layers, 0.0, true, false, true).0
            }
        };
        all.select(1, -1).linear(&self.head_weight, Some(&self.head_bias))
    }

    /// Predicted RUL in cycles, never below 0, for raw windows `[batch, sequence_length, features]`.
    pub fn predict(&self, windows: &Tensor) -> Vec<f32> {
        tch::no_grad(|| to_vec(&(self.forward(windows) * self.rul_cap).relu()))
    }

    /// Where the network computes.
    pub fn device(&self) -> Device {
        self.store.device()
    }

    /// A copy of the weights as they are now.
    pub fn weights(&self) -> Weights {
        let parameter = |(name, tensor): (String, Tensor)| {
            let dims = tensor.size().iter().map(|&dim| dim as usize).collect();
            (name, Parameter { dims, values: to_vec(&tensor) })
        };
        Weights(self.store.variables().into_iter().map(parameter).collect())
    }

    /// Puts weights back that [`Self::weights`] gave.
    pub fn set_weights(&mut self, weights: &Weights) -> anyhow::Result<()> {
        tch::no_grad(|| {
            for (name, mut tensor) in self.store.variables() {
                let parameter = weights.get(&name)?;
                tensor.copy_(&Tensor::from_slice(&parameter.values).view(tensor.size().as_slice()));
            }
            Ok(())
        })
    }
}
