//! A trained network's interval and its one scoring on the test set.

use overhaul_bundle::interval::Interval;

use crate::data::{Dataset, Split, Unit, Windows};
use crate::evaluate::score::Baselines;
use crate::evaluate::{self, Residual, Ridge, TestScore};
use crate::model::Network;
use crate::train::{Settings, predict_all, validation_windows};

/// The interval from the calibration units, which nothing else has seen.
pub(super) fn interval(network: &Network, parts: &Split, rul_cap: f64) -> Interval {
    let residuals = |units: &[Unit]| -> Vec<Residual> {
        let windows = Windows::every_cycle(units, network.shape().sequence_length, network.device());
        let owners = units.iter().flat_map(|unit| std::iter::repeat_n(unit.id, unit.cycles()));
        let truths = evaluate::capped(&windows.labels(), rul_cap);
        let predicted = predict_all(network, &windows);
        owners
            .zip(predicted)
            .zip(truths)
            .map(|((unit, predicted), truth)| Residual { unit, predicted, truth })
            .collect()
    };
    evaluate::calibrate(&residuals(&parts.validation), &residuals(&parts.calibration), rul_cap)
}

/// What every model of a run is compared with on the test units: a ridge regression and a constant, fitted on
/// the training units. Only the window's length matters to them, not the network.
pub(super) fn baselines(
    network: &Network,
    settings: &Settings,
    dataset: &Dataset,
    parts: &Split,
) -> Baselines {
    let (length, device) = (settings.sequence_length, network.device());
    let normalised = |windows: Windows| windows.map_readings(|readings| network.normalise(readings));
    let train = normalised(Windows::every_cycle(&parts.train, length, device));
    let validation = normalised(validation_windows(&parts.validation, settings, device));
    let test = normalised(Windows::last_of_each(&dataset.test, &dataset.test_remaining, length, device));
    let ridge = Ridge::fit(&train, &validation, settings.rul_cap).predict(&test);
    let labels = evaluate::capped(&train.labels(), settings.rul_cap);
    Baselines { ridge, constant: labels.iter().sum::<f32>() / labels.len() as f32 }
}

/// Predicts the last window of each test unit, once.
pub(super) fn test_predictions(network: &Network, dataset: &Dataset) -> Vec<f32> {
    let length = network.shape().sequence_length;
    let windows = Windows::last_of_each(&dataset.test, &dataset.test_remaining, length, network.device());
    predict_all(network, &windows)
}

/// The score of those predictions.
pub(super) fn score(
    predicted: &[f32],
    dataset: &Dataset,
    rul_cap: f64,
    interval: &Interval,
    baselines: &Baselines,
) -> TestScore {
    TestScore::new(predicted, &dataset.test_remaining, rul_cap, Some(interval), Some(baselines))
}
