//! A key and its value as requests bring them.

use std::fmt::Display;

use serde::Deserialize;

use super::check;
use crate::api::ApiError;
use crate::store::key_value::KeyValue;

/// A tag or a param of a request.
#[derive(Deserialize)]
pub(super) struct Pair {
    key: Option<String>,
    value: Option<String>,
}

impl Pair {
    /// The pair with its key, which must be there; a value that is missing is empty.
    pub(super) fn keyed(self, path: impl Display) -> Result<KeyValue, ApiError> {
        let key = check::required(format_args!("{path}.key"), self.key)?;
        Ok(KeyValue { key, value: self.value.unwrap_or_default() })
    }
}

/// Pairs that may be missing altogether, each with its key.
pub(super) fn all(parameter: &str, pairs: Option<Vec<Pair>>) -> Result<Vec<KeyValue>, ApiError> {
    let pairs = pairs.unwrap_or_default().into_iter().enumerate();
    pairs.map(|(index, pair)| pair.keyed(format_args!("{parameter}[{index}]"))).collect()
}
