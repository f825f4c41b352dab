//! From points to intervals: split conformal prediction by bins of predicted RUL, calibrated by unit.
//!
//! Two steps, per bin. The validation units' residuals (true minus predicted) give a first band, their 5 %
//! and 95 % quantiles, which need not be right. Then each window of the calibration units says by how
//! much its residual lies outside that band (below 0 if inside), as in conformalized quantile regression
//! (Romano et al., 2019), and the band is widened by a quantile of that.
//!
//! Windows of one unit are alike, so units are what is counted, each with the same weight however many windows
//! it has (Lee, Barber and Willett, "Distribution-free inference with hierarchical data", 2023). Their
//! bound for finite samples holds more than the level, with 15 units 94 % for 90 %; here the quantile is the one
//! that holds the level for units left out in turn, which is right on average and promises no more.

use std::collections::BTreeMap;

use overhaul_bundle::Sha256Digest;
use overhaul_bundle::interval::{Bin, Calibration, Interval};

use widen::{Outside, widen};

mod widen;

/// The share of true RULs that the interval is made to hold.
pub const LEVEL: f64 = 0.9;
/// Edges of the bins of predicted RUL, as shares of the cap: finer near failure, where it matters.
const EDGES: [f64; 6] = [0.1, 0.2, 0.35, 0.5, 0.7, 0.9];

/// A window's prediction and truth, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Residual {
    /// The unit that the window is of.
    pub unit: u32,
    /// Predicted RUL in cycles.
    pub predicted: f32,
    /// True RUL in cycles, with the cap of training.
    pub truth: f32,
}

impl Residual {
    fn value(&self) -> f64 {
        f64::from(self.truth) - f64::from(self.predicted)
    }
}

/// The fewest units in a bin for which a level can be told: of `K` units one more is held by `K / (K + 1)` at most.
pub fn units_needed(level: f64) -> usize {
    (level / (1.0 - level) - 1e-9).ceil() as usize
}

/// The interval of a model whose residuals these are. Neighbouring bins are joined until each has
/// [`units_needed`] units; with fewer calibration units than that in all, the widest residual is
/// taken and the level cannot be promised.
pub fn calibrate(validation: &[Residual], calibration: &[Residual], rul_cap: f64) -> Interval {
    let needed = units_needed(LEVEL).min(units(calibration).len());
    let mut bins = Vec::new();
    let mut from = f64::NEG_INFINITY;
    let ends = EDGES.iter().map(|edge| edge * rul_cap).chain([f64::INFINITY]);
    for end in ends {
        let enough = |from: f64, to: f64| units(&within(calibration, from, to)).len() >= needed;
        // The rest above must be enough for a bin too, or it stays with this one.
        let last = end == f64::INFINITY;
        if last || (enough(from, end) && enough(end, f64::INFINITY)) {
            let (lower, upper) = band(&within(validation, from, end), &within(calibration, from, end));
            bins.push(Bin { below: (!last).then_some(end), lower, upper });
            from = end;
        }
    }
    let bytes: Vec<u8> = calibration
        .iter()
        .flat_map(|r| [r.predicted.to_le_bytes(), r.truth.to_le_bytes()].concat())
        .collect();
    let calibration = Calibration {
        units: units(calibration).len() as u32,
        windows: calibration.len() as u64,
        sha256: Sha256Digest::of(&bytes),
    };
    Interval { level: LEVEL, bins, calibration }
}

/// The lower and upper residual of one bin.
fn band(validation: &[Residual], calibration: &[Residual]) -> (f64, f64) {
    let mut first: Vec<f64> = validation.iter().map(Residual::value).collect();
    first.sort_by(f64::total_cmp);
    let at = |share: f64| {
        first.get((share * first.len() as f64) as usize).or(first.last()).copied().unwrap_or(0.0)
    };
    let (low, high) = (at((1.0 - LEVEL) / 2.0), at(f64::midpoint(1.0, LEVEL)));

    let outside = calibration.iter().map(|residual| Outside {
        by: (low - residual.value()).max(residual.value() - high),
        unit: residual.unit,
    });
    let widen = widen(outside.collect(), LEVEL);
    let (lower, upper) = (low - widen, high + widen);
    // A band narrowed past its own middle is that middle.
    if lower <= upper { (lower, upper) } else { (f64::midpoint(lower, upper), f64::midpoint(lower, upper)) }
}

/// How many windows each unit has.
fn units(residuals: &[Residual]) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    for residual in residuals {
        *counts.entry(residual.unit).or_default() += 1;
    }
    counts
}

/// The windows with a prediction from `from` to below `to`.
fn within(residuals: &[Residual], from: f64, to: f64) -> Vec<Residual> {
    residuals.iter().filter(|r| (from..to).contains(&f64::from(r.predicted))).copied().collect()
}

#[cfg(test)]
mod tests;
