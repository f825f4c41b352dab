//! Which windows become golden vectors, and what the trained network answers to them.

use overhaul_bundle::golden::Golden;
use overhaul_bundle::scaler::Scaler;
use overhaul_bundle::window::last_window;
use tch::Tensor;

use crate::data::{FEATURES, Unit};
use crate::model::Network;

/// The largest difference between two ways to run a model that is taken for equal, in cycles.
pub const TOLERANCE: f32 = 1e-3;
/// Windows over the stages of life, from failure to new.
const STAGES: usize = 14;

/// Golden vectors from units that ran to failure: windows over all stages of life, windows that are padded
/// because only the first, or the first few, readings are there, and extremes: every column at its mean, at
/// six deviations above and below, and flying between the two.
pub fn golden(network: &Network, units: &[Unit], scaler: &Scaler) -> Golden {
    let length = network.shape().sequence_length;
    let up_to = |unit: &Unit, cycle: usize| last_window(&unit.readings[..cycle * FEATURES], FEATURES, length);
    let mut ends: Vec<(&Unit, usize)> =
        units.iter().flat_map(|unit| (1..=unit.cycles()).map(move |cycle| (unit, cycle))).collect();
    ends.sort_by_key(|(unit, cycle)| (unit.cycles() - cycle, unit.id));
    let stages = (0..STAGES.min(ends.len())).map(|stage| ends[stage * (ends.len() - 1) / (STAGES - 1)]);
    let padded =
        units.iter().take(1).flat_map(|unit| [(unit, 1), (unit, unit.cycles().min(length.div_ceil(6)))]);
    let mut windows: Vec<f32> = stages
        .chain(padded)
        .filter_map(|(unit, cycle)| up_to(unit, cycle))
        .flat_map(|window| window.values)
        .collect();
    let extremes: [fn(usize) -> f64; 4] =
        [|_| 0.0, |_| 6.0, |_| -6.0, |row| if row % 2 == 0 { 6.0 } else { -6.0 }];
    for deviations in extremes {
        for row in 0..length {
            windows.extend(scaler.features.iter().map(|f| (f.mean + deviations(row) * f.scale) as f32));
        }
    }
    let shape = [-1, length as i64, FEATURES as i64];
    let expected = network.predict(&Tensor::from_slice(&windows).view(shape).to_device(network.device()));
    Golden { sequence_length: length, features: FEATURES, windows, expected, tolerance: TOLERANCE }
}
