//! The one-cycle learning rate schedule (Smith and Topin, "Super-Convergence", 2018).

use std::f64::consts::PI;

/// The share of steps that the rate rises for.
const RISE: f64 = 0.3;
/// The peak over the first rate, and the first rate over the last: the defaults of PyTorch's `OneCycleLR`.
const START_DIVISOR: f64 = 25.0;
const END_DIVISOR: f64 = 1e4;

/// The learning rate of step `step` (from 0) of `steps`: up to `peak` along half a cosine, then down to
/// nearly nothing along another.
pub(super) fn one_cycle(step: usize, steps: usize, peak: f64) -> f64 {
    let start = peak / START_DIVISOR;
    let last = steps.saturating_sub(1) as f64;
    let top = RISE * steps as f64 - 1.0;
    let at = step as f64;
    if at < top {
        return cosine(start, peak, at / top);
    }
    cosine(peak, start / END_DIVISOR, (at - top) / (last - top).max(1.0))
}

/// From `from` to `to` along half a cosine, `share` from 0 to 1.
fn cosine(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) * f64::midpoint(1.0, (PI * share.clamp(0.0, 1.0)).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_to_the_peak_and_falls_to_nearly_nothing() {
        let rates: Vec<f64> = (0..100).map(|step| one_cycle(step, 100, 2e-3)).collect();
        assert!((rates[0] - 8e-5).abs() < 1e-12);
        assert!((rates[29] - 2e-3).abs() < 1e-12);
        assert!((rates[99] - 8e-9).abs() < 1e-15);
        assert!(rates[..30].is_sorted() && rates[29..].is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn even_one_step_has_a_rate() {
        for steps in 1..10 {
            assert!((0..steps).all(|step| (1e-9..=2e-3).contains(&one_cycle(step, steps, 2e-3))), "{steps}");
        }
    }
}
