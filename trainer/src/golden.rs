//! Which windows become golden vectors, and what the trained network answers to them.

use overhaul_bundle::golden::Golden;
use overhaul_bundle::scaler::Scaler;
use overhaul_bundle::window::last_window;
use tch::Tensor;

use crate::data::Unit;
use crate::model::Network;

/// The largest difference between two ways to run a model that is taken for equal, in cycles.
pub const TOLERANCE: f32 = 1e-3;
/// Windows over the stages of life, from failure to new.
const STAGES: usize = 14;

/// Golden vectors from units that ran to failure: windows over all stages of life, windows that are padded
/// because only the first, or the first few, readings are there, and extremes in each operating condition: every
/// column at its mean, at six deviations above and below, flying between the two, and drifting from the one to
/// the other. Without units, as for a model from elsewhere, the extremes are all.
pub fn golden(network: &Network, units: &[Unit], scaler: &Scaler) -> Golden {
    let shape = network.shape();
    let (length, features) = (shape.sequence_length, shape.features);
    let up_to = |unit: &Unit, cycle: usize| last_window(&unit.readings[..cycle * features], features, length);
    let mut ends: Vec<(&Unit, usize)> =
        units.iter().flat_map(|unit| (1..=unit.cycles()).map(move |cycle| (unit, cycle))).collect();
    ends.sort_by_key(|(unit, cycle)| (unit.cycles() - cycle, unit.id));
    let count = STAGES.min(ends.len());
    let stages = (0..count).map(|stage| ends[stage * (ends.len() - 1) / count.max(2).saturating_sub(1)]);
    let padded =
        units.iter().take(1).flat_map(|unit| [(unit, 1), (unit, unit.cycles().min(length.div_ceil(6)))]);
    let mut windows: Vec<f32> = stages
        .chain(padded)
        .filter_map(|(unit, cycle)| up_to(unit, cycle))
        .flat_map(|window| window.values)
        .collect();
    for (mean, scale) in levels(scaler) {
        let through = |row: usize| row as f64 / length.max(2).saturating_sub(1) as f64;
        let extremes: [&dyn Fn(usize) -> f64; 5] =
            [&|_| 0.0, &|_| 6.0, &|_| -6.0, &|row| if row % 2 == 0 { 6.0 } else { -6.0 }, &|row| {
                6.0 - 12.0 * through(row)
            }];
        for deviations in extremes {
            for row in 0..length {
                windows.extend(
                    mean.iter().zip(&scale).map(|(mean, scale)| (mean + deviations(row) * scale) as f32),
                );
            }
        }
    }
    let dims = [-1, length as i64, features as i64];
    let expected = network.predict(&Tensor::from_slice(&windows).view(dims).to_device(network.device()));
    Golden { sequence_length: length, features, windows, expected, tolerance: TOLERANCE }
}

/// Means and scales in each operating condition. What tells the condition stays at its centre: between
/// two conditions a reading belongs to neither.
fn levels(scaler: &Scaler) -> Vec<(Vec<f64>, Vec<f64>)> {
    let Some(conditions) = &scaler.conditions else {
        return vec![scaler.features.iter().map(|feature| (feature.mean, feature.scale)).unzip()];
    };
    let place = |name: &String| scaler.features.iter().position(|feature| feature.name == *name);
    let own = conditions.list.iter().map(|condition| {
        let (mut mean, mut scale) = (condition.mean.clone(), condition.scale.clone());
        for (column, centre) in conditions.columns.iter().zip(&condition.centre) {
            if let Some(place) = place(&column.name) {
                (mean[place], scale[place]) = (*centre, 0.0);
            }
        }
        (mean, scale)
    });
    own.collect()
}
