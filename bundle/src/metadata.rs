//! `metadata.json`: what was trained, how, and how good it is.

use serde::{Deserialize, Serialize};

use crate::{BundleError, ModelName, Sha256Digest, VersionNumber};

/// The file's name in a bundle.
pub const FILE: &str = "metadata.json";
/// The longest window, in readings.
pub const MAX_SEQUENCE_LENGTH: usize = 10_000;
/// The most numbers in one reading.
pub const MAX_FEATURES: usize = 10_000;

/// What is known about a version. The first twelve fields after the name are those of the registry guide,
/// under the same names. What is `None` is not known, as with a model that was trained elsewhere.
///
/// All RMSE and MAE values and the NASA score are over all test units at once, one window each
/// (the unit's last), in cycles; the capped ones compare with labels capped at `rul_cap`, and with labels as
/// they are when it is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metadata {
    /// The registered model's name.
    pub name: ModelName,
    /// The number the registry handed out; `None` before publishing.
    pub version: Option<VersionNumber>,
    /// The architecture, such as `GRU` or `LSTM`.
    pub model_type: String,
    /// Root of the mean squared error against capped labels, in cycles.
    pub rmse: Option<f64>,
    /// Mean absolute error against capped labels, in cycles.
    pub mae: Option<f64>,
    /// When training ended, in UTC.
    pub timestamp: jiff::Timestamp,
    /// Readings in one window, at least 1.
    pub sequence_length: usize,
    /// Numbers in one reading, at least 1.
    pub input_features: usize,
    /// The readings' columns in the model's order, `input_features` of them.
    pub feature_columns: Vec<String>,
    /// Epochs trained.
    pub epochs: Option<u32>,
    /// Windows in a training batch.
    pub batch_size: Option<u32>,
    /// Peak learning rate.
    pub learning_rate: Option<f64>,
    /// Mean training loss of the last epoch, in the loss's own unit.
    pub final_loss: Option<f64>,
    /// Root of the mean squared error against raw labels, in cycles.
    pub rmse_raw: Option<f64>,
    /// Mean absolute error against raw labels, in cycles.
    pub mae_raw: Option<f64>,
    /// NASA score (Saxena et al., PHM08) against capped labels: a sum over test units, lower is better.
    pub nasa_score: Option<f64>,
    /// RMSE on the validation units' windows, capped labels, in cycles: what chose the epoch.
    pub validation_rmse: Option<f64>,
    /// The epoch whose weights these are, from 1.
    pub best_epoch: Option<u32>,
    /// The early-life ceiling on training targets, in cycles; `None` when they had none.
    pub rul_cap: Option<f64>,
    /// The data set, such as `FD001`.
    pub dataset: String,
    /// Digest over the training and test files' bytes, in the order in which they were read.
    pub dataset_sha256: Option<Sha256Digest>,
    /// Units in the test set.
    pub test_units: Option<u32>,
    /// The seed of weights, order and dropout.
    pub seed: Option<u64>,
    /// The seed of the split into training, validation and calibration units; `seed` where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
    /// The share of activations that training left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropout: Option<f64>,
    /// Operating conditions that readings are normalised by, when by more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<u32>,
    /// RMSE of a ridge regression on window statistics, same units and labels as `rmse`: the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ridge_rmse: Option<f64>,
    /// True when the weights were trained elsewhere and read from a file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// Width of the recurrent layers.
    pub hidden_size: Option<u32>,
    /// Recurrent layers.
    pub layers: Option<u32>,
    /// Attention heads, of a Transformer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads: Option<u32>,
    /// Trained parameters.
    pub parameters: u64,
    /// Where it was trained: `cpu` or `cuda:0`.
    pub device: String,
    /// The trainer's version, such as `overhaul-trainer 0.1.0`.
    pub trainer: String,
    /// The commit of the working directory at training time, if it was a git checkout.
    pub git_commit: Option<String>,
}

impl Metadata {
    /// Reads metadata from the bytes of `metadata.json`; fields this release does not know are left alone.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        let metadata: Self = serde_json::from_slice(bytes).map_err(|e| BundleError::invalid(FILE, e))?;
        metadata.check()?;
        Ok(metadata)
    }

    /// The bytes of `metadata.json`, indented for people.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleError> {
        self.check()?;
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|e| BundleError::invalid(FILE, e))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn check(&self) -> Result<(), BundleError> {
        let invalid = |problem: String| Err(BundleError::invalid(FILE, problem));
        if !(1..=MAX_SEQUENCE_LENGTH).contains(&self.sequence_length) {
            return invalid(format!(
                "sequence_length {} is not 1 to {MAX_SEQUENCE_LENGTH}",
                self.sequence_length
            ));
        }
        if !(1..=MAX_FEATURES).contains(&self.input_features) {
            return invalid(format!("input_features {} is not 1 to {MAX_FEATURES}", self.input_features));
        }
        if self.feature_columns.len() != self.input_features {
            return invalid(format!(
                "{} feature_columns for {} input_features",
                self.feature_columns.len(),
                self.input_features
            ));
        }
        for (name, value) in [
            ("rmse", self.rmse),
            ("mae", self.mae),
            ("learning_rate", self.learning_rate),
            ("final_loss", self.final_loss),
            ("rmse_raw", self.rmse_raw),
            ("mae_raw", self.mae_raw),
            ("nasa_score", self.nasa_score),
            ("validation_rmse", self.validation_rmse),
            ("rul_cap", self.rul_cap),
            ("dropout", self.dropout),
            ("ridge_rmse", self.ridge_rmse),
        ] {
            if let Some(value) = value
                && !value.is_finite()
            {
                return invalid(format!("{name} is {value}; it must be a finite number"));
            }
        }
        Ok(())
    }
}
