//! What a training run is told, checked before anything starts.

use overhaul_bundle::Mistake;
use overhaul_bundle::metadata::MAX_SEQUENCE_LENGTH;

use crate::data::FEATURES;
use crate::model::{Architecture, Shape};

/// A training run's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The kind of model.
    pub architecture: Architecture,
    /// Passes over the training windows, at least 1.
    pub epochs: u32,
    /// Windows in a batch, at least 1.
    pub batch_size: u32,
    /// Peak learning rate, above 0.
    pub learning_rate: f64,
    /// Readings in a window, 1 to 10,000.
    pub sequence_length: usize,
    /// The ceiling on training targets, in cycles, above 0.
    pub rul_cap: f64,
    /// Decides everything random.
    pub seed: u64,
    /// Width of the recurrent layers, 1 to 1024.
    pub hidden_size: usize,
    /// Recurrent layers, 1 to 8.
    pub layers: usize,
}

impl Settings {
    /// Refuses the first value that cannot be, by its flag.
    pub fn check(&self) -> Result<(), Mistake> {
        let whole = |flag: &str, value: usize, most: usize| {
            if (1..=most).contains(&value) {
                return Ok(());
            }
            Err(Mistake::new(format!("--{flag} {value} is not 1 to {most}; give a number in that range")))
        };
        let positive = |flag: &str, value: f64, most: f64| {
            if value.is_finite() && value > 0.0 && value <= most {
                return Ok(());
            }
            Err(Mistake::new(format!(
                "--{flag} {value} is not above 0 and at most {most}; give a number in that range"
            )))
        };
        whole("epochs", self.epochs as usize, 100_000)?;
        whole("batch-size", self.batch_size as usize, 1 << 20)?;
        positive("lr", self.learning_rate, 10.0)?;
        whole("sequence-length", self.sequence_length, MAX_SEQUENCE_LENGTH)?;
        positive("rul-cap", self.rul_cap, 1e6)?;
        whole("hidden-size", self.hidden_size, 1024)?;
        whole("layers", self.layers, 8)
    }

    /// The sizes of the model.
    pub fn shape(&self) -> Shape {
        Shape {
            architecture: self.architecture,
            sequence_length: self.sequence_length,
            features: FEATURES,
            hidden: self.hidden_size,
            layers: self.layers,
        }
    }
}
