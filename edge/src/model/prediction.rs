//! From the model's number to an answer with an interval.

use overhaul_bundle::interval::Interval;
use overhaul_bundle::{Metadata, VersionNumber};
use serde::Serialize;

/// What is answered for one window. All of it comes from one version.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Prediction {
    /// The remaining useful life, in cycles, at least 0.
    pub predicted_rul: f32,
    /// True when the model answered less than 0, which no remaining life is, and 0 is said instead.
    pub clamped: bool,
    /// The version that answered; `None` for a bundle that was never published.
    pub model_version: Option<VersionNumber>,
    /// Its architecture, such as `GRU`.
    pub model_type: String,
    /// Where the true RUL lies with the interval's level; `None` when the version has no calibrated interval.
    pub confidence_interval: Option<ConfidenceInterval>,
    /// How many of the window's oldest rows repeat the oldest reading, because there are fewer
    /// readings than the model's window has.
    pub padded_rows: usize,
}

/// An interval around a prediction, in cycles.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ConfidenceInterval {
    /// The lower end, at least 0.
    pub lower: f32,
    /// The upper end, at least 0.
    pub upper: f32,
    /// The share of true RULs it is made to hold, such as 0.9.
    pub level: f64,
}

impl Prediction {
    pub(super) fn new(
        metadata: &Metadata,
        interval: Option<&Interval>,
        rul: f32,
        padded_rows: usize,
    ) -> Self {
        Self {
            predicted_rul: rul.max(0.0),
            clamped: rul < 0.0,
            model_version: metadata.version,
            model_type: metadata.model_type.clone(),
            confidence_interval: interval.map(|interval| {
                let (lower, upper) = interval.around(f64::from(rul));
                ConfidenceInterval { lower: lower as f32, upper: upper as f32, level: interval.level }
            }),
            padded_rows,
        }
    }
}
