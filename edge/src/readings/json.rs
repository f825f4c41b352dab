//! Readings from the body of `POST /predict/simple`: `{"sensor_data": [[numbers] …]}`.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::as_model_value;

/// The most rows of one request.
pub const MAX_ROWS: usize = 100;

/// Why a body holds no readings.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The body is no JSON at all.
    #[error("the body is not valid JSON ({0}); JSON has neither NaN nor infinities")]
    NotJson(String),
    /// It is JSON, but holds no valid readings; row, column and mend.
    #[error("{0}")]
    Window(String),
}

/// The readings, row-major `[rows, columns]`: 1 to [`MAX_ROWS`] rows of one finite number for each
/// column. Rows and columns are counted from 0 in errors.
pub fn readings(body: &[u8], columns: &[String]) -> Result<Vec<f32>, BodyError> {
    if let Some(readings) = plain(body, columns.len()) {
        return Ok(readings);
    }
    let window = |line: String| Err(BodyError::Window(line));
    let body: Value = serde_json::from_slice(body).map_err(|e| BodyError::NotJson(e.to_string()))?;
    let Some(rows) = body.get("sensor_data").and_then(Value::as_array) else {
        return window("the body lacks sensor_data; send {\"sensor_data\": [[numbers], …]}".to_owned());
    };
    if rows.is_empty() || rows.len() > MAX_ROWS {
        return window(format!("sensor_data has {} rows; send 1 to {MAX_ROWS}, oldest first", rows.len()));
    }
    let mut readings = Vec::with_capacity(rows.len() * columns.len());
    for (row, values) in rows.iter().enumerate() {
        let Some(values) = values.as_array() else {
            return window(format!(
                "sensor_data row {row} is {}; send a list of {} numbers",
                kind(values),
                columns.len()
            ));
        };
        if values.len() != columns.len() {
            return window(format!(
                "sensor_data row {row} has {} columns; the model takes {}",
                values.len(),
                columns.len()
            ));
        }
        for (column, (value, name)) in values.iter().zip(columns).enumerate() {
            let Some(number) = value.as_f64().and_then(as_model_value) else {
                return window(format!(
                    "sensor_data row {row} column {column} ({name}) is {}; send a finite number",
                    kind(value)
                ));
            };
            readings.push(number);
        }
    }
    Ok(readings)
}

/// The readings of a body in which all is well: read straight into one list of numbers, in a fraction of the time.
fn plain(body: &[u8], columns: usize) -> Option<Vec<f32>> {
    #[derive(Deserialize)]
    struct Body {
        sensor_data: Rows,
    }
    let Rows { lengths, values } = serde_json::from_slice::<Body>(body).ok()?.sensor_data;
    let fits = (1..=MAX_ROWS).contains(&lengths.len()) && lengths.iter().all(|&length| length == columns);
    fits.then_some(values)
}

/// Rows of finite numbers, one after another.
#[derive(Default)]
struct Rows {
    lengths: Vec<usize>,
    values: Vec<f32>,
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut rows = Self::default();
        deserializer.deserialize_seq(&mut rows)?;
        Ok(rows)
    }
}

/// Reads the rows.
impl<'de> Visitor<'de> for &mut Rows {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lists of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut before = 0;
        while rows.next_element_seed(Row(&mut self.values))?.is_some() {
            self.lengths.push(self.values.len() - before);
            before = self.values.len();
        }
        Ok(())
    }
}

/// Reads one row behind those that are there.
struct Row<'a>(&'a mut Vec<f32>);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<(), A::Error> {
        while let Some(value) = row.next_element()? {
            self.0.push(as_model_value(value).ok_or_else(|| A::Error::custom("not finite"))?);
        }
        Ok(())
    }
}

/// What a value is, in words that fit an error line.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns() -> Vec<String> {
        vec!["sensor_1".to_owned(), "sensor_2".to_owned()]
    }

    fn refusal(body: &str) -> String {
        readings(body.as_bytes(), &columns()).unwrap_err().to_string()
    }

    #[test]
    fn rows_are_read_in_order() {
        let body = br#"{"sensor_data": [[1, 2.5], [-3e2, 0]], "unit": 7}"#;
        assert_eq!(readings(body, &columns()).unwrap(), [1.0, 2.5, -300.0, 0.0]);
    }

    #[test]
    fn a_bad_row_is_named_with_its_column_and_value() {
        assert_eq!(
            refusal(r#"{"sensor_data": [[1, 2], [3]]}"#),
            "sensor_data row 1 has 1 columns; the model takes 2"
        );
        for (value, said) in [
            ("null", "null"),
            ("\"NaN\"", "the text \"NaN\""),
            ("true", "true"),
            ("1e300", "1e+300"),
            ("[]", "a list"),
            ("{}", "an object"),
        ] {
            let line = refusal(&format!(r#"{{"sensor_data": [[1, {value}]]}}"#));
            assert_eq!(
                line,
                format!("sensor_data row 0 column 1 (sensor_2) is {said}; send a finite number")
            );
        }
    }

    #[test]
    fn no_rows_and_101_rows_are_refused_and_100_are_not() {
        let rows = |count: usize| format!(r#"{{"sensor_data": [{}]}}"#, vec!["[1,2]"; count].join(","));
        assert!(refusal(&rows(0)).starts_with("sensor_data has 0 rows; send 1 to 100"));
        assert!(refusal(&rows(101)).starts_with("sensor_data has 101 rows; send 1 to 100"));
        assert_eq!(readings(rows(100).as_bytes(), &columns()).unwrap().len(), 200);
    }

    #[test]
    fn what_is_no_json_is_told_from_what_is_no_window() {
        for body in ["", "{", r#"{"sensor_data": [[NaN, 1]]}"#] {
            assert!(matches!(readings(body.as_bytes(), &columns()), Err(BodyError::NotJson(_))), "{body}");
        }
        for body in ["[]", "{}", r#"{"sensor_data": 3}"#, r#"{"sensor_data": [3]}"#] {
            assert!(matches!(readings(body.as_bytes(), &columns()), Err(BodyError::Window(_))), "{body}");
        }
    }

    proptest! {
        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = readings(&bytes, &columns());
        }
    }
}
