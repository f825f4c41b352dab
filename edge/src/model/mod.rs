//! One version, verified and ready to predict.
//!
//! | module | holds |
//! | --- | --- |
//! | `prediction` | from the model's number to an answer with an interval |
//! | `workers` | the model's predictors, one a thread; windows that arrive together are predicted together |

mod prediction;
mod workers;

use std::sync::Arc;

use overhaul_bundle::interval::Interval;
use overhaul_bundle::window::{self, Window};
use overhaul_bundle::{Bundle, BundleError, Distribution, Expectations, Metadata, Sha256Digest};

use crate::sandbox::{Sandbox, SandboxError};
pub use prediction::{ConfidenceInterval, Prediction};
pub use workers::CallError;
use workers::Workers;

/// One version, verified and ready to predict.
pub struct Model {
    digest: Sha256Digest,
    component: Sha256Digest,
    metadata: Metadata,
    interval: Option<Interval>,
    expectations: Option<Expectations>,
    /// One a feature, in the model's order.
    distributions: Vec<Option<Distribution>>,
    sandbox: Sandbox,
    workers: Workers,
}

/// Why a bundle does not become a model that predicts.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bundle itself is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The component refused the model, or failed with it.
    #[error("the component refuses model.onnx: {0}")]
    Sandbox(#[from] SandboxError),
    /// The model is not what the bundle's metadata says.
    #[error("model.onnx takes windows of {found}, metadata.json says {expected}; publish a new version")]
    Disagrees {
        /// What the model takes and gives.
        found: String,
        /// What the metadata says it does.
        expected: String,
    },
    /// The model's answers are not the golden ones.
    #[error(
        "the golden vectors are missed by {difference} cycles, more than the tolerance of {tolerance}; \
         publish a new version"
    )]
    Golden {
        /// The largest difference, in cycles.
        difference: f32,
        /// The bundle's tolerance, in cycles.
        tolerance: f32,
    },
}

impl LoadError {
    /// True when the machine failed, false when the bundle did.
    pub fn is_fault(&self) -> bool {
        match self {
            Self::Bundle(error) => error.is_fault(),
            Self::Sandbox(error) => matches!(error, SandboxError::Engine(_)),
            Self::Disagrees { .. } | Self::Golden { .. } => false,
        }
    }
}

impl Model {
    /// Loads a bundle's model into the sandbox of the component with digest `component`, compares
    /// it with the metadata and replays the golden vectors. Takes tens of milliseconds.
    pub fn load(bundle: &Bundle, component: Sha256Digest, sandbox: Sandbox) -> Result<Self, LoadError> {
        let metadata = bundle.metadata()?;
        let onnx: Arc<[u8]> = bundle.model()?.into();
        let mut predictor = sandbox.instantiate_shared(Arc::clone(&onnx))?;
        let found = *predictor.specification();
        if (found.window_length, found.features, found.outputs)
            != (metadata.sequence_length, metadata.input_features, 1)
        {
            return Err(LoadError::Disagrees {
                found: format!(
                    "{} x {} and answers {} numbers",
                    found.window_length, found.features, found.outputs
                ),
                expected: format!("{} x {} and 1", metadata.sequence_length, metadata.input_features),
            });
        }
        let golden = bundle.golden()?;
        let mut answers = Vec::with_capacity(golden.expected.len());
        // One window a call, as readings arrive: memory stays what it will be later.
        for window in golden.windows.chunks_exact(found.window_length * found.features) {
            answers.extend(predictor.predict(window)?);
        }
        let difference = golden.largest_difference(&answers);
        if difference > golden.tolerance {
            return Err(LoadError::Golden { difference, tolerance: golden.tolerance });
        }
        let scaler = bundle.scaler()?;
        let window = found.window_length * found.features;
        let workers = Workers::new(sandbox.clone(), onnx, window, predictor);
        Ok(Self {
            digest: bundle.digest(),
            component,
            interval: bundle.interval()?,
            expectations: Expectations::of(&scaler, &golden),
            distributions: scaler.features.into_iter().map(|feature| feature.distribution).collect(),
            metadata,
            sandbox,
            workers,
        })
    }

    /// The bundle's identity.
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// The digest of the component that runs it.
    pub fn component(&self) -> Sha256Digest {
        self.component
    }

    /// What was trained, how, and how good it is.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// What training saw of each feature; `None` where the bundle does not say.
    pub fn expectations(&self) -> Option<&Expectations> {
        self.expectations.as_ref()
    }

    /// How a feature's values are spread over the training data, by its place; `None` where the bundle does not say.
    pub fn distribution(&self, feature: usize) -> Option<&Distribution> {
        self.distributions.get(feature)?.as_ref()
    }

    /// Whether its predictions have intervals.
    pub fn has_interval(&self) -> bool {
        self.interval.is_some()
    }

    /// The sandbox the model runs in; another version on the same component shares it.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// A unit's last readings, row-major `[cycles, input_features]`, oldest first, at least one, as the window
    /// that [`Model::predict`] takes.
    pub fn window(&self, readings: &[f32]) -> Result<Window, CallError> {
        let Metadata { input_features: features, sequence_length: length, .. } = self.metadata;
        window::last_window(readings, features, length).ok_or_else(|| {
            let values = readings.len();
            SandboxError::WrongShape(format!("{values} values are no whole readings of {features}")).into()
        })
    }

    /// Predicts windows, all or none, in their order; off the async threads, together with others that arrive
    /// meanwhile.
    pub async fn predict(&self, windows: Vec<Window>) -> Result<Vec<Prediction>, CallError> {
        let (padded, values) = apart(windows);
        let answers = self.workers.predict(values).await?;
        Ok(self.predictions(&padded, &answers))
    }

    /// Whether windows wait and no worker has taken any for this long: then nothing will.
    pub fn is_stuck(&self, patience: std::time::Duration) -> bool {
        self.workers.is_stuck(patience)
    }

    /// As [`Model::predict`], for threads that may block.
    pub fn predict_blocking(&self, windows: Vec<Window>) -> Result<Vec<Prediction>, CallError> {
        let (padded, values) = apart(windows);
        let answers = self.workers.predict_blocking(values)?;
        Ok(self.predictions(&padded, &answers))
    }

    fn predictions(&self, padded: &[usize], answers: &[f32]) -> Vec<Prediction> {
        let interval = self.interval.as_ref();
        let pairs = answers.iter().zip(padded);
        pairs.map(|(&rul, &padded)| Prediction::new(&self.metadata, interval, rul, padded)).collect()
    }
}

/// How much of each window is padding, and their values.
fn apart(windows: Vec<Window>) -> (Vec<usize>, Vec<Vec<f32>>) {
    windows.into_iter().map(|window| (window.padded, window.values)).unzip()
}
