//! What the interval promises: its level for new units, by bin, from units and not windows.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::StandardNormal;

use super::*;

/// Units with an error of their own and noise from window to window; `windows` each.
fn simulated(units: u32, windows: usize, random: &mut Xoshiro256PlusPlus) -> Vec<Residual> {
    let mut residuals = Vec::new();
    for unit in 0..units {
        let own: f32 = 6.0 * random.sample::<f32, _>(StandardNormal);
        for _ in 0..windows {
            let truth = 125.0 * random.random::<f32>();
            let spread = 0.2 + truth / 125.0;
            let noise: f32 = 3.0 * random.sample::<f32, _>(StandardNormal);
            residuals.push(Residual { unit, predicted: truth + spread * (own + noise), truth });
        }
    }
    residuals
}

#[test]
fn new_units_are_covered_at_the_level_on_average() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
    let (mut inside, mut all) = (0, 0);
    for _ in 0..150 {
        let interval = calibrate(&simulated(10, 60, &mut random), &simulated(15, 60, &mut random), 125.0);
        for residual in simulated(10, 5, &mut random) {
            let (low, high) = interval.around(f64::from(residual.predicted));
            inside += usize::from((low..=high).contains(&f64::from(residual.truth)));
            all += 1;
        }
    }
    let coverage = f64::from(inside as u32) / f64::from(all as u32);
    assert!((0.88..0.92).contains(&coverage), "{coverage}");
}

#[test]
fn near_failure_the_interval_is_narrower() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let interval = calibrate(&simulated(10, 200, &mut random), &simulated(15, 200, &mut random), 125.0);
    let width = |bin: &Bin| bin.upper - bin.lower;
    assert!(interval.bins.len() > 3);
    assert!(width(&interval.bins[0]) < 0.7 * width(interval.bins.last().unwrap()));
}

#[test]
fn bins_with_too_few_units_are_joined() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    // One window a unit: a bin of its own for nine units at most.
    let interval = calibrate(&simulated(10, 60, &mut random), &simulated(15, 1, &mut random), 125.0);
    assert_eq!(interval.bins.len(), 1);
    assert_eq!((interval.calibration.units, interval.calibration.windows), (15, 15));
}

#[test]
fn even_one_unit_or_an_empty_bin_gives_a_valid_interval() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let one = simulated(1, 3, &mut random);
    for (validation, calibration) in [(&one[..], &one[..]), (&[], &one[..]), (&one[..], &one[..1])] {
        let interval = calibrate(validation, calibration, 125.0);
        assert_eq!(Interval::from_bytes(&interval.to_bytes().unwrap()).unwrap(), interval);
    }
}

#[test]
fn ninety_percent_needs_nine_units() {
    assert_eq!((units_needed(0.9), units_needed(0.5), units_needed(0.95)), (9, 1, 19));
}
