//! What can be set about units, and what it is unless it is set: the table `[units]` of the settings' file.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer, de};

/// What can be set about units.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct UnitSettings {
    /// The most units that are kept; another one is refused. 100,000.
    #[serde(deserialize_with = "count")]
    pub max_units: usize,
    /// Readings and predictions that are kept of each unit, at least; a model whose window is longer keeps as many
    /// readings as its window has. 64.
    #[serde(deserialize_with = "count")]
    pub kept: usize,
    /// How many cycles a reading may lie ahead of the unit's newest one; what is further ahead is taken for a
    /// mistake, since all that came after it would be too old. 1,000,000.
    #[serde(deserialize_with = "cycles")]
    pub max_ahead: u64,
    /// The share of the columns that the model looks at which may be missing in a unit's newest reading. 0.25.
    #[serde(deserialize_with = "share")]
    pub max_missing: f64,
    /// A value further than this from its training mean, in standard deviations, is called wild. 6: clean C-MAPSS
    /// data stays below 4.1.
    #[serde(deserialize_with = "deviations")]
    pub wild: f64,
    /// How predictions are smoothed; not at all by default.
    pub smoothing: Option<Smoothing>,
    /// When a unit's alert is raised and cleared.
    pub alert: AlertSettings,
}

/// The filter "remaining life falls by one each cycle": see [`super::smooth`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Smoothing {
    /// How much of the difference between what the model says and what the fall by one foretells is taken, above 0
    /// and at most 1. 0.3.
    #[serde(deserialize_with = "gain")]
    pub gain: f32,
}

impl Default for Smoothing {
    fn default() -> Self {
        Self { gain: 0.3 }
    }
}

/// When a unit's alert is raised and cleared: see [`super::alert`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AlertSettings {
    /// Raised when the interval's lower end is below this, in cycles. 30.
    #[serde(deserialize_with = "bound")]
    pub threshold: f32,
    /// Cleared when the lower end is above `threshold` plus this, in cycles. 10.
    #[serde(deserialize_with = "bound")]
    pub margin: f32,
    /// So many predictions in a row must agree. 2.
    #[serde(deserialize_with = "times")]
    pub consecutive: u8,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { threshold: 30.0, margin: 10.0, consecutive: 2 }
    }
}

impl Default for UnitSettings {
    fn default() -> Self {
        Self {
            max_units: 100_000,
            kept: 64,
            max_ahead: 1_000_000,
            max_missing: 0.25,
            wild: 6.0,
            smoothing: None,
            alert: AlertSettings::default(),
        }
    }
}

/// A value of a range.
fn within<'de, D: Deserializer<'de>, T: Deserialize<'de> + PartialOrd + Display>(
    deserializer: D,
    range: &RangeInclusive<T>,
) -> Result<T, D::Error> {
    let value = T::deserialize(deserializer)?;
    if range.contains(&value) {
        return Ok(value);
    }
    let (least, most) = (range.start(), range.end());
    Err(de::Error::custom(format!("{value} is out of range; use {least} to {most}")))
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    within(deserializer, &(1..=1_000_000))
}

fn cycles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(deserializer, &(1..=1_000_000_000))
}

fn times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    within(deserializer, &(1..=100))
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, &(0.0..=1.0))
}

fn deviations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, &(1.0..=1000.0))
}

fn gain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    within(deserializer, &(0.01..=1.0))
}

fn bound<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    within(deserializer, &(0.0..=100_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<UnitSettings, String> {
        toml::from_str(text).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn what_is_not_set_stays_as_it_is() {
        assert_eq!(read("").unwrap(), UnitSettings::default());
        let set = read("max-units = 500\nsmoothing = {}\nalert.threshold = 20\nwild = 8\n").unwrap();
        assert_eq!((set.max_units, set.wild), (500, 8.0));
        assert_eq!(set.smoothing, Some(Smoothing { gain: 0.3 }));
        assert_eq!(set.alert, AlertSettings { threshold: 20.0, ..AlertSettings::default() });
        assert_eq!(set.kept, UnitSettings::default().kept);
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        for (text, problem) in [
            ("max-units = 0", "0 is out of range; use 1 to 1000000"),
            ("max-missing = 1.5", "1.5 is out of range; use 0 to 1"),
            ("wild = nan", "NaN is out of range; use 1 to 1000"),
            ("smoothing.gain = 2.0", "2 is out of range; use 0.01 to 1"),
            ("alert.consecutive = 0", "0 is out of range; use 1 to 100"),
            ("alert.margin = -1.0", "-1 is out of range; use 0 to 100000"),
        ] {
            assert_eq!(read(text).unwrap_err(), problem, "{text}");
        }
        assert!(read("kep = 1").unwrap_err().contains("unknown field `kep`"));
    }
}
