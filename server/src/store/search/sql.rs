//! SQL text together with the values of its parameters.

use rusqlite::types::Value;

use super::SearchError;

/// The most parameters of a statement: `SQLite`'s default, below that of `PostgreSQL`.
const MAX_PARAMETERS: usize = 32_766;

/// A piece of SQL; as many values as its text has `?`, in the same order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sql {
    text: String,
    parameters: Vec<Value>,
}

impl Sql {
    /// A piece without parameters.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), parameters: Vec::new() }
    }

    /// Goes on with text without parameters.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with one parameter.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.text.push('?');
        self.parameters.push(value.into());
        self
    }

    /// Goes on with another piece.
    pub(super) fn then(mut self, other: Self) -> Self {
        self.text.push_str(&other.text);
        self.parameters.extend(other.parameters);
        self
    }

    /// Pieces with a separator between them.
    pub(super) fn join(pieces: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut pieces = pieces.into_iter();
        let first = pieces.next().unwrap_or_default();
        pieces.fold(first, |all, piece| all.text(separator).then(piece))
    }

    /// A list of parameters in parentheses.
    pub(super) fn list<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        let parameters = values.into_iter().map(|value| Self::default().bind(value));
        Self::new("(").then(Self::join(parameters, ", ")).text(")")
    }

    /// The text, and the values of its parameters; refused when there are more than a statement takes.
    pub(super) fn into_parts(self) -> Result<(String, Vec<Value>), SearchError> {
        let count = self.parameters.len();
        if count > MAX_PARAMETERS {
            return Err(SearchError::Invalid(format!(
                "the search compares with {count} values, at most {MAX_PARAMETERS} are taken; name fewer experiments, or fewer values in lists"
            )));
        }
        Ok((self.text, self.parameters))
    }
}
