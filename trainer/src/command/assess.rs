//! A trained network's interval and its one scoring on the test set.

use overhaul_bundle::interval::Interval;

use crate::data::{Dataset, Split, Unit, Windows};
use crate::evaluate::{self, Residual, TestScore};
use crate::model::Network;
use crate::train::predict_all;

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

/// Predicts the last window of each test unit, once.
pub(super) fn score(
    network: &Network,
    dataset: &Dataset,
    parts: &Split,
    interval: &Interval,
    rul_cap: f64,
) -> TestScore {
    let length = network.shape().sequence_length;
    let windows = Windows::last_of_each(&dataset.test, &dataset.test_remaining, length, network.device());
    let labels: Vec<f32> = parts.train.iter().flat_map(Unit::remaining).collect();
    let labels = evaluate::capped(&labels, rul_cap);
    let constant = labels.iter().sum::<f32>() / labels.len() as f32;
    evaluate::score(&predict_all(network, &windows), &dataset.test_remaining, rul_cap, constant, interval)
}
