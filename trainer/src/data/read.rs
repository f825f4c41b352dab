//! One C-MAPSS file: parsed whole, or refused with the line, the column, the value and the mend.

use std::fs;
use std::path::Path;

use overhaul_bundle::Mistake;

use super::{COLUMNS, FEATURES, Unit};

/// Fields in one line: unit, cycle and one reading.
const FIELDS: usize = 2 + FEATURES;

/// A file's bytes; a file that is not there is the user's mistake.
pub fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(path)
        .map_err(|e| anyhow::Error::new(e).context(format!("cannot read {}", path.display())))?;
    if bytes.trim_ascii().is_empty() {
        return Err(Mistake::new(format!("{} is empty; give it at least one line", path.display())).into());
    }
    Ok(bytes)
}

/// The units of a `train_*.txt` or `test_*.txt`, in the file's order, each with at least one cycle.
///
/// Every line holds 26 finite numbers; units come one after the other with rising numbers, and
/// each unit's cycles count up from 1.
pub fn units(path: &Path, bytes: &[u8]) -> anyhow::Result<Vec<Unit>> {
    let mut units: Vec<Unit> = Vec::new();
    for (place, line) in lines(path, bytes) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        if fields.len() != FIELDS {
            return Err(place.refuse(&format!(
                "{} columns instead of {FIELDS} (unit, cycle, 3 settings, 21 sensors); add or remove columns",
                fields.len()
            )));
        }
        let id = place.counting(fields[0], 1, "unit")?;
        let cycle = place.counting(fields[1], 2, "cycle")?;
        let expected = match units.last() {
            Some(unit) if unit.id == id => unit.cycles() as u32 + 1,
            Some(unit) if unit.id > id => {
                return Err(
                    place.refuse(&format!("column 1 (unit): {id} after {}; sort the lines by unit", unit.id))
                );
            }
            _ => 1,
        };
        if cycle != expected {
            return Err(place.refuse(&format!(
                "column 2 (cycle): {cycle} where unit {id} must go on with {expected}; give every cycle once, in order from 1"
            )));
        }
        if expected == 1 {
            units.push(Unit { id, readings: Vec::new() });
        }
        let Some(unit) = units.last_mut() else { continue };
        for (index, (field, name)) in fields[2..].iter().zip(COLUMNS).enumerate() {
            unit.readings.push(place.number(field, index + 3, name)?);
        }
    }
    Ok(units)
}

/// The true remaining cycles of each test unit: one number of 0 or more a line, `units` lines.
pub fn remaining(path: &Path, bytes: &[u8], units: usize) -> anyhow::Result<Vec<f32>> {
    let mut remaining = Vec::new();
    for (place, line) in lines(path, bytes) {
        let value = place.number(line.trim(), 1, "RUL")?;
        if value < 0.0 {
            return Err(
                place.refuse(&format!("column 1 (RUL): {value} is below 0; give the cycles left, 0 or more"))
            );
        }
        remaining.push(value);
    }
    if remaining.len() != units {
        return Err(Mistake::new(format!(
            "{} has {} lines for {units} test units; give one line for each unit",
            path.display(),
            remaining.len()
        ))
        .into());
    }
    Ok(remaining)
}

/// Where a line stands.
struct Place<'a> {
    path: &'a Path,
    line: usize,
}

impl Place<'_> {
    fn refuse(&self, problem: &str) -> anyhow::Error {
        Mistake::new(format!("{} line {}: {problem}", self.path.display(), self.line)).into()
    }

    fn number(&self, field: &str, column: usize, name: &str) -> anyhow::Result<f32> {
        match field.parse::<f32>() {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(_) => Err(self
                .refuse(&format!("column {column} ({name}): {field} is not finite; give a finite number"))),
            Err(_) => {
                let shown: String = field.chars().take(40).collect();
                Err(self.refuse(&format!(
                    "column {column} ({name}): {shown:?} is no number; give a finite number"
                )))
            }
        }
    }

    /// A whole number from 1: some copies of the files write it with a fraction of zeros.
    fn counting(&self, field: &str, column: usize, name: &str) -> anyhow::Result<u32> {
        let value = self.number(field, column, name)?;
        if value < 1.0 || value.fract() != 0.0 || value > 1e7 {
            return Err(self.refuse(&format!(
                "column {column} ({name}): {field} is no whole number from 1; count from 1"
            )));
        }
        Ok(value as u32)
    }
}

/// A file's lines with their places; blank lines at the end are none.
fn lines<'a>(path: &'a Path, bytes: &'a [u8]) -> impl Iterator<Item = (Place<'a>, String)> {
    bytes.trim_ascii_end().split(|&byte| byte == b'\n').enumerate().map(move |(index, line)| {
        (Place { path, line: index + 1 }, String::from_utf8_lossy(line).into_owned())
    })
}

#[cfg(test)]
mod tests;
