//! `scaler.json`: per feature its name, mean and scale; the record of what `model.onnx` contains.

use serde::{Deserialize, Serialize};

use crate::BundleError;

/// The file's name in a bundle.
pub const FILE: &str = "scaler.json";

/// The normalisation inside the graph, `(reading - mean) / scale` per feature, fitted on the
/// training units only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// One entry a feature, in the model's order.
    pub features: Vec<FeatureScale>,
}

/// Mean and scale of one feature, in the sensor's own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureScale {
    /// The feature's column.
    pub name: String,
    /// Mean over the training units' readings.
    pub mean: f64,
    /// Population standard deviation over the training units' readings; 1 for a constant column.
    pub scale: f64,
}

impl Scaler {
    /// Reads a scaler from the bytes of `scaler.json`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        let scaler: Self = serde_json::from_slice(bytes).map_err(|e| BundleError::invalid(FILE, e))?;
        for feature in &scaler.features {
            if !feature.mean.is_finite() || !feature.scale.is_finite() || feature.scale <= 0.0 {
                return Err(BundleError::invalid(
                    FILE,
                    format!(
                        "{} has mean {} and scale {}; scale must be above 0",
                        feature.name, feature.mean, feature.scale
                    ),
                ));
            }
        }
        Ok(scaler)
    }

    /// The bytes of `scaler.json`.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|e| BundleError::invalid(FILE, e))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
