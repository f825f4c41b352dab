//! The test score: one number over all units, capped and raw.

use super::score::Baselines;
use super::*;
use overhaul_bundle::Sha256Digest;
use overhaul_bundle::interval::{Bin, Calibration, Interval};

fn interval() -> Interval {
    Interval {
        level: 0.9,
        bins: vec![Bin { below: None, lower: -10.0, upper: 10.0 }],
        calibration: Calibration { units: 10, windows: 10, sha256: Sha256Digest::of(b"") },
    }
}

#[test]
fn a_perfect_capped_predictor_is_perfect_against_capped_labels_only() {
    let truth = [145.0, 100.0, 20.0];
    let baselines = Baselines { ridge: vec![120.0, 100.0, 20.0], constant: 80.0 };
    let score = TestScore::new(&[125.0, 100.0, 20.0], &truth, 125.0, Some(&interval()), Some(&baselines));
    assert_eq!((score.errors.capped.rmse, score.errors.capped.nasa_score), (0.0, 0.0));
    assert!((score.errors.raw.rmse - (400.0f64 / 3.0).sqrt()).abs() < 1e-9);
    let coverage = score.coverage.unwrap();
    assert!((coverage.capped - 1.0).abs() < 1e-9 && (coverage.raw - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!((score.near_failure.units, score.near_failure.rmse), (1, Some(0.0)));
    assert_eq!(score.near_failure.coverage.unwrap().units, 1);
    assert!((score.constant.unwrap().capped.mae - (45.0 + 20.0 + 60.0) / 3.0).abs() < 1e-6);
    assert_eq!(score.beats_ridge(), Some(true));
}

#[test]
fn a_slice_without_units_has_no_rmse() {
    let score = TestScore::new(&[125.0], &[145.0], 125.0, Some(&interval()), None);
    assert_eq!((score.near_failure.rmse, score.near_failure.coverage), (None, None));
    assert_eq!(score.beats_ridge(), None);
}

#[test]
fn a_network_that_does_not_beat_the_ridge_is_said_not_to() {
    let baselines = Baselines { ridge: vec![99.0], constant: 80.0 };
    assert_eq!(TestScore::new(&[90.0], &[100.0], 125.0, None, Some(&baselines)).beats_ridge(), Some(false));
}
