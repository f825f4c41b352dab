//! Parameters, tags and metrics as `MLflow`'s JSON holds them.

use std::fmt::Display;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A parameter or a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name: letters, digits, `_ - . / :` and spaces, at most 250.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Entry {
    /// A parameter or tag.
    pub fn new(key: impl Into<String>, value: impl Display) -> Self {
        Self { key: key.into(), value: value.to_string() }
    }
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// Its name, as for [`Entry::key`].
    pub key: String,
    /// Its value; not a number and the infinities are values too.
    #[serde(serialize_with = "number")]
    pub value: f64,
    /// When it was measured; `MLflow` keeps milliseconds.
    #[serde(serialize_with = "milliseconds")]
    pub timestamp: Timestamp,
    /// The epoch, or whatever else the run counts.
    pub step: i64,
}

impl Metric {
    /// A metric at a step, measured now.
    pub fn now(key: impl Into<String>, value: f64, step: i64) -> Self {
        Self { key: key.into(), value, timestamp: Timestamp::now(), step }
    }
}

/// Numbers that JSON has no digits for are strings, as in protocol buffers' JSON mapping, which
/// `MLflow` reads its requests with.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn number<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    if value.is_nan() {
        to.serialize_str("NaN")
    } else if value.is_infinite() {
        to.serialize_str(if *value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        to.serialize_f64(*value)
    }
}

pub(super) fn milliseconds<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(time.as_millisecond())
}
