//! How sure a difference of two models on the same units is: a paired bootstrap over units (Efron, 1979).

use rand::RngExt as _;
use serde::Serialize;

use super::rmse;
use crate::random::{Purpose, stream};

/// Draws.
const DRAWS: usize = 10_000;
/// The share of draws that the interval holds.
pub const LEVEL: f64 = 0.95;

/// The difference of two models' RMSE on the same units, second less first, in cycles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedDifference {
    /// On the units themselves.
    pub difference: f64,
    /// Where 95 % of the differences lie when units are drawn anew, with replacement: lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// The share of draws in which the second model has the lower RMSE.
    pub second_better: f64,
}

impl PairedDifference {
    /// Of two models' predictions of the same units; the same numbers give the same answer. At least one unit.
    pub fn new(first: &[f32], second: &[f32], truth: &[f32]) -> Self {
        let mut random = stream(0, Purpose::Bootstrap);
        let mut differences: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let drawn: Vec<usize> = truth.iter().map(|_| random.random_range(0..truth.len())).collect();
                let of = |values: &[f32]| -> Vec<f32> { drawn.iter().map(|&unit| values[unit]).collect() };
                let truth = of(truth);
                rmse(&of(second), &truth) - rmse(&of(first), &truth)
            })
            .collect();
        differences.sort_by(f64::total_cmp);
        let at = |share: f64| differences[((DRAWS - 1) as f64 * share).round() as usize];
        let better = differences.iter().filter(|difference| **difference < 0.0).count();
        Self {
            difference: rmse(second, truth) - rmse(first, truth),
            lower: at((1.0 - LEVEL) / 2.0),
            upper: at(f64::midpoint(1.0, LEVEL)),
            second_better: better as f64 / DRAWS as f64,
        }
    }

    /// True if the interval leaves 0 out.
    pub fn is_sure(&self) -> bool {
        self.lower > 0.0 || self.upper < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_against_itself_differs_by_nothing() {
        let truth = [10.0, 50.0, 90.0];
        let one = PairedDifference::new(&[12.0, 40.0, 95.0], &[12.0, 40.0, 95.0], &truth);
        assert_eq!((one.difference, one.lower, one.upper), (0.0, 0.0, 0.0));
        assert!(!one.is_sure());
    }

    #[test]
    fn a_clear_difference_is_sure_and_a_lucky_one_is_not() {
        let truth: Vec<f32> = (0..100).map(|n| n as f32).collect();
        let off = |by: f32| truth.iter().map(|left| left + by).collect::<Vec<f32>>();
        let clear = PairedDifference::new(&off(20.0), &off(5.0), &truth);
        assert!((clear.difference + 15.0).abs() < 1e-4 && clear.is_sure() && clear.second_better > 0.99);
        // Better on one unit of a hundred only.
        let mut lucky = off(5.0);
        lucky[7] = truth[7];
        let lucky = PairedDifference::new(&off(5.0), &lucky, &truth);
        assert!(lucky.difference < 0.0 && lucky.second_better < 0.9);
    }
}
