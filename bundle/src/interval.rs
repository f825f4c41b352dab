//! `interval.json`: from a predicted RUL to an interval, by split conformal prediction.
//!
//! Residuals (true minus predicted, in cycles) of calibration units, used for nothing else, are
//! sorted into bins of predicted RUL; each bin stores the quantiles that hold the level (Lei et
//! al., "Distribution-Free Predictive Inference for Regression", 2018, with bins by prediction).

use serde::{Deserialize, Serialize};

use crate::{BundleError, Sha256Digest};

/// The file's name in a bundle.
pub const FILE: &str = "interval.json";

/// How to turn a point into an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The share of true RULs the interval is made to hold, such as 0.9.
    pub level: f64,
    /// Bins of predicted RUL, in rising order; the last has no upper edge.
    pub bins: Vec<Bin>,
    /// What the quantiles were computed on.
    pub calibration: Calibration,
}

/// Residual quantiles for one range of predicted RUL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The bin holds predictions below this, in cycles; `None` in the last bin.
    pub below: Option<f64>,
    /// The residual at the interval's lower end, in cycles; usually negative.
    pub lower: f64,
    /// The residual at the interval's upper end, in cycles.
    pub upper: f64,
}

/// The calibration set of an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Units in it.
    pub units: u32,
    /// Windows in it.
    pub windows: u64,
    /// Digest of its predictions and labels.
    pub sha256: Sha256Digest,
}

impl Interval {
    /// The interval's ends around a predicted RUL, in cycles; neither is below 0.
    pub fn around(&self, predicted: f64) -> (f64, f64) {
        let bin = self.bins.iter().find(|bin| bin.below.is_none_or(|below| predicted < below));
        let (lower, upper) = bin.map_or((0.0, 0.0), |bin| (bin.lower, bin.upper));
        ((predicted + lower).max(0.0), (predicted + upper).max(0.0))
    }

    /// Reads an interval from the bytes of `interval.json`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        let invalid = |problem: String| BundleError::invalid(FILE, problem);
        let interval: Self = serde_json::from_slice(bytes).map_err(|e| invalid(e.to_string()))?;
        if !(interval.level > 0.0 && interval.level < 1.0) {
            return Err(invalid(format!("level {} is not between 0 and 1", interval.level)));
        }
        let Some((last, others)) = interval.bins.split_last() else {
            return Err(invalid("it has no bins".to_owned()));
        };
        let rising = others.iter().all(|bin| bin.below.is_some())
            && others.is_sorted_by(|a, b| a.below < b.below)
            && last.below.is_none();
        if !rising {
            return Err(invalid("its bins' edges must rise, and only the last bin has none".to_owned()));
        }
        if let Some(bin) = interval.bins.iter().find(|bin| bin.lower > bin.upper) {
            return Err(invalid(format!(
                "a bin's lower end {} is above its upper end {}",
                bin.lower, bin.upper
            )));
        }
        Ok(interval)
    }

    /// The bytes of `interval.json`.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|e| BundleError::invalid(FILE, e))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(edges: &[Option<f64>]) -> Interval {
        Interval {
            level: 0.9,
            bins: edges.iter().map(|&below| Bin { below, lower: -8.0, upper: 6.0 }).collect(),
            calibration: Calibration { units: 10, windows: 100, sha256: Sha256Digest::of(b"") },
        }
    }

    #[test]
    fn each_prediction_takes_its_own_bin_and_no_end_is_negative() {
        let mut interval = interval(&[Some(20.0), None]);
        interval.bins[1] = Bin { below: None, lower: -20.0, upper: 15.0 };
        assert_eq!(interval.around(5.0), (0.0, 11.0));
        assert_eq!(interval.around(20.0), (0.0, 35.0));
        assert_eq!(interval.around(-9.0), (0.0, 0.0));
        assert_eq!(interval.around(100.0), (80.0, 115.0));
    }

    #[test]
    fn edges_that_do_not_rise_are_refused() {
        for edges in [&[][..], &[Some(1.0)], &[Some(2.0), Some(1.0), None], &[None, None]] {
            assert!(Interval::from_bytes(&interval(edges).to_bytes().unwrap()).is_err(), "{edges:?}");
        }
        let good = interval(&[Some(1.0), Some(2.0), None]);
        assert_eq!(Interval::from_bytes(&good.to_bytes().unwrap()).unwrap(), good);
    }
}
