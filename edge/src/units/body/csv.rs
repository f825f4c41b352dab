//! Readings as CSV: the header names the columns, in any order; other columns are left alone.

use overhaul_bundle::UnitId;

use super::{BodyError, MAX_CYCLE, MAX_READINGS, check_count, check_names, check_unit, invalid};
use crate::readings::as_model_value;
use crate::units::rules::Incoming;

/// A table with a header. A column that is not there, an empty field and `NaN` are missing values; `cycle` may be left
/// out, and `unit` must be this unit if it is there.
pub(super) fn table(body: &[u8], unit: &UnitId, columns: &[String]) -> Result<Vec<Incoming>, BodyError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let malformed =
        |e: csv::Error| BodyError::Malformed(format!("the body is not valid CSV: {}", one_line(&e)));
    let header = reader.headers().map_err(malformed)?.clone();
    if header.is_empty() {
        return invalid("the body is empty; its first line names the columns");
    }
    let place = |name: &str| header.iter().position(|column| column == name);
    let places: Vec<Option<usize>> = columns.iter().map(|name| place(name)).collect();
    check_names("line 1", places.iter().flatten().count(), columns)?;
    let (cycle_place, unit_place) = (place("cycle"), place("unit"));
    let mut readings = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(malformed)? {
        let line = record.position().map_or(0, csv::Position::line);
        if readings.len() == MAX_READINGS {
            return invalid(format!(
                "the body holds more than {MAX_READINGS} readings; send the rest, from line {line}, after them"
            ));
        }
        let field = |place: usize| record.get(place).unwrap_or_default();
        if let Some(said) = unit_place.map(field) {
            check_unit(&format!("line {line}"), said, unit)?;
        }
        let cycle = cycle_place.map(field).filter(|text| !text.is_empty());
        let cycle = cycle.map(|text| self::cycle(line, text)).transpose()?;
        let value = |(place, name): (&Option<usize>, &String)| {
            let text = place.map(field).unwrap_or_default();
            number(text).ok_or_else(|| {
                let text: String = text.chars().take(40).collect();
                BodyError::Invalid(format!(
                    "line {line}, column {name}: {text:?} is no finite number; mend it, or leave it empty if it is missing"
                ))
            })
        };
        let values = places.iter().zip(columns).map(value).collect::<Result<_, _>>()?;
        readings.push(Incoming { cycle, values });
    }
    check_count(readings.len())?;
    Ok(readings)
}

fn cycle(line: u64, text: &str) -> Result<u64, BodyError> {
    // Tables that went through pandas have `12.0`.
    let whole = text.strip_suffix(".0").unwrap_or(text).parse::<u64>().ok();
    whole.filter(|cycle| *cycle <= MAX_CYCLE).map_or_else(
        || {
            let text: String = text.chars().take(40).collect();
            invalid(format!("line {line}, column cycle: {text:?} is no whole number from 0 to {MAX_CYCLE}"))
        },
        Ok,
    )
}

/// A value as the model takes it, NaN for a missing one; `None` for what is neither.
fn number(text: &str) -> Option<f32> {
    if text.is_empty() || text.eq_ignore_ascii_case("nan") {
        return Some(f32::NAN);
    }
    text.parse().ok().and_then(as_model_value)
}

/// What the reader says, without the byte and record numbers that nobody counts.
fn one_line(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos: Some(place), expected_len, len } => {
            format!("line {} has {len} fields, the header {expected_len}", place.line())
        }
        csv::ErrorKind::Utf8 { pos: Some(place), .. } => format!("line {} is not UTF-8", place.line()),
        _ => error.to_string(),
    }
}
