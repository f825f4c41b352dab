//! The test score: one number over all units, capped and raw.

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
    let score = score(&[125.0, 100.0, 20.0], &truth, 125.0, 80.0, &interval());
    assert_eq!((score.capped.rmse, score.capped.nasa_score, score.coverage_capped), (0.0, 0.0, 1.0));
    assert!((score.raw.rmse - (400.0f64 / 3.0).sqrt()).abs() < 1e-9);
    assert!((score.coverage_raw - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!((score.near_failure_units, score.near_failure_rmse), (1, Some(0.0)));
    assert!((score.constant_capped.mae - (45.0 + 20.0 + 60.0) / 3.0).abs() < 1e-6);
}

#[test]
fn a_slice_without_units_has_no_rmse() {
    assert_eq!(score(&[125.0], &[145.0], 125.0, 80.0, &interval()).near_failure_rmse, None);
}
