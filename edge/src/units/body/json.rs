//! Readings as JSON: `{"cycle": 12, "values": [numbers] or {"name": number}}`, many of these, or one a line.

use overhaul_bundle::UnitId;
use serde_json::{Map, Value};

use super::{BodyError, MAX_CYCLE, check_count, check_names, check_unit, invalid};
use crate::readings::as_model_value;
use crate::readings::json::kind;
use crate::units::rules::Incoming;

const SHAPE: &str = "send {\"cycle\": 12, \"values\": [numbers]}, or {\"readings\": [such objects]}";

/// One reading, a list of readings, or an object with the list `readings`.
pub(super) fn document(body: &[u8], unit: &UnitId, columns: &[String]) -> Result<Vec<Incoming>, BodyError> {
    let malformed = |e| {
        BodyError::Malformed(format!("the body is not valid JSON ({e}); a missing value is null, never NaN"))
    };
    let document: Value = serde_json::from_slice(body).map_err(malformed)?;
    let list = match &document {
        Value::Array(list) => list,
        Value::Object(object) => match object.get("readings") {
            Some(Value::Array(list)) => {
                check_object("the body", object, unit)?;
                list
            }
            Some(other) => return invalid(format!("readings is {}; {SHAPE}", kind(other))),
            None => std::slice::from_ref(&document),
        },
        other => return invalid(format!("the body is {}; {SHAPE}", kind(other))),
    };
    check_count(list.len())?;
    let one = |(place, value): (usize, &Value)| reading(&format!("reading {place}"), value, unit, columns);
    list.iter().enumerate().map(one).collect()
}

/// One reading a line; empty lines are left alone.
pub(super) fn lines(body: &[u8], unit: &UnitId, columns: &[String]) -> Result<Vec<Incoming>, BodyError> {
    let lines = (1..).zip(body.split(|byte| *byte == b'\n'));
    let lines: Vec<(usize, &[u8])> = lines.filter(|(_, line)| !line.trim_ascii().is_empty()).collect();
    check_count(lines.len())?;
    let one = |(number, line): (usize, &[u8])| {
        let malformed = |e: serde_json::Error| {
            // The line's own number is always 1.
            let said = e.to_string().replace(" at line 1 column ", " at column ");
            BodyError::Malformed(format!(
                "line {number} is not valid JSON ({said}); a missing value is null, never NaN"
            ))
        };
        let value: Value = serde_json::from_slice(line).map_err(malformed)?;
        reading(&format!("line {number}"), &value, unit, columns)
    };
    lines.into_iter().map(one).collect()
}

fn reading(place: &str, value: &Value, unit: &UnitId, columns: &[String]) -> Result<Incoming, BodyError> {
    let Value::Object(object) = value else {
        return invalid(format!("{place} is {}; {SHAPE}", kind(value)));
    };
    check_object(place, object, unit)?;
    let cycle = object.get("cycle").filter(|cycle| !cycle.is_null());
    let cycle = cycle.map(|cycle| self::cycle(place, cycle)).transpose()?;
    let values = match object.get("values") {
        Some(Value::Array(list)) => positional(place, list, columns),
        Some(Value::Object(named)) => self::named(place, named, columns),
        Some(other) => invalid(format!(
            "{place} has {} as values; send a list of {} numbers, or an object of them by name",
            kind(other),
            columns.len()
        )),
        None => invalid(format!("{place} lacks values; {SHAPE}")),
    }?;
    Ok(Incoming { cycle, values })
}

/// Refuses what says that it is another unit's.
fn check_object(place: &str, object: &Map<String, Value>, unit: &UnitId) -> Result<(), BodyError> {
    match object.get("unit") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(said)) => check_unit(place, said, unit),
        Some(other) => check_unit(place, &other.to_string(), unit),
    }
}

fn cycle(place: &str, value: &Value) -> Result<u64, BodyError> {
    let whole =
        value.as_f64().filter(|cycle| cycle.fract() == 0.0 && (0.0..=MAX_CYCLE as f64).contains(cycle));
    whole.map(|cycle| cycle as u64).map_or_else(
        || invalid(format!("{place} has cycle {}; send a whole number from 0 to {MAX_CYCLE}", kind(value))),
        Ok,
    )
}

fn positional(place: &str, list: &[Value], columns: &[String]) -> Result<Vec<f32>, BodyError> {
    if list.len() != columns.len() {
        return invalid(format!(
            "{place} has {} values; the model takes {}, with null for one that is missing",
            list.len(),
            columns.len()
        ));
    }
    let one = |(at, (value, name)): (usize, (&Value, &String))| {
        number(value).ok_or_else(|| refuse(&format!("{place}, value {at} ({name})"), value))
    };
    list.iter().zip(columns).enumerate().map(one).collect()
}

fn named(place: &str, named: &Map<String, Value>, columns: &[String]) -> Result<Vec<f32>, BodyError> {
    let mut known = 0;
    let one = |name: &String| {
        let Some(value) = named.get(name) else { return Ok(f32::NAN) };
        known += 1;
        number(value).ok_or_else(|| refuse(&format!("{place}, {name}"), value))
    };
    let values = columns.iter().map(one).collect::<Result<_, _>>()?;
    check_names(place, known, columns)?;
    Ok(values)
}

/// A value as the model takes it, NaN for `null`; `None` for what is neither.
fn number(value: &Value) -> Option<f32> {
    if value.is_null() { Some(f32::NAN) } else { value.as_f64().and_then(as_model_value) }
}

fn refuse(place: &str, value: &Value) -> BodyError {
    BodyError::Invalid(format!("{place} is {}; send a finite number, or null if it is missing", kind(value)))
}
