//! What was measured: scores, epochs, predictions.

/// One training run from one seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The seed of everything random.
    pub seed: u64,
    /// How good its weights are.
    pub score: Score,
}

/// Errors of one model: over all test units at once, one window each (the unit's last), in cycles.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Root of the mean squared error against labels capped as in training.
    pub rmse_capped: f64,
    /// Mean absolute error against capped labels.
    pub mae_capped: f64,
    /// NASA score against capped labels: a sum over the units, lower is better.
    pub nasa_score: f64,
    /// Root of the mean squared error against labels as they are.
    pub rmse_raw: f64,
    /// Mean absolute error against labels as they are.
    pub mae_raw: f64,
    /// RMSE over the units near failure; `None` if there are none.
    pub near_failure_rmse: Option<f64>,
    /// RMSE over the validation units' windows, capped labels; `None` if it was not measured.
    pub validation_rmse: Option<f64>,
}

/// One pass over the training windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Epoch {
    /// Mean training loss, in the loss's own unit.
    pub loss: f64,
    /// RMSE over the validation units' windows, capped labels, in cycles.
    pub validation_rmse: f64,
    /// The learning rate at the end of the epoch.
    pub learning_rate: Option<f64>,
}

/// What the model said of one window, and what came true.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Predicted RUL, in cycles.
    pub predicted: f64,
    /// True RUL as it is, without the cap, in cycles.
    pub truth: f64,
    /// The interval's lower and upper end, in cycles; `None` without calibration.
    pub ends: Option<(f64, f64)>,
}

impl Prediction {
    /// Predicted minus true RUL, with the cap on the truth: above 0 is late.
    pub(super) fn error(&self, rul_cap: f64) -> f64 {
        self.predicted - self.truth.min(rul_cap)
    }

    /// True if the model promised more cycles than there were: the dangerous side.
    pub(super) fn is_late(&self, rul_cap: f64) -> bool {
        self.error(rul_cap) > 0.0
    }

    /// Whether the interval holds a value; `None` without an interval.
    pub(super) fn holds(&self, value: f64) -> Option<bool> {
        self.ends.map(|(low, high)| (low..=high).contains(&value))
    }
}

/// The last window of a test unit.
#[derive(Debug, Clone, PartialEq)]
pub struct TestUnit {
    /// The unit's number in its file.
    pub unit: u32,
    /// The prediction.
    pub last: Prediction,
}

/// A unit from one of its cycles to another, one window for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// The unit's number in its file.
    pub unit: u32,
    /// The cycle at which the first window ends, from 1.
    pub first_cycle: u32,
    /// Predictions, one for each cycle from there on.
    pub windows: Vec<Prediction>,
}

/// What a calibrated interval promises.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The share of true RULs that it is made to hold, such as 0.9.
    pub level: f64,
    /// The inner edges of its bins of predicted RUL, in cycles, rising; none if it has one bin.
    pub edges: Vec<f64>,
}
