//! Tags of registered models and of versions, as requests bring them.

use std::collections::BTreeMap;

use crate::api::ApiError;
use crate::filter::prompts::IS_PROMPT;
use crate::mlflow::check;
use crate::mlflow::pair::{self, Pair};
use crate::store::key_value::KeyValue;

/// The most characters of a tag's value.
const MAX_VALUE: usize = 100_000;

/// The tags of a body; of a key that is there twice the last value counts.
pub(super) fn all(pairs: Option<Vec<Pair>>) -> Result<Vec<KeyValue>, ApiError> {
    let tags = pair::all("tags", pairs)?;
    for (index, tag) in tags.iter().enumerate() {
        checked(format_args!("tags[{index}].key"), format_args!("tags[{index}].value"), tag)?;
    }
    Ok(tags)
}

/// One tag that is set.
pub(super) fn one(key: Option<String>, value: Option<String>) -> Result<KeyValue, ApiError> {
    let tag = KeyValue { key: check::required("key", key)?, value: value.unwrap_or_default() };
    checked("key", "value", &tag)?;
    Ok(tag)
}

/// The key of a tag that is deleted.
pub(super) fn key(key: Option<String>) -> Result<String, ApiError> {
    let key = check::required("key", key)?;
    check::key("key", &key)?;
    Ok(key)
}

fn checked(
    key: impl std::fmt::Display,
    value: impl std::fmt::Display,
    tag: &KeyValue,
) -> Result<(), ApiError> {
    check::length(&key, &tag.key, check::MAX_KEY)?;
    check::key(&key, &tag.key)?;
    check::length(&value, &tag.value, MAX_VALUE)
}

/// Tags as webhooks are told of them.
pub(super) fn event_tags(tags: &[KeyValue]) -> BTreeMap<&str, &str> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
}

/// A tag as the audit trail shows it.
pub(super) fn shown(key: &str, value: &str) -> String {
    format!("{key}={value}")
}

/// Whether tags make what has them a prompt, which `MLflow` keeps among the registered models.
pub(super) fn are_of_prompt(tags: &[KeyValue]) -> bool {
    let last = tags.iter().rev().find(|tag| tag.key == IS_PROMPT);
    last.is_some_and(|tag| tag.value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_a_limit_in_characters() {
        assert!(one(Some("k".to_owned()), Some("ü".repeat(MAX_VALUE))).is_ok());
        assert!(one(Some("k".to_owned()), Some("ü".repeat(MAX_VALUE + 1))).is_err());
        assert_eq!(one(Some("k".to_owned()), None).unwrap().value, "");
    }

    #[test]
    fn the_last_tag_of_a_key_tells_whether_it_is_a_prompt() {
        let tag = |value: &str| KeyValue { key: IS_PROMPT.to_owned(), value: value.to_owned() };
        assert!(are_of_prompt(&[tag("false"), tag("True")]));
        assert!(!are_of_prompt(&[tag("true"), tag("false")]));
        assert!(!are_of_prompt(&[]));
    }
}
