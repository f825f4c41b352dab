//! What `MLflow` asks of keys and values, and how it says that something is missing.

use std::fmt::Display;

use crate::api::ApiError;

/// The most characters in the key of a metric, a param or a tag.
pub(super) const MAX_KEY: usize = 250;

/// A parameter that must be there and not be empty.
pub(super) fn required(parameter: impl Display, value: Option<String>) -> Result<String, ApiError> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| missing(parameter))
}

/// A parameter that must be there.
pub(super) fn given<T>(parameter: impl Display, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| missing(parameter))
}

fn missing(parameter: impl Display) -> ApiError {
    ApiError::invalid(format!("Missing value for required parameter '{parameter}'."))
}

/// A value that is refused, and why.
pub(super) fn invalid(parameter: impl Display, value: impl serde::Serialize, why: impl Display) -> ApiError {
    // What these values are made of can always be written as JSON.
    let value = serde_json::to_string(&value).unwrap_or_default();
    ApiError::invalid(format!("Invalid value {value} for parameter '{parameter}' supplied: {why}"))
}

/// The key of a metric, a param or a tag: what may be a relative path as well, as the file store has them.
pub(super) fn key(parameter: impl Display, key: &str) -> Result<(), ApiError> {
    let allowed = |c: char| c.is_alphanumeric() || "/_.- :".contains(c);
    if !key.chars().all(allowed) {
        let why = "keys may have letters, digits, underscores, dashes, periods, spaces, colons and slashes";
        return Err(invalid(parameter, key, why));
    }
    if key.starts_with("..") || key.split('/').any(|part| ["", ".", ".."].contains(&part)) {
        let why = "a key with slashes must be a path in its shortest form: not absolute, and without \
                   empty parts, `.` and `..`";
        return Err(invalid(parameter, key, why));
    }
    Ok(())
}

/// The most things on a page of a search for experiments or runs.
pub(super) const MAX_PAGE: i64 = 50_000;

/// How many things a page of a search for experiments or runs is to have.
pub(super) fn page_size(max_results: i64) -> Result<usize, ApiError> {
    if (1..=MAX_PAGE).contains(&max_results) {
        return Ok(max_results as usize);
    }
    let why = format_args!("it must be a positive integer and at most {MAX_PAGE}");
    Err(invalid("max_results", max_results, why))
}

/// Text of at most `limit` characters.
pub(super) fn length(what: impl Display, text: &str, limit: usize) -> Result<(), ApiError> {
    // A text of few bytes has few characters, which spares counting them.
    if text.len() <= limit || text.chars().count() <= limit {
        return Ok(());
    }
    Err(ApiError::invalid(format!("'{what}' exceeds the maximum length of {limit} characters")))
}

/// The first `limit` characters of a text, as `MLflow` cuts values that are too long.
pub(super) fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit
        && let Some((end, _)) = text.char_indices().nth(limit)
    {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_mlflow() {
        for good in ["a", "a/b.c:d-e_f", "größe", "with space", " ", "a..b", "...a/b", ".a", "ключ", "é"]
        {
            assert_eq!(key("key", good).is_ok(), !good.starts_with(".."), "{good}");
        }
        let bad = [
            "", ".", "..", "..x", "/abs", "./x", "a//b", "a/", "a/..", "a/../b", "a\\b", "a*b", "a\nb",
            "a\0b",
        ];
        for bad in bad {
            assert!(key("key", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_are_measured_and_cut_by_characters() {
        assert!(length("x", &"ß".repeat(250), 250).is_ok());
        assert!(length("x", &"ß".repeat(251), 250).is_err());
        assert_eq!(cut("ß".repeat(251), 250), "ß".repeat(250));
        assert_eq!(cut("abc".to_owned(), 3), "abc");
        assert_eq!(cut("ßß".to_owned(), 3), "ßß");
    }
}
