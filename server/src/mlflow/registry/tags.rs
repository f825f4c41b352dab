//! Tags of registered models and of versions, as requests bring them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::params::required;
use crate::api::ApiError;
use crate::store::model_tags::Tag;

/// The most characters of a tag's key.
const MAX_KEY: usize = 250;
/// The most characters of a tag's value.
const MAX_VALUE: usize = 100_000;
/// The tag that makes a registered model a prompt.
const IS_PROMPT: &str = "mlflow.prompt.is_prompt";

/// A tag in a body, where what is left out is empty.
#[derive(Debug, Deserialize)]
pub(super) struct TagBody {
    key: Option<String>,
    value: Option<String>,
}

/// The tags of a body; of a key that is there twice the last value counts.
pub(super) fn tags(bodies: Option<Vec<TagBody>>) -> Result<Vec<Tag>, ApiError> {
    bodies.unwrap_or_default().into_iter().map(|body| tag(body.key, body.value)).collect()
}

/// A tag whose key and value may be kept.
pub(super) fn tag(key: Option<String>, value: Option<String>) -> Result<Tag, ApiError> {
    let (key, value) = (self::key(key)?, value.unwrap_or_default());
    check_length("value", &value, MAX_VALUE)?;
    Ok(Tag { key, value })
}

/// A tag's key.
pub(super) fn key(key: Option<String>) -> Result<String, ApiError> {
    let key = required("key", key)?;
    check_length("key", &key, MAX_KEY)?;
    let rule = if !key.chars().all(|c| c.is_alphanumeric() || "_/.- :".contains(c)) {
        "use letters, digits, '_', '-', '.', ' ', ':' and '/'"
    } else if key.starts_with("..") || key.split('/').any(|part| matches!(part, "" | "." | "..")) {
        "as a path it must be relative, without '.', '..' or empty parts"
    } else {
        return Ok(key);
    };
    Err(ApiError::invalid(format!("Invalid value {key:?} for parameter 'key' supplied: {rule}")))
}

/// Tags as webhooks are told of them.
pub(super) fn event_tags(tags: &[Tag]) -> BTreeMap<&str, &str> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
}

/// A tag as the audit trail shows it.
pub(super) fn shown(key: &str, value: &str) -> String {
    format!("{key}={value}")
}

/// Whether tags make what has them a prompt, which `MLflow` keeps among the registered models.
pub(super) fn are_of_prompt(tags: &[Tag]) -> bool {
    let last = tags.iter().rev().find(|tag| tag.key == IS_PROMPT);
    last.is_some_and(|tag| tag.value.eq_ignore_ascii_case("true"))
}

fn check_length(parameter: &str, value: &str, most: usize) -> Result<(), ApiError> {
    // Bytes first: to count characters takes longer.
    if value.len() > most && value.chars().count() > most {
        let message = format!("'{parameter}' exceeds the maximum length of {most} characters");
        return Err(ApiError::invalid(message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_relative_path_of_word_characters() {
        for good in ["k", "größe", "a/b c:d.e-f_g", "a..b", &"ü".repeat(250)] {
            assert!(key(Some(good.to_owned())).is_ok(), "{good:?}");
        }
        for bad in
            ["", "..", ".", "/abs", "a//b", "a/", "a/../b", "..a", "a*b", "a\\b", "a\nb", &"x".repeat(251)]
        {
            assert!(key(Some(bad.to_owned())).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_value_has_a_limit_in_characters() {
        assert!(tag(Some("k".to_owned()), Some("ü".repeat(MAX_VALUE))).is_ok());
        assert!(tag(Some("k".to_owned()), Some("ü".repeat(MAX_VALUE + 1))).is_err());
        assert_eq!(tag(Some("k".to_owned()), None).unwrap().value, "");
    }
}
