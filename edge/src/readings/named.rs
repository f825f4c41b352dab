//! Readings from the body of `POST /predict`: `{"sensor_readings": [{"sensor_1": 1.0, …} …]}`.

use serde_json::{Map, Value};

use super::as_model_value;
use super::json::{BodyError, kind};

/// The most readings of one request; the last of them are used.
pub const MAX_READINGS: usize = 10_000;

/// What a reading that lacks a setting is taken to have, as the registry guide's own service does.
const DEFAULTS: [(&str, f32); 3] = [("setting_1", 0.0), ("setting_2", 0.0), ("setting_3", 100.0)];
/// The guide's prefix of the settings' names.
const PREFIX: &str = "op_";

/// The readings, row-major `[readings, columns]`, at least one. Each has a finite number for each column, by name;
/// a setting may go by its name or by the guide's, `op_setting_1`, or be absent; other names are left alone.
pub fn readings(body: &[u8], columns: &[String]) -> Result<Vec<f32>, BodyError> {
    let window = |line: String| Err(BodyError::Window(line));
    let body: Value = serde_json::from_slice(body).map_err(|e| BodyError::NotJson(e.to_string()))?;
    let list = ["sensor_readings", "sensor_data"]
        .into_iter()
        .find_map(|name| body.get(name).filter(|value| !value.is_null()).map(|value| (name, value)));
    let Some((list, rows)) = list else {
        return window(
            "the body lacks sensor_readings; send {\"sensor_readings\": [{\"sensor_1\": 1.0, …}, …]}"
                .to_owned(),
        );
    };
    let Some(rows) = rows.as_array() else {
        return window(format!("{list} is {}; send a list of readings, oldest first", kind(rows)));
    };
    if rows.is_empty() || rows.len() > MAX_READINGS {
        return window(format!("{list} has {} readings; send 1 to {MAX_READINGS}, oldest first", rows.len()));
    }
    let mut readings = Vec::with_capacity(rows.len() * columns.len());
    for (row, reading) in rows.iter().enumerate() {
        let Some(reading) = reading.as_object() else {
            return window(format!(
                "{list} {row} is {}; send an object with a number for each column",
                kind(reading)
            ));
        };
        for name in columns {
            let number = match value(reading, name) {
                Some(value) => value.as_f64().and_then(as_model_value).ok_or_else(|| {
                    BodyError::Window(format!(
                        "{list} {row}: {name} is {}; send a finite number",
                        kind(value)
                    ))
                })?,
                None => {
                    DEFAULTS.iter().find(|(setting, _)| setting == name).map(|(_, value)| *value).ok_or_else(
                        || BodyError::Window(format!("{list} {row} lacks {name}; send a finite number")),
                    )?
                }
            };
            readings.push(number);
        }
    }
    Ok(readings)
}

/// A column's value, under its own name or under the guide's.
fn value<'a>(reading: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    reading.get(name).or_else(|| {
        let is_setting = name.starts_with("setting_");
        is_setting.then(|| reading.get(&format!("{PREFIX}{name}"))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns() -> Vec<String> {
        ["setting_1", "setting_3", "sensor_2"].map(str::to_owned).to_vec()
    }

    fn refusal(body: &str) -> String {
        readings(body.as_bytes(), &columns()).unwrap_err().to_string()
    }

    #[test]
    fn readings_are_taken_by_name_under_both_lists_and_both_names_of_a_setting() {
        let body = br#"{"sensor_readings": [{"sensor_2": 5, "op_setting_1": -0.5, "setting_3": 7, "x": "y"},
                                            {"sensor_2": 6}]}"#;
        assert_eq!(readings(body, &columns()).unwrap(), [-0.5, 7.0, 5.0, 0.0, 100.0, 6.0]);
        let body = br#"{"sensor_readings": null, "sensor_data": [{"sensor_2": 5}]}"#;
        assert_eq!(readings(body, &columns()).unwrap(), [0.0, 100.0, 5.0]);
    }

    #[test]
    fn a_bad_reading_is_named_with_its_column_and_value() {
        assert_eq!(
            refusal(r#"{"sensor_readings": [{"sensor_2": 1}, {}]}"#),
            "sensor_readings 1 lacks sensor_2; send a finite number"
        );
        assert_eq!(
            refusal(r#"{"sensor_data": [{"sensor_2": "NaN"}]}"#),
            "sensor_data 0: sensor_2 is the text \"NaN\"; send a finite number"
        );
        assert_eq!(
            refusal(r#"{"sensor_data": [[1, 2, 3]]}"#),
            "sensor_data 0 is a list; send an object with a number for each column"
        );
        assert!(refusal("{}").contains("lacks sensor_readings"));
        assert!(refusal(r#"{"sensor_readings": []}"#).contains("has 0 readings; send 1 to 10000"));
        assert!(refusal(r#"{"sensor_readings": 3}"#).contains("is 3; send a list"));
        assert!(refusal("[").contains("not valid JSON"));
    }

    proptest! {
        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = readings(&bytes, &columns());
        }
    }
}
