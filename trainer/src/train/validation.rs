//! The windows that choose the epoch, and predictions of many windows.

use tch::Device;

use super::Settings;
use crate::data::{Unit, Windows};
use crate::model::Network;

/// Windows predicted at once outside training.
pub(crate) const PREDICTION_BATCH: usize = 1024;
/// Validation windows are those with at most this many caps of cycles left. Where a unit is cut off for
/// the test, late in its life, is where the choice matters; new machines all have the capped label.
const VALIDATION_REACH: f32 = 1.2;

/// Predicted RUL in cycles for all windows of raw readings, in their order.
pub(crate) fn predict_all(network: &Network, windows: &Windows) -> Vec<f32> {
    windows.batches(PREDICTION_BATCH).flat_map(|(readings, _)| network.predict(&readings)).collect()
}

/// Predicted RUL in cycles for all windows of normalised readings, in their order.
pub(super) fn predict_normalised(network: &Network, windows: &Windows) -> Vec<f32> {
    windows
        .batches(PREDICTION_BATCH)
        .flat_map(|(readings, _)| network.predict_normalised(&readings))
        .collect()
}

/// Whether a window with so many cycles left has a say in validation.
fn is_within_reach(left: f32, rul_cap: f64) -> bool {
    left <= VALIDATION_REACH * rul_cap as f32
}

/// The windows that choose the epoch: each cycle of a validation unit's later life.
pub(crate) fn validation_windows(units: &[Unit], settings: &Settings, device: Device) -> Windows {
    let rul_cap = settings.rul_cap;
    Windows::new(units, settings.sequence_length, device, |unit| {
        units[unit].remaining().map(move |left| is_within_reach(left, rul_cap).then_some(left))
    })
}

/// The same windows by their places: the cycles left after each, and `(unit, cycles)`.
pub(crate) fn validation_labels_and_ends(units: &[Unit], rul_cap: f64) -> (Vec<f32>, Vec<(usize, usize)>) {
    let places = units
        .iter()
        .enumerate()
        .flat_map(|(unit, of)| of.remaining().zip(1..).map(move |(left, cycles)| (left, (unit, cycles))));
    places.filter(|(left, _)| is_within_reach(*left, rul_cap)).unzip()
}
