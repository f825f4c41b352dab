//! What is answered about units, as JSON.

use jiff::Timestamp;
use overhaul_bundle::{UnitId, VersionNumber};
use serde::Serialize;
use utoipa::ToSchema;

use super::alert::Alert;
use super::history::{Point, Trend};
#[allow(unused_imports, reason = "its schema is that of `Marks`")]
use super::marks::{Mark, Marks};
use super::prepare::Findings;
use super::rules::Taken;
use super::unit::Unit;
use super::versions::Versions;
use crate::model::{ConfidenceInterval, Prediction};

/// The answer to readings.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnitAnswer {
    /// The unit.
    pub unit: UnitId,
    /// Its newest cycle, which the prediction is for.
    pub cycle: u64,
    /// The prediction.
    #[serde(flatten)]
    pub prediction: Prediction,
    /// The smoothed RUL, in cycles, if that is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smoothed_rul: Option<f32>,
    /// The unit's alert.
    pub alert: Alert,
    /// Readings of this body that were taken.
    pub accepted: usize,
    /// What is to be said of the readings and of the window.
    pub flags: Flags,
    /// What to do about it, if anything is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What is to be said of the readings of one body, in numbers, and of the window, by column.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Flags {
    /// What became of the readings.
    #[serde(flatten)]
    pub taken: Taken,
    /// What was found in the window.
    #[serde(flatten)]
    pub findings: Findings,
}

/// A unit in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnitSummary {
    /// The unit.
    pub unit: UnitId,
    /// Its newest cycle.
    pub cycle: u64,
    /// The RUL at that cycle, in cycles.
    pub predicted_rul: f32,
    /// The version that predicted it.
    pub model_version: Option<VersionNumber>,
    /// Where the true RUL lies with the interval's level.
    pub confidence_interval: Option<ConfidenceInterval>,
    /// The smoothed RUL, in cycles, if that is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smoothed_rul: Option<f32>,
    /// The alert.
    pub alert: Alert,
    /// What was to be said of the last answer.
    #[schema(value_type = Vec<Mark>)]
    pub flags: Marks,
    /// When readings were taken last.
    pub last_seen: Timestamp,
}

/// A unit with its history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnitDetail {
    #[serde(flatten)]
    summary: UnitSummary,
    /// Readings that are kept.
    readings: usize,
    /// The oldest cycle of these.
    oldest_cycle: Option<u64>,
    /// How the RUL changes over `history`; `None` with fewer than two predictions.
    trend: Option<Trend>,
    /// Oldest first.
    history: Vec<HistoryPoint>,
}

/// A prediction of the past.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
struct HistoryPoint {
    /// The cycle that was predicted at.
    cycle: u64,
    /// The RUL, in cycles.
    rul: f32,
    /// The interval's lower end, in cycles.
    lower: Option<f32>,
    /// The interval's upper end, in cycles.
    upper: Option<f32>,
    /// The version that predicted.
    version: Option<VersionNumber>,
}

impl UnitSummary {
    /// A unit in a list; `None` for one without an answer.
    pub fn new(name: UnitId, unit: &Unit, versions: &Versions) -> Option<Self> {
        let (last, point) = (unit.last?, unit.history.last()?);
        let version = versions.get(point.version);
        let level = version.as_ref().and_then(|version| version.level);
        let interval = point.interval.zip(level);
        Some(Self {
            unit: name,
            cycle: last.cycle,
            predicted_rul: point.rul,
            model_version: version.and_then(|version| version.number),
            confidence_interval: interval.map(|((lower, upper), level)| ConfidenceInterval {
                lower,
                upper,
                level,
            }),
            smoothed_rul: last.smoothed,
            alert: last.alert,
            flags: last.marks,
            last_seen: last.at,
        })
    }
}

impl UnitDetail {
    /// A unit with its history; `None` for one without an answer.
    pub fn new(name: UnitId, unit: &Unit, versions: &Versions) -> Option<Self> {
        let point = |point: &Point| HistoryPoint {
            cycle: point.cycle,
            rul: point.rul,
            lower: point.interval.map(|(lower, _)| lower),
            upper: point.interval.map(|(_, upper)| upper),
            version: versions.get(point.version).and_then(|version| version.number),
        };
        Some(Self {
            summary: UnitSummary::new(name, unit, versions)?,
            readings: unit.kept.len(),
            oldest_cycle: unit.kept.oldest(),
            trend: unit.history.trend(),
            history: unit.history.points().iter().map(point).collect(),
        })
    }
}
