//! Readings from the body of `POST /units/{id}/readings`: taken whole or refused in one line.
//!
//! | module | reads |
//! | --- | --- |
//! | `json` | one reading, `{"readings": […]}`, or a list of readings; NDJSON, one reading a line |
//! | `csv` | a table whose header names the columns |

mod csv;
mod json;

use overhaul_bundle::UnitId;

use super::rules::Incoming;

/// The most readings of one body.
pub const MAX_READINGS: usize = 10_000;
/// The largest cycle: JSON's numbers hold no larger integers exactly in most programs (RFC 8259, section 6).
const MAX_CYCLE: u64 = (1 << 53) - 1;

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`, and what does not say what it is.
    Json,
    /// `application/x-ndjson`.
    Ndjson,
    /// `text/csv`.
    Csv,
}

/// Why a body holds no readings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Nobody said how to read it.
    #[error("content type {0:?} is not known here; send application/json, application/x-ndjson or text/csv")]
    UnknownFormat(String),
    /// It is not written as it says.
    #[error("{0}")]
    Malformed(String),
    /// It is, but holds no valid readings: the reading, the column, the value, the mend.
    #[error("{0}")]
    Invalid(String),
}

impl Format {
    /// From the `Content-Type` header, if there is one.
    pub fn of(content_type: Option<&str>) -> Result<Self, BodyError> {
        let Some(text) = content_type else { return Ok(Self::Json) };
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/json" => Ok(Self::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(Self::Ndjson),
            "text/csv" => Ok(Self::Csv),
            _ => Err(BodyError::UnknownFormat(text.chars().take(80).collect())),
        }
    }
}

/// The readings of a body, in its order, in the model's columns; at least one, at most [`MAX_READINGS`].
pub fn readings(
    format: Format,
    body: &[u8],
    unit: &UnitId,
    columns: &[String],
) -> Result<Vec<Incoming>, BodyError> {
    match format {
        Format::Json => json::document(body, unit, columns),
        Format::Ndjson => json::lines(body, unit, columns),
        Format::Csv => csv::table(body, unit, columns),
    }
}

fn invalid<T>(line: impl Into<String>) -> Result<T, BodyError> {
    Err(BodyError::Invalid(line.into()))
}

/// Refuses a count of readings that is out of bounds.
fn check_count(count: usize) -> Result<(), BodyError> {
    match count {
        0 => invalid(format!("the body holds no readings; send 1 to {MAX_READINGS}")),
        1..=MAX_READINGS => Ok(()),
        _ => invalid(format!(
            "the body holds {count} readings; send at most {MAX_READINGS}, and the rest after them"
        )),
    }
}

/// Refuses a reading that says it is another unit's.
fn check_unit(place: &str, said: &str, unit: &UnitId) -> Result<(), BodyError> {
    if said == unit.as_str() {
        return Ok(());
    }
    let said: String = said.chars().take(80).collect();
    invalid(format!(
        "{place} is of unit {said:?}, this is unit {:?}; send it to /units/{said}",
        unit.as_str()
    ))
}

/// Refuses names none of which the model knows, as a wrong spelling makes them.
fn check_names(place: &str, known: usize, columns: &[String]) -> Result<(), BodyError> {
    if known > 0 {
        return Ok(());
    }
    let first = columns.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if columns.len() > 5 { ", …" } else { "" };
    invalid(format!("{place} names none of the model's columns; they are {first}{more}"))
}

#[cfg(test)]
mod tests;
