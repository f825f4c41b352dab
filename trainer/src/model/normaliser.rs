//! Raw readings to normalised ones, with the arithmetic of the exported graph.

use overhaul_bundle::scaler::{Conditions, Scaler};
use tch::{Device, Kind, Tensor};

/// What a scaler says, as tensors.
#[derive(Debug)]
pub(super) struct Normaliser {
    /// `[features]`, or with conditions `[conditions, features]`.
    mean: Tensor,
    /// One over the scale with conditions, else the scale.
    scale: Tensor,
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
    /// `[conditions, features]`: one over the scale.
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
        let all = |of: fn(&overhaul_bundle::scaler::Condition) -> &Vec<f64>, to: fn(f64) -> f32| {
            conditions
                .list
                .iter()
                .flat_map(|condition| of(condition).iter().map(|&value| to(value)))
                .collect()
        };
        Self {
            logits,
            bias: bias.into_iter().map(|value| value as f32).collect(),
            mean: all(|condition| &condition.mean, |value| value as f32),
            inverse: all(|condition| &condition.scale, |value| (1.0 / value) as f32),
        }
    }
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
                scale: tensor(&constants.inverse, &[count, features]),
                conditions: Some((
                    tensor(&constants.logits, &[features, count]),
                    tensor(&constants.bias, &[count]),
                )),
            };
        }
        let of = |number: fn(&overhaul_bundle::scaler::FeatureScale) -> f64| -> Vec<f32> {
            scaler.features.iter().map(|feature| number(feature) as f32).collect()
        };
        Self {
            mean: tensor(&of(|feature| feature.mean), &[features]),
            scale: tensor(&of(|feature| feature.scale), &[features]),
            conditions: None,
        }
    }

    /// Normalised readings of raw ones, `[…, features]` both.
    pub(super) fn apply(&self, readings: &Tensor) -> Tensor {
        let Some((logits, bias)) = &self.conditions else { return (readings - &self.mean) / &self.scale };
        let weights = (readings.matmul(logits) + bias).softmax(-1, Some(Kind::Float));
        (readings - weights.matmul(&self.mean)) * weights.matmul(&self.scale)
    }
}
