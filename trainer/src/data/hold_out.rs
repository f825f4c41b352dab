//! Test units from run-to-failure units, for data that has no test files of its own.

use overhaul_bundle::Mistake;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::Unit;
use crate::random::{Purpose, stream};

/// Of 100 units, how many become test units.
const TEST_PERCENT: usize = 20;
/// The fewest cycles that a test unit keeps, and the fewest that are left after it.
const LEAST: usize = 1;

/// Units that ran to failure and units that were cut off, with the cycles that each of those had left.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    /// To train with.
    pub train: Vec<Unit>,
    /// To test with.
    pub test: Vec<Unit>,
    /// One number a test unit.
    pub remaining: Vec<f32>,
}

/// Takes test units out of units that ran to failure and cuts each off at some cycle of its life, every one as
/// likely as another.
pub fn hold_out(mut units: Vec<Unit>, seed: u64) -> Result<HeldOut, Mistake> {
    let count = (units.len() * TEST_PERCENT).div_ceil(100);
    let mut random = stream(seed, Purpose::HoldOut);
    units.shuffle(&mut random);
    let mut test = units.split_off(units.len() - count);
    units.sort_by_key(|unit| unit.id);
    test.sort_by_key(|unit| unit.id);
    let mut remaining = Vec::with_capacity(test.len());
    for unit in &mut test {
        let cycles = unit.cycles();
        if cycles < 2 * LEAST {
            return Err(Mistake::new(format!(
                "unit {} has {cycles} cycles, too few to be cut off for a test; leave it out",
                unit.name
            )));
        }
        let kept = random.random_range(LEAST..=cycles - LEAST);
        unit.readings.truncate(kept * unit.features);
        remaining.push((cycles - kept) as f32);
    }
    Ok(HeldOut { train: units, test, remaining })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_is_cut_off_and_trains_nothing() {
        let unit = |id: u32| Unit { id, name: id.to_string(), features: 1, readings: vec![id as f32; 50] };
        let units: Vec<Unit> = (1..=20).map(unit).collect();
        let HeldOut { train, test, remaining } = hold_out(units.clone(), 3).unwrap();
        assert_eq!((train.len(), test.len(), remaining.len()), (16, 4, 4));
        assert!(test.iter().all(|unit| train.iter().all(|other| other.id != unit.id)));
        assert!(test.iter().zip(&remaining).all(|(unit, left)| unit.cycles() + *left as usize == 50));
        assert_eq!(hold_out(units.clone(), 3).unwrap().test, test);
        assert_ne!(hold_out(units, 4).unwrap().test, test);
    }
}
