//! How good a model is: errors and scores over all test units at once, and its interval.

mod interval;
mod nasa;
mod rmse;

pub use interval::{LEVEL, Residual, calibrate, units_needed};
pub use nasa::nasa_score;
pub use rmse::{mae, rmse};

/// Near failure: the slice of test units with at most this many cycles left.
pub const NEAR_FAILURE: f32 = 30.0;

/// Errors over some windows, predicted against true RUL.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Errors {
    /// Root of the mean squared error, in cycles.
    pub rmse: f64,
    /// Mean absolute error, in cycles.
    pub mae: f64,
    /// NASA score: a sum over the windows, lower is better.
    pub nasa_score: f64,
}

impl Errors {
    /// The errors of predictions against truths, both in cycles, as many of one as of the other.
    pub fn of(predicted: &[f32], truth: &[f32]) -> Self {
        Self {
            rmse: rmse(predicted, truth),
            mae: mae(predicted, truth),
            nasa_score: nasa_score(predicted, truth),
        }
    }
}

/// What one scoring of the test set says: one window for each unit, its last.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct TestScore {
    /// Test units.
    pub units: usize,
    /// Against labels capped as in training.
    pub capped: Errors,
    /// Against labels as they are.
    pub raw: Errors,
    /// The constant that is best on the training labels, against capped labels.
    pub constant_capped: Errors,
    /// The same constant against labels as they are.
    pub constant_raw: Errors,
    /// Units with at most [`NEAR_FAILURE`] cycles left.
    pub near_failure_units: usize,
    /// Their RMSE in cycles; `None` if there are none.
    pub near_failure_rmse: Option<f64>,
    /// The share of units whose capped RUL lies in the interval.
    pub coverage_capped: f64,
    /// The share of units whose RUL as it is lies in the interval.
    pub coverage_raw: f64,
    /// The interval's mean width, in cycles.
    pub mean_width: f64,
}

/// Scores predictions of the test units. `constant` is the mean capped label of the training windows.
pub fn score(
    predicted: &[f32],
    truth: &[f32],
    rul_cap: f64,
    constant: f32,
    interval: &overhaul_bundle::interval::Interval,
) -> TestScore {
    let capped_truth = capped(truth, rul_cap);
    let constants = vec![constant; truth.len()];
    let near = |values: &[f32]| -> Vec<f32> {
        values.iter().zip(truth).filter(|&(_, &left)| left <= NEAR_FAILURE).map(|(&value, _)| value).collect()
    };
    let (near_predicted, near_truth) = (near(predicted), near(truth));
    let ends: Vec<(f64, f64)> = predicted.iter().map(|&rul| interval.around(f64::from(rul))).collect();
    let coverage = |truth: &[f32]| {
        let inside =
            ends.iter().zip(truth).filter(|((low, high), left)| (*low..=*high).contains(&f64::from(**left)));
        inside.count() as f64 / truth.len() as f64
    };
    TestScore {
        units: truth.len(),
        capped: Errors::of(predicted, &capped_truth),
        raw: Errors::of(predicted, truth),
        constant_capped: Errors::of(&constants, &capped_truth),
        constant_raw: Errors::of(&constants, truth),
        near_failure_units: near_truth.len(),
        near_failure_rmse: (!near_truth.is_empty()).then(|| rmse(&near_predicted, &near_truth)),
        coverage_capped: coverage(&capped_truth),
        coverage_raw: coverage(truth),
        mean_width: ends.iter().map(|(low, high)| high - low).sum::<f64>() / ends.len() as f64,
    }
}

/// Labels with the ceiling of training.
pub fn capped(labels: &[f32], rul_cap: f64) -> Vec<f32> {
    labels.iter().map(|&left| left.min(rul_cap as f32)).collect()
}

#[cfg(test)]
mod tests;
