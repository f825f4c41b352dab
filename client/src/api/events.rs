//! What can happen on a gateway: the events that its reports tell.
//!
//! All numbers are finite: one that is not has no spelling in JSON. RUL and its bounds are in cycles, latencies in
//! milliseconds, shares from 0 to 1. A later release may add kinds and fields; the registry keeps what it does not
//! know as it came.

use jiff::Timestamp;
use overhaul_bundle::{Alias, ModelName, Sha256Digest, VersionNumber};
use serde::{Deserialize, Serialize};

/// What happened on a gateway; `kind` says which of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The agent started.
    Started(Started),
    /// A version runs from now on.
    Activated(Activated),
    /// A version does not run here.
    Refused(Refused),
    /// The version that ran failed too often, and the one before it runs again.
    FellBack(FellBack),
    /// What was predicted in an interval of time, summed up.
    Predictions(PredictionSummary),
    /// One prediction: all of them are reported, or a sample.
    Prediction(SinglePrediction),
    /// What the readings of an interval of time were like, beside the training's.
    Statistics(Statistics),
    /// How a candidate did on the same windows as what runs.
    Shadow(Shadow),
    /// A unit's lower bound fell to the threshold, or rose above it again.
    Alert(Alert),
    /// Reports were thrown away.
    Dropped(Dropped),
}

impl Event {
    /// Its kind, as the wire spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::Activated(_) => "activated",
            Self::Refused(_) => "refused",
            Self::FellBack(_) => "fell_back",
            Self::Predictions(_) => "predictions",
            Self::Prediction(_) => "prediction",
            Self::Statistics(_) => "statistics",
            Self::Shadow(_) => "shadow",
            Self::Alert(_) => "alert",
            Self::Dropped(_) => "dropped",
        }
    }
}

/// How much a report is worth where there is not room for all: those of the least weight go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A `prediction`, of which there are many.
    Sample,
    /// What sums many up, alerts, and kinds that this release does not know.
    Summary,
    /// What changed on the gateway: `started`, `activated`, `refused`, `fell_back`, and `dropped`.
    Change,
}

impl Weight {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Sample, Self::Summary, Self::Change];

    /// That of a report by its event's kind.
    pub fn of(kind: &str) -> Self {
        match kind {
            "prediction" => Self::Sample,
            "started" | "activated" | "refused" | "fell_back" | "dropped" => Self::Change,
            _ => Self::Summary,
        }
    }
}

/// A version by its bundle, and by its number where the gateway knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionId {
    /// Its number.
    #[serde(default)]
    pub version: Option<VersionNumber>,
    /// Its bundle: the digest of the manifest's bytes.
    pub bundle_sha256: Sha256Digest,
}

/// The agent started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Started {
    /// The agent's release, such as `0.1.0`.
    pub agent_version: String,
    /// The machine, such as `x86_64-linux`.
    pub platform: String,
    /// The registered model that it follows.
    pub model: ModelName,
    /// The alias that it follows.
    pub alias: Alias,
}

/// A version runs from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activated {
    /// What runs.
    pub running: VersionId,
    /// What ran before it since the agent started.
    #[serde(default)]
    pub previous: Option<VersionId>,
    /// What made it run.
    pub cause: Cause,
}

/// What made a version run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The alias points at it.
    Alias,
    /// It ran when the agent stopped.
    Resume,
    /// The version after it failed too often, or did not start.
    Fallback,
    /// A person asked for it on the gateway.
    Operator,
}

/// A version does not run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refused {
    /// The version.
    pub refused: VersionId,
    /// Why, in one line.
    pub reason: String,
    /// Whether the version itself is to blame, so that trying it again is of no use.
    pub lasting: bool,
}

/// The version that ran failed too often, and the one before it runs again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FellBack {
    /// What failed; it is refused until a person says otherwise.
    pub from: VersionId,
    /// What runs again.
    pub to: VersionId,
    /// Why, in one line.
    pub reason: String,
    /// How many predictions the failed version was asked for.
    pub predictions: u64,
    /// How many of them failed.
    pub failures: u64,
}

/// What was predicted in an interval of time, summed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionSummary {
    /// What predicted.
    pub running: VersionId,
    /// Where the interval begins, by the gateway's clock.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// How many predictions were asked for.
    pub count: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many answers were clamped to what a RUL can be.
    pub clamped: u64,
    /// The answers, in cycles; `None` when there were none.
    #[serde(default)]
    pub rul: Option<RulQuantiles>,
    /// How long predicting took; `None` when nothing was predicted.
    #[serde(default)]
    pub latency: Option<Latency>,
}

/// How predicted RULs are spread, in cycles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RulQuantiles {
    /// The smallest.
    pub min: f64,
    /// A tenth is not above it.
    pub p10: f64,
    /// The median.
    pub p50: f64,
    /// A tenth is not below it.
    pub p90: f64,
    /// The largest.
    pub max: f64,
}

/// How long something took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Latency {
    /// The median, in milliseconds.
    pub p50: f64,
    /// 99 of 100 took at most this, in milliseconds.
    pub p99: f64,
}

/// One prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SinglePrediction {
    /// The unit.
    pub unit: String,
    /// Its cycle: that of the window's last reading.
    pub cycle: u64,
    /// The version that predicted.
    #[serde(default)]
    pub version: Option<VersionNumber>,
    /// The RUL, in cycles.
    pub rul: f32,
    /// The interval's lower bound, in cycles.
    #[serde(default)]
    pub lower: Option<f32>,
    /// The interval's upper bound, in cycles.
    #[serde(default)]
    pub upper: Option<f32>,
    /// What was odd about the window, such as `padded`.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// What the readings of an interval of time were like, beside the training's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Statistics {
    /// The version whose training they are compared with.
    pub running: VersionId,
    /// Where the interval begins, by the gateway's clock.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// How many readings came.
    pub readings: u64,
    /// Of how many units.
    pub units: u64,
    /// Each feature, in the order of the model's input.
    pub features: Vec<FeatureStatistics>,
    /// How often intervals held what came true; `None` while no end of life is known.
    #[serde(default)]
    pub coverage: Option<Coverage>,
}

/// What one feature's values were like. Values are in the feature's own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureStatistics {
    /// Its name, such as `sensor_11`.
    pub name: String,
    /// How many values came that were measured, and finite.
    pub count: u64,
    /// Their mean; `None` without values.
    #[serde(default)]
    pub mean: Option<f64>,
    /// Their sample variance (divided by `count - 1`); `None` for fewer than two values.
    #[serde(default)]
    pub variance: Option<f64>,
    /// How they are spread; `None` without values.
    #[serde(default)]
    pub quantiles: Option<FeatureQuantiles>,
    /// The population stability index against the training's values, at least 0; `None` where there are too few
    /// values, or the bundle does not say what the training's were.
    #[serde(default)]
    pub psi: Option<f64>,
    /// The share of readings in which the value was missing and another was put in its place, 0 to 1.
    pub imputed: f64,
    /// The share of readings in which the value lay far outside of the training's, 0 to 1.
    pub wild: f64,
}

/// How a feature's values are spread, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureQuantiles {
    /// One of 20 is not above it.
    pub p05: f64,
    /// A quarter is not above it.
    pub p25: f64,
    /// The median.
    pub p50: f64,
    /// A quarter is not below it.
    pub p75: f64,
    /// One of 20 is not below it.
    pub p95: f64,
}

/// How often intervals held what came true, over units whose end of life is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Coverage {
    /// How many predictions had an interval.
    pub predictions: u64,
    /// How many of those intervals held the true RUL.
    pub covered: u64,
    /// The share that the intervals were made for, such as 0.9.
    pub level: f64,
}

/// How a candidate did on the same windows as what runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shadow {
    /// The version that is tried.
    pub candidate: VersionId,
    /// The version that runs.
    pub production: VersionId,
    /// Where the interval begins, by the gateway's clock.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// How many windows both predicted.
    pub windows: u64,
    /// On how many windows the candidate failed.
    pub failures: u64,
    /// How many windows the candidate left out to stay within its budget.
    pub skipped: u64,
    /// How far they are apart; `None` when both predicted no window.
    #[serde(default)]
    pub divergence: Option<Divergence>,
    /// The units that they are furthest apart on, the worst first; at most 10.
    pub worst: Vec<UnitDivergence>,
    /// How long the candidate took; `None` when it predicted nothing.
    #[serde(default)]
    pub candidate_latency: Option<Latency>,
    /// How long what runs took; `None` when it predicted nothing.
    #[serde(default)]
    pub production_latency: Option<Latency>,
}

/// How far two versions' RULs are apart on the same windows: the size of the difference, in cycles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Divergence {
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// Nine of 10 are not above it.
    pub p90: f64,
    /// 99 of 100 are not above it.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

/// How far two versions are apart on one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitDivergence {
    /// The unit.
    pub unit: String,
    /// The candidate's RUL less that of what runs where they are furthest apart, in cycles.
    pub difference: f64,
}

/// A unit's lower bound fell to the threshold, or rose above it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// The unit.
    pub unit: String,
    /// Its cycle.
    pub cycle: u64,
    /// Whether the alert is raised, or withdrawn.
    pub raised: bool,
    /// The interval's lower bound, in cycles.
    pub lower: f32,
    /// The threshold, in cycles.
    pub threshold: f32,
    /// The version that predicted.
    #[serde(default)]
    pub version: Option<VersionNumber>,
}

/// Reports were thrown away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dropped {
    /// How many; `None` when nobody knows.
    #[serde(default)]
    pub count: Option<u64>,
    /// When the first of them happened, by the gateway's clock.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// When the last of them happened.
    #[serde(default)]
    pub to: Option<Timestamp>,
    /// Why.
    pub reason: DropReason,
}

/// Why reports were thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// The gateway's queue was full.
    Full,
    /// They came faster than the gateway could write them, or its disk took no more.
    Unwritten,
    /// The registry refused them.
    Refused,
    /// The queue on the gateway's disk could not be read.
    Unreadable,
}
