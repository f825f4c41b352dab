//! Which unit trains, which validates, which calibrates: by unit, so that no window of one is in two.

use overhaul_bundle::Mistake;
use rand::seq::SliceRandom as _;

use super::Unit;
use crate::random::{Purpose, stream};

/// The fewest units that can be split.
pub const MIN_UNITS: usize = 5;
/// Of 100 units, how many choose the epoch.
const VALIDATION_PERCENT: usize = 10;
/// Of 100 units, how many calibrate the interval. Fewer than 9 give no 90 % interval by unit.
const CALIBRATION_PERCENT: usize = 15;

/// Run-to-failure units, each in one part.
#[derive(Debug, Clone)]
pub struct Split {
    /// The scaler and the weights are fitted on these.
    pub train: Vec<Unit>,
    /// The epoch is chosen on these.
    pub validation: Vec<Unit>,
    /// The interval is computed on these, which are used for nothing else.
    pub calibration: Vec<Unit>,
}

/// Shuffles the units by the seed and parts them 75 / 10 / 15; each part has at least one unit.
pub fn split(mut units: Vec<Unit>, seed: u64) -> Result<Split, Mistake> {
    if units.len() < MIN_UNITS {
        return Err(Mistake::new(format!(
            "{} training units are too few to split into training, validation and calibration; give at least {MIN_UNITS}",
            units.len()
        )));
    }
    let share = |percent: usize| (units.len() * percent + 50).div_euclid(100).max(1);
    let (validation, calibration) = (share(VALIDATION_PERCENT), share(CALIBRATION_PERCENT));
    units.shuffle(&mut stream(seed, Purpose::Split));
    let calibration = units.split_off(units.len() - calibration);
    let validation = units.split_off(units.len() - validation);
    Ok(Split { train: units, validation, calibration })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn units(count: u32) -> Vec<Unit> {
        (1..=count).map(|id| Unit { id, name: id.to_string(), features: 1, readings: vec![0.0] }).collect()
    }

    fn ids(units: &[Unit]) -> Vec<u32> {
        units.iter().map(|unit| unit.id).collect()
    }

    proptest::proptest! {
        #[test]
        fn every_unit_is_in_exactly_one_part(count in 5..300u32, seed in 0..u64::MAX) {
            let parts = split(units(count), seed).unwrap();
            let all: Vec<u32> = [ids(&parts.train), ids(&parts.validation), ids(&parts.calibration)].concat();
            assert_eq!(all.len(), count as usize);
            assert_eq!(BTreeSet::from_iter(all), (1..=count).collect());
            assert!(parts.train.len() > parts.validation.len().max(parts.calibration.len()));
            assert!(!parts.validation.is_empty() && !parts.calibration.is_empty());
        }
    }

    #[test]
    fn a_seed_gives_one_split_and_another_seed_another() {
        let of = |seed| ids(&split(units(100), seed).unwrap().train);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert_eq!(of(1).len(), 75);
    }

    #[test]
    fn too_few_units_are_refused() {
        let message = split(units(4), 1).unwrap_err().to_string();
        assert!(
            message.contains("4 training units are too few") && message.contains("at least 5"),
            "{message}"
        );
    }
}
