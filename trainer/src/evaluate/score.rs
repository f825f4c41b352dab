//! What one scoring of the test set says: one window for each unit, its last.

use overhaul_bundle::interval::Interval;
use serde::Serialize;

use super::{capped, mae, nasa_score, rmse};

/// Near failure: the slice of test units with at most this many cycles left.
pub const NEAR_FAILURE: f32 = 30.0;

/// Errors over some windows, predicted against true RUL.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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

/// Errors against labels with the ceiling of training, and against labels as they are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Both {
    /// Against capped labels.
    pub capped: Errors,
    /// Against labels as they are.
    pub raw: Errors,
}

impl Both {
    /// Of predictions against truths that are not capped.
    pub fn of(predicted: &[f32], truth: &[f32], rul_cap: f64) -> Self {
        Self { capped: Errors::of(predicted, &capped(truth, rul_cap)), raw: Errors::of(predicted, truth) }
    }
}

/// How well intervals hold the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// Units looked at, at least 1.
    pub units: usize,
    /// The share of units whose capped RUL lies in the interval.
    pub capped: f64,
    /// The share of units whose RUL as it is lies in the interval.
    pub raw: f64,
    /// The interval's mean width, in cycles.
    pub mean_width: f64,
}

impl Coverage {
    /// Of the intervals around predictions; `None` without any.
    pub fn of(predicted: &[f32], truth: &[f32], rul_cap: f64, interval: &Interval) -> Option<Self> {
        let ends: Vec<(f64, f64)> = predicted.iter().map(|&rul| interval.around(f64::from(rul))).collect();
        let share = |truth: &[f32]| {
            let inside = ends
                .iter()
                .zip(truth)
                .filter(|((low, high), left)| (*low..=*high).contains(&f64::from(**left)));
            inside.count() as f64 / ends.len() as f64
        };
        (!ends.is_empty()).then(|| Self {
            units: ends.len(),
            capped: share(&capped(truth, rul_cap)),
            raw: share(truth),
            mean_width: ends.iter().map(|(low, high)| high - low).sum::<f64>() / ends.len() as f64,
        })
    }
}

/// Units close to failure, where a wrong number costs most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NearFailure {
    /// How many there are.
    pub units: usize,
    /// Their RMSE in cycles; `None` if there are none.
    pub rmse: Option<f64>,
    /// Their MAE in cycles; `None` if there are none.
    pub mae: Option<f64>,
    /// How well the interval holds them; `None` without units or interval.
    pub coverage: Option<Coverage>,
}

/// What one scoring of the test set says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TestScore {
    /// Test units.
    pub units: usize,
    /// The model's errors against capped labels and labels as they are.
    #[serde(flatten)]
    pub errors: Both,
    /// The baseline's: a ridge regression on window statistics.
    pub ridge: Option<Both>,
    /// The best constant's on the training labels.
    pub constant: Option<Both>,
    /// The slice with at most [`NEAR_FAILURE`] cycles left.
    pub near_failure: NearFailure,
    /// How well the interval holds; `None` without one.
    pub coverage: Option<Coverage>,
}

/// What a model is compared with, as predictions of the same units.
#[derive(Debug, Clone, PartialEq)]
pub struct Baselines {
    /// The ridge regression's.
    pub ridge: Vec<f32>,
    /// The mean capped label of the training windows.
    pub constant: f32,
}

impl TestScore {
    /// Scores predictions of the test units against their cycles left, which are not capped.
    pub fn new(
        predicted: &[f32],
        truth: &[f32],
        rul_cap: f64,
        interval: Option<&Interval>,
        baselines: Option<&Baselines>,
    ) -> Self {
        let near = |values: &[f32]| -> Vec<f32> {
            let near = values.iter().zip(truth).filter(|&(_, &left)| left <= NEAR_FAILURE);
            near.map(|(&value, _)| value).collect()
        };
        let (near_predicted, near_truth) = (near(predicted), near(truth));
        let some = |value: f64| (!near_truth.is_empty()).then_some(value);
        let of = |predicted: &[f32]| Both::of(predicted, truth, rul_cap);
        Self {
            units: truth.len(),
            errors: of(predicted),
            ridge: baselines.map(|baselines| of(&baselines.ridge)),
            constant: baselines.map(|baselines| of(&vec![baselines.constant; truth.len()])),
            near_failure: NearFailure {
                units: near_truth.len(),
                rmse: some(rmse(&near_predicted, &near_truth)),
                mae: some(mae(&near_predicted, &near_truth)),
                coverage: interval
                    .and_then(|interval| Coverage::of(&near_predicted, &near_truth, rul_cap, interval)),
            },
            coverage: interval.and_then(|interval| Coverage::of(predicted, truth, rul_cap, interval)),
        }
    }

    /// True if the network's RMSE is below the ridge regression's; `None` without one.
    pub fn beats_ridge(&self) -> Option<bool> {
        self.ridge.map(|ridge| self.errors.capped.rmse < ridge.capped.rmse)
    }
}
