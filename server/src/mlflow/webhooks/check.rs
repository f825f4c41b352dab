//! What a webhook may be called, and what it may say.

use super::body::NamedEvent;
use crate::api::ApiError;
use crate::webhooks::EventKind;

/// The most characters of a name.
const MAX_NAME: usize = 63;
/// The most characters of a description.
const MAX_DESCRIPTION: usize = 1000;
/// The most characters of a secret.
const MAX_SECRET: usize = 1000;

/// A parameter that must be there.
pub(super) fn required<T>(parameter: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| {
        ApiError::invalid(format!(
            "Missing value for required parameter '{parameter}'. \
             See the API docs for more information about request parameters."
        ))
    })
}

/// A name: letters, digits, and between them dots, underscores and hyphens.
pub(super) fn name(name: Option<String>) -> Result<String, ApiError> {
    let name = required("name", name.filter(|name| !name.is_empty()))?;
    let is_edge = |byte: &u8| byte.is_ascii_alphanumeric();
    let is_inner = |byte: &u8| is_edge(byte) || b"._-".contains(byte);
    let bytes = name.as_bytes();
    let edges = bytes.first().is_some_and(is_edge) && bytes.last().is_some_and(is_edge);
    if edges && bytes.iter().all(is_inner) && bytes.len() <= MAX_NAME {
        return Ok(name);
    }
    let shown: String = name.chars().take(100).collect();
    Err(ApiError::invalid(format!(
        "Webhook name {shown:?} is invalid. It must start and end with a letter or digit, have at most {MAX_NAME} \
         characters, and contain only letters, digits, dots (.), underscores (_), and hyphens (-)."
    )))
}

/// At least one event, each of a kind that happens here.
pub(super) fn events(events: &[NamedEvent]) -> Result<Vec<EventKind>, ApiError> {
    if events.is_empty() {
        return Err(ApiError::invalid("Invalid value for parameter 'events': it is empty; name an event"));
    }
    events.iter().map(NamedEvent::kind).collect()
}

pub(super) fn description(text: Option<String>) -> Result<Option<String>, ApiError> {
    limited("description", text, MAX_DESCRIPTION)
}

pub(super) fn secret(text: Option<String>) -> Result<Option<String>, ApiError> {
    limited("secret", text, MAX_SECRET)
}

fn limited(parameter: &str, text: Option<String>, most: usize) -> Result<Option<String>, ApiError> {
    match text.as_deref().map(|text| text.chars().count()) {
        Some(count) if count > most => Err(ApiError::invalid(format!(
            "Invalid value for parameter '{parameter}': it has {count} characters; use at most {most}"
        ))),
        _ => Ok(text),
    }
}
