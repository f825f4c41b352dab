//! The guide's `metadata.json`: what a version without a bundle keeps of it as tags.

use overhaul_bundle::VersionNumber;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::store::key_value::KeyValue;

/// What each tag's key begins with.
const PREFIX: &str = "overhaul.";
/// The most characters of a tag's value, as in `MLflow`; what is longer stays in the file.
const MAX_VALUE: usize = 5000;
/// The most characters of a tag's key.
const MAX_KEY: usize = 250;

/// The guide's fields, every one of which may be missing; what is there must be of its kind.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "some fields are only asked whether they are of their kind")]
struct Guide {
    version: Option<VersionNumber>,
    model_type: Option<String>,
    rmse: Option<f64>,
    mae: Option<f64>,
    timestamp: Option<String>,
    sequence_length: Option<u64>,
    input_features: Option<u64>,
    feature_columns: Option<Vec<String>>,
    epochs: Option<u64>,
    batch_size: Option<u64>,
    learning_rate: Option<f64>,
    final_loss: Option<f64>,
}

/// What is kept of a `metadata.json`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// A tag for each field, under the field's name.
    pub(super) tags: Vec<KeyValue>,
    /// The version in one line, for people.
    pub(super) description: String,
}

/// Reads the metadata of version `number`; a problem as text, which names the field.
pub(super) fn read(bytes: &[u8], number: VersionNumber) -> Result<Told, String> {
    let fields: Map<String, Value> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let guide: Guide = serde_path_to_error::deserialize(Value::Object(fields.clone()))
        .map_err(|e| format!("{}: {}", e.path(), e.inner()))?;
    if let Some(found) = guide.version
        && found != number
    {
        return Err(format!("it says version {found}; put it into v{found}, or mend it"));
    }
    if let (Some(count), Some(columns)) = (guide.input_features, &guide.feature_columns)
        && count != columns.len() as u64
    {
        return Err(format!("{} feature_columns for {count} input_features", columns.len()));
    }
    let tags = fields.iter().filter_map(|(field, value)| tag(field, value)).collect();
    let quality = [("RMSE", guide.rmse), ("MAE", guide.mae)];
    let quality = quality.into_iter().filter_map(|(what, value)| Some(format!("{what} {:.2}", value?)));
    let parts: Vec<String> = guide.model_type.into_iter().chain(quality).collect();
    let description =
        if parts.is_empty() { "imported".to_owned() } else { format!("{}; imported", parts.join(", ")) };
    Ok(Told { tags, description })
}

fn tag(field: &str, value: &Value) -> Option<KeyValue> {
    let value = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let key = format!("{PREFIX}{field}");
    let usual = field.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) && !field.is_empty();
    (usual && key.len() <= MAX_KEY && value.chars().count() <= MAX_VALUE).then_some(KeyValue { key, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(number: u32) -> VersionNumber {
        VersionNumber::try_from(number).unwrap()
    }

    #[test]
    fn every_field_becomes_a_tag_and_the_usual_ones_a_line() {
        let text = r#"{"version": 3, "model_type": "lstm", "rmse": 24.0412, "mae": 17.2, "timestamp": "2024-01-15T10:30:45.1",
            "sequence_length": 30, "input_features": 2, "feature_columns": ["a", "b"], "epochs": 15, "batch_size": 256,
            "learning_rate": 0.001, "final_loss": null, "note": "mine", "odd key": 1}"#;
        let told = read(text.as_bytes(), number(3)).unwrap();
        assert_eq!(told.description, "lstm, RMSE 24.04, MAE 17.20; imported");
        let tags: Vec<String> = told.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
        assert_eq!(
            tags,
            [
                "overhaul.batch_size=256",
                "overhaul.epochs=15",
                "overhaul.feature_columns=[\"a\",\"b\"]",
                "overhaul.input_features=2",
                "overhaul.learning_rate=0.001",
                "overhaul.mae=17.2",
                "overhaul.model_type=lstm",
                "overhaul.note=mine",
                "overhaul.rmse=24.0412",
                "overhaul.sequence_length=30",
                "overhaul.timestamp=2024-01-15T10:30:45.1",
                "overhaul.version=3",
            ]
        );
    }

    #[test]
    fn what_is_missing_is_missing() {
        assert_eq!(
            read(b"{}", number(1)).unwrap(),
            Told { tags: Vec::new(), description: "imported".to_owned() }
        );
    }

    #[test]
    fn a_field_of_another_kind_is_named() {
        for (text, expected) in [
            (r#"{"rmse": "low"}"#, "rmse: invalid type: string \"low\", expected f64"),
            (r#"{"feature_columns": ["a", 2]}"#, "feature_columns[1]: invalid type: integer `2`"),
            (r#"{"epochs": -1}"#, "epochs: "),
            (r#"{"version": 4}"#, "it says version 4; put it into v4, or mend it"),
            (r#"{"version": 0}"#, "version: "),
            (r#"{"input_features": 3, "feature_columns": ["a"]}"#, "1 feature_columns for 3 input_features"),
            ("[]", "invalid type: sequence"),
            ("{", "EOF while parsing"),
        ] {
            let problem = read(text.as_bytes(), number(3)).unwrap_err();
            assert!(problem.starts_with(expected), "{text}: {problem}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_tag_stays_in_the_file() {
        let text = format!(r#"{{"note": "{}", "{}": 1}}"#, "x".repeat(5001), "k".repeat(250));
        assert!(read(text.as_bytes(), number(1)).unwrap().tags.is_empty());
    }
}
