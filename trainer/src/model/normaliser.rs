//! Raw readings to normalised ones, with the arithmetic of the exported graph.

use overhaul_bundle::scaler::{Conditions, FeatureScale, Scaler};
use tch::{Device, Kind, Tensor};

/// What a scaler says, as tensors.
#[derive(Debug)]
pub(super) struct Normaliser {
    /// `[features]`, or with conditions `[conditions, features]`.
    mean: Tensor,
    /// One over the scale, 0 for a feature that is ignored; of the same dimensions.
    inverse: Tensor,
    /// `[features, conditions]` and `[conditions]`: readings to the conditions' weights before softmax.
    conditions: Option<(Tensor, Tensor)>,
}

/// Constants of a normalisation by operating condition, as the network and the exported graph use them.
pub(crate) struct ConditionConstants {
    /// `[features, conditions]`: twice the sharpness times the centres, each divided by the squared scale.
    pub(crate) logits: Vec<f32>,
    /// `[conditions]`: minus the sharpness times the centres' squared lengths.
    pub(crate) bias: Vec<f32>,
    /// `[conditions, features]`.
    pub(crate) mean: Vec<f32>,
    /// `[conditions, features]`: one over the scale, 0 for a feature that is ignored.
    pub(crate) inverse: Vec<f32>,
}

impl ConditionConstants {
    /// The squared distance to a centre is the reading's squared length, which is the same for all centres and
    /// falls out of the softmax, less twice their product, plus the centre's squared length.
    pub(crate) fn new(scaler: &Scaler, conditions: &Conditions) -> Self {
        let (features, count) = (scaler.features.len(), conditions.list.len());
        let mut logits = vec![0.0; features * count];
        let mut bias = vec![0.0; count];
        for (place, condition) in conditions.list.iter().enumerate() {
            for (column, centre) in conditions.columns.iter().zip(&condition.centre) {
                let row = scaler.features.iter().position(|feature| feature.name == column.name);
                let weight = conditions.sharpness / (column.scale * column.scale);
                if let Some(row) = row {
                    logits[row * count + place] = (2.0 * weight * centre) as f32;
                }
                bias[place] -= weight * centre * centre;
            }
        }
        Self {
            logits,
            bias: bias.into_iter().map(|value| value as f32).collect(),
            mean: conditions.list.iter().flat_map(|each| each.mean.iter().map(|&mean| mean as f32)).collect(),
            inverse: conditions
                .list
                .iter()
                .flat_map(|each| each.scale.iter().zip(&scaler.features))
                .map(|(&scale, feature)| inverse(scale, feature))
                .collect(),
        }
    }
}

/// One over a scale, or 0 for a feature that is ignored.
fn inverse(scale: f64, feature: &FeatureScale) -> f32 {
    if feature.ignored { 0.0 } else { (1.0 / scale) as f32 }
}

/// Mean and one over the scale of each feature, where there is one operating condition.
pub(crate) fn single_condition(scaler: &Scaler) -> (Vec<f32>, Vec<f32>) {
    let number = |feature: &FeatureScale| (feature.mean as f32, inverse(feature.scale, feature));
    scaler.features.iter().map(number).unzip()
}

impl Normaliser {
    pub(super) fn new(scaler: &Scaler, device: Device) -> Self {
        let tensor = |values: &[f32], dims: &[i64]| Tensor::from_slice(values).view(dims).to_device(device);
        let features = scaler.features.len() as i64;
        if let Some(conditions) = &scaler.conditions {
            let count = conditions.list.len() as i64;
            let constants = ConditionConstants::new(scaler, conditions);
            return Self {
                mean: tensor(&constants.mean, &[count, features]),
                inverse: tensor(&constants.inverse, &[count, features]),
                conditions: Some((
                    tensor(&constants.logits, &[features, count]),
                    tensor(&constants.bias, &[count]),
                )),
            };
        }
        let (mean, inverse) = single_condition(scaler);
        Self { mean: tensor(&mean, &[features]), inverse: tensor(&inverse, &[features]), conditions: None }
    }

    /// Normalised readings of raw ones, `[…, features]` both.
    pub(super) fn apply(&self, readings: &Tensor) -> Tensor {
        let Some((logits, bias)) = &self.conditions else { return (readings - &self.mean) * &self.inverse };
        let weights = (readings.matmul(logits) + bias).softmax(-1, Some(Kind::Float));
        (readings - weights.matmul(&self.mean)) * weights.matmul(&self.inverse)
    }
}
