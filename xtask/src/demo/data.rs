//! The demo's data: where it is, and what its test units read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::layout::Layout;
use crate::mistake::mistake;

/// The subset that the demo trains on.
pub(super) const SUBSET: &str = "FD001";
/// Numbers in a reading: 3 settings and 21 sensors.
const FEATURES: usize = 24;
/// The most readings that a gateway takes in one request.
const MAX_READINGS: usize = 100;

/// A test unit: what is known of it, and what there is to predict.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// Its number in the file.
    pub(crate) id: u32,
    /// Its last readings, oldest first, [`MAX_READINGS`] at most.
    pub(crate) readings: Vec<Vec<f64>>,
    /// Cycles it still ran after its last reading.
    pub(crate) true_rul: f64,
}

/// The folder that the user named, or the one beside the checkout; `None` when neither holds the data.
pub(crate) fn find(layout: &Layout, named: Option<PathBuf>) -> Result<Option<PathBuf>> {
    let has_data = |folder: &Path| {
        ["train", "test", "RUL"].iter().all(|kind| folder.join(format!("{kind}_{SUBSET}.txt")).is_file())
    };
    match named {
        Some(folder) if has_data(&folder) => Ok(Some(std::path::absolute(folder)?)),
        Some(folder) => Err(mistake(format!(
            "--data {} lacks train_{SUBSET}.txt, test_{SUBSET}.txt or RUL_{SUBSET}.txt; name the folder with the three",
            folder.display()
        ))),
        None => {
            Ok(layout.root.join("../shared/cmapss").canonicalize().ok().filter(|folder| has_data(folder)))
        }
    }
}

/// Reads the test units of the subset.
pub(crate) fn test_units(folder: &Path) -> Result<Vec<Unit>> {
    let read = |kind: &str| {
        let path = folder.join(format!("{kind}_{SUBSET}.txt"));
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (test, remaining) = (read("test")?, read("RUL")?);
    let mut units: Vec<Unit> = Vec::new();
    for (index, line) in test.lines().enumerate() {
        let numbers: Vec<f64> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
        if numbers.len() != 2 + FEATURES {
            bail!(
                "line {} of test_{SUBSET}.txt has {} numbers instead of {}",
                index + 1,
                numbers.len(),
                2 + FEATURES
            );
        }
        let id = numbers[0] as u32;
        if units.last().is_none_or(|unit| unit.id != id) {
            units.push(Unit { id, readings: Vec::new(), true_rul: 0.0 });
        }
        if let Some(unit) = units.last_mut() {
            unit.readings.push(numbers[2..].to_vec());
        }
    }
    let remaining: Vec<f64> = remaining.split_whitespace().map_while(|word| word.parse().ok()).collect();
    if units.is_empty() || units.len() != remaining.len() {
        bail!("test_{SUBSET}.txt has {} units and RUL_{SUBSET}.txt {} numbers", units.len(), remaining.len());
    }
    for (unit, true_rul) in units.iter_mut().zip(remaining) {
        unit.true_rul = true_rul;
        unit.readings.drain(..unit.readings.len().saturating_sub(MAX_READINGS));
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_keep_their_last_readings_and_get_their_true_rul() {
        let folder = tempfile::tempdir().unwrap();
        let row =
            |unit: u32, cycle: u32| format!("{unit} {cycle}{}  \n", format!(" {cycle}.5").repeat(FEATURES));
        let test: String =
            (1..=120).map(|cycle| row(1, cycle)).chain((1..=2).map(|cycle| row(2, cycle))).collect();
        fs::write(folder.path().join("test_FD001.txt"), test).unwrap();
        fs::write(folder.path().join("RUL_FD001.txt"), "112 \n98 \n").unwrap();
        let units = test_units(folder.path()).unwrap();
        assert_eq!(
            units.iter().map(|unit| (unit.id, unit.readings.len())).collect::<Vec<_>>(),
            [(1, 100), (2, 2)]
        );
        assert_eq!((units[0].readings[0][0], units[0].readings[99][23]), (21.5, 120.5));
        assert_eq!((units[0].true_rul, units[1].true_rul), (112.0, 98.0));

        fs::write(folder.path().join("RUL_FD001.txt"), "112\n").unwrap();
        assert!(test_units(folder.path()).is_err());
    }
}
