//! One C-MAPSS file: parsed whole, or refused with the line, the column, the value and the mend.

use std::path::Path;

use overhaul_bundle::Mistake;

use super::field::Place;
use super::{Schema, Unit};

/// The units of a `train_*.txt` or `test_*.txt`, in the file's order, each with at least one cycle.
///
/// Every line holds 26 finite numbers; units come one after the other with rising numbers, and
/// each unit's cycles count up from 1.
pub fn units(path: &Path, bytes: &[u8]) -> anyhow::Result<Vec<Unit>> {
    let names = Schema::c_mapss().features;
    let fields_in_a_line = 2 + names.len();
    let mut units: Vec<Unit> = Vec::new();
    for (place, line) in lines(path, bytes) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        if fields.len() != fields_in_a_line {
            return Err(place.refuse(&format!(
                "{} columns instead of {fields_in_a_line} (unit, cycle, 3 settings, 21 sensors); add or remove columns",
                fields.len()
            )));
        }
        let id = place.counting(fields[0], 1, "unit", 1)?;
        let cycle = place.counting(fields[1], 2, "cycle", 1)?;
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
            units.push(Unit { id, name: id.to_string(), features: names.len(), readings: Vec::new() });
        }
        let Some(unit) = units.last_mut() else { continue };
        for (index, (field, name)) in fields[2..].iter().zip(&names).enumerate() {
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

/// A file's lines with their places; blank lines at the end are none.
fn lines<'a>(path: &'a Path, bytes: &'a [u8]) -> impl Iterator<Item = (Place<'a>, String)> {
    bytes.trim_ascii_end().split(|&byte| byte == b'\n').enumerate().map(move |(index, line)| {
        (Place { path, line: index as u64 + 1 }, String::from_utf8_lossy(line).into_owned())
    })
}

#[cfg(test)]
mod tests;
