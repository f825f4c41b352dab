//! One loaded model: load it, then predict as often as wanted.

use crate::error::Error;
use crate::network::Network;
use crate::plan::Plans;

/// What a loaded model takes and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Specification {
    /// Readings in one window (cycles), oldest first; at least 1.
    pub window_length: usize,
    /// Numbers in one reading, in raw physical units; at least 1.
    pub features: usize,
    /// Numbers the model answers for one window; 1 for a RUL model, in cycles.
    pub outputs: usize,
}

/// A loaded model. It keeps no state from one prediction to the next.
#[derive(Debug)]
pub struct Model {
    plans: Plans,
    specification: Specification,
}

impl Model {
    /// Loads a model from the bytes of an ONNX file with one input `float32[batch, window length,
    /// features]` and one output `float32[batch, outputs]`.
    ///
    /// Refuses, by name, whatever would not compute exactly what the ONNX standard says.
    pub fn load(onnx: &[u8]) -> Result<Self, Error> {
        let network = Network::from_bytes(onnx)?;
        let (window_length, features) = (network.window_length, network.features);
        let (plans, outputs) = Plans::new(network)?;
        Ok(Self { plans, specification: Specification { window_length, features, outputs } })
    }

    /// What the model takes and gives.
    pub fn specification(&self) -> Specification {
        self.specification
    }

    /// Predicts a batch of windows, row-major `[batch, window length, features]`, raw readings,
    /// finite; answers row-major `[batch, outputs]`, finite.
    pub fn predict(&mut self, windows: &[f32]) -> Result<Vec<f32>, Error> {
        let Specification { window_length, features, outputs } = self.specification;
        let window = window_length * features;
        if windows.is_empty() || !windows.len().is_multiple_of(window) {
            return Err(Error::WrongShape(format!(
                "{} values are no whole windows of {window_length} readings x {features} numbers",
                windows.len()
            )));
        }
        if let Some(place) = windows.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite(format!(
                "window {}, reading {}, number {} is {} (counted from 0)",
                place / window,
                place % window / features,
                place % features,
                windows[place]
            )));
        }
        let mut answers = Vec::with_capacity(windows.len() / window * outputs);
        let mut rest = windows;
        while !rest.is_empty() {
            let size = self.plans.size_for(rest.len() / window);
            let (batch, later) = rest.split_at(size * window);
            answers.extend(self.plans.run(size, batch)?);
            rest = later;
        }
        if let Some(place) = answers.iter().position(|answer| !answer.is_finite()) {
            return Err(Error::NotFinite(format!(
                "the model answers {} for window {} (counted from 0)",
                answers[place],
                place / outputs
            )));
        }
        Ok(answers)
    }
}
