//! What a training run is told, checked before anything starts.

use overhaul_bundle::Mistake;
use overhaul_bundle::metadata::MAX_SEQUENCE_LENGTH;
use serde::Serialize;

use crate::model::{Architecture, Head, Shape};

/// A training run's settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// The kind of model.
    pub architecture: Architecture,
    /// Passes over the training windows, at least 1.
    pub epochs: u32,
    /// Epochs without a better validation RMSE after which training ends, at least 1.
    pub patience: u32,
    /// Windows in a batch, at least 1.
    pub batch_size: u32,
    /// Peak learning rate, above 0.
    pub learning_rate: f64,
    /// `AdamW`'s weight decay, 0 or more.
    pub weight_decay: f64,
    /// The share of activations that training leaves out, 0 to below 1.
    pub dropout: f64,
    /// The share of training windows that are shown as a gateway would have them that met the unit a few cycles
    /// ago: with less history, and padded; 0 to 1.
    pub cold_start: f64,
    /// Columns whose correlation with capped RUL is below this are ignored, 0 to below 1.
    pub min_correlation: f64,
    /// Readings in a window, 1 to 10,000.
    pub sequence_length: usize,
    /// The ceiling on training targets, in cycles, above 0.
    pub rul_cap: f64,
    /// Decides the weights at the start, the order of windows, and dropout.
    pub seed: u64,
    /// Decides which unit trains, validates and calibrates.
    pub split_seed: u64,
    /// Width of every layer, 1 to 1024.
    pub hidden_size: usize,
    /// Layers, 1 to 8.
    pub layers: usize,
    /// Attention heads of a Transformer; they part `hidden_size` evenly.
    pub heads: usize,
    /// Width inside a Transformer's feed-forward part, 1 to 4096.
    pub feed_forward: usize,
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
        let share = |flag: &str, value: f64, below: f64| {
            if value >= 0.0 && value < below {
                return Ok(());
            }
            Err(Mistake::new(format!(
                "--{flag} {value} is not 0 to below {below}; give a number in that range"
            )))
        };
        whole("epochs", self.epochs as usize, 100_000)?;
        whole("patience", self.patience as usize, 100_000)?;
        whole("batch-size", self.batch_size as usize, 1 << 20)?;
        positive("lr", self.learning_rate, 10.0)?;
        share("weight-decay", self.weight_decay, 10.0)?;
        share("dropout", self.dropout, 1.0)?;
        share("cold-start", self.cold_start, 1.001)?;
        share("min-correlation", self.min_correlation, 1.0)?;
        whole("sequence-length", self.sequence_length, MAX_SEQUENCE_LENGTH)?;
        positive("rul-cap", self.rul_cap, 1e6)?;
        whole("hidden-size", self.hidden_size, 1024)?;
        whole("layers", self.layers, 8)?;
        whole("feed-forward", self.feed_forward, 4096)?;
        whole("heads", self.heads, 64)?;
        if self.architecture == Architecture::Transformer && !self.hidden_size.is_multiple_of(self.heads) {
            return Err(Mistake::new(format!(
                "--hidden-size {} is no multiple of --heads {}; give one that is",
                self.hidden_size, self.heads
            )));
        }
        Ok(())
    }

    /// The sizes of the model for readings of `features` numbers.
    pub fn shape(&self, features: usize) -> Shape {
        Shape {
            architecture: self.architecture,
            sequence_length: self.sequence_length,
            features,
            hidden: self.hidden_size,
            layers: self.layers,
            heads: self.heads,
            feed_forward: self.feed_forward,
            head: Head::OwnLastStep,
        }
    }
}

/// What a kind of model is trained with unless it is told otherwise: what was best on validation units of FD001,
/// FD002 and FD004.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defaults {
    /// Passes over the training windows.
    pub epochs: u32,
    /// Windows in a batch.
    pub batch_size: u32,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// `AdamW`'s weight decay.
    pub weight_decay: f64,
    /// The share of activations that training leaves out.
    pub dropout: f64,
    /// Readings in a window.
    pub sequence_length: usize,
    /// Width of every layer.
    pub hidden_size: usize,
    /// Layers.
    pub layers: usize,
}

impl Defaults {
    /// Of one kind of model.
    pub fn of(architecture: Architecture) -> Self {
        let recurrent = Self {
            epochs: 15,
            batch_size: 256,
            learning_rate: 1e-3,
            weight_decay: 0.1,
            dropout: 0.0,
            sequence_length: 30,
            hidden_size: 64,
            layers: 2,
        };
        match architecture {
            Architecture::Lstm | Architecture::Bilstm | Architecture::Gru | Architecture::Transformer => {
                recurrent
            }
            Architecture::Trend => Self {
                learning_rate: 2e-3,
                weight_decay: 0.01,
                dropout: 0.2,
                sequence_length: 60,
                layers: 3,
                ..recurrent
            },
        }
    }
}
