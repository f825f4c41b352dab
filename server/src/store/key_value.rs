//! A key and its value, as tags and params have them in every table.

use serde::Serialize;

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyValue {
    /// The key, once for each thing that has it.
    pub key: String,
    /// Any text.
    pub value: String,
}
