//! `scaler.json`: per feature its name, mean and scale; the record of what `model.onnx` contains.

use serde::{Deserialize, Serialize};

use crate::{BundleError, Distribution};

/// The file's name in a bundle.
pub const FILE: &str = "scaler.json";

/// The normalisation inside the graph, `(reading - mean) / scale` per feature, fitted on the
/// training units only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// One entry a feature, in the model's order, over all readings.
    pub features: Vec<FeatureScale>,
    /// The operating conditions whose own means and scales the graph takes in place of those of all readings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
}

/// Operating conditions: a reading belongs to the one whose centre is nearest.
///
/// The distance is Euclidean over `columns`, each divided by its scale. The graph takes the softmax of
/// `-sharpness` times the squared distances as weights, which is 1 for the nearest centre and 0 for
/// the others but in the middle between two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Which features tell the condition, and their scales.
    pub columns: Vec<ConditionColumn>,
    /// Above 0.
    pub sharpness: f64,
    /// At least two.
    pub list: Vec<Condition>,
}

/// A feature that tells the operating condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionColumn {
    /// The feature's column.
    pub name: String,
    /// What a difference is divided by, in the feature's own unit.
    pub scale: f64,
}

/// One operating condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// One number a condition column, in its own unit.
    pub centre: Vec<f64>,
    /// One number a feature: the mean over the condition's readings.
    pub mean: Vec<f64>,
    /// One number a feature: the population standard deviation over the condition's readings; 1 for a constant column.
    pub scale: Vec<f64>,
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
    /// How its values are spread over the training units' readings, of all conditions; `None` where nobody noted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Distribution>,
    /// True when the model does not look at the feature: the graph puts 0 in its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
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
        if let Some(conditions) = &scaler.conditions {
            conditions.check(&scaler.features).map_err(|problem| BundleError::invalid(FILE, problem))?;
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

impl Conditions {
    /// Refuses what no graph can have been made of.
    fn check(&self, features: &[FeatureScale]) -> Result<(), String> {
        let positive = |values: &[f64]| values.iter().all(|value| value.is_finite() && *value > 0.0);
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        if self.list.len() < 2 || !positive(&[self.sharpness]) {
            return Err(format!(
                "{} conditions with sharpness {}; there must be two or more, and sharpness above 0",
                self.list.len(),
                self.sharpness
            ));
        }
        for column in &self.columns {
            if !features.iter().any(|feature| feature.name == column.name) || !positive(&[column.scale]) {
                return Err(format!("condition column {:?} is no feature or has no scale", column.name));
            }
        }
        for (number, condition) in (1..).zip(&self.list) {
            let sizes = (condition.centre.len(), condition.mean.len(), condition.scale.len());
            if sizes != (self.columns.len(), features.len(), features.len())
                || !finite(&condition.centre)
                || !finite(&condition.mean)
                || !positive(&condition.scale)
            {
                return Err(format!(
                    "condition {number} needs {} finite centres, and {} means and scales above 0",
                    self.columns.len(),
                    features.len()
                ));
            }
        }
        Ok(())
    }
}
