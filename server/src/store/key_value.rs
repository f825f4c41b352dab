//! A key and its value, as tags and params have them in every table.

use std::collections::HashMap;

use rusqlite::Connection;
use serde::Serialize;

use super::ids;

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyValue {
    /// The key, once for each thing that has it.
    pub key: String,
    /// Any text.
    pub value: String,
}

/// The pairs of several rows, by row: a query for owner, key and value, as [`ids::each_row`] takes it.
pub(super) fn of(
    connection: &Connection,
    owners: &[i64],
    query: (&str, &str),
) -> anyhow::Result<HashMap<i64, Vec<KeyValue>>> {
    let mut pairs: HashMap<i64, Vec<KeyValue>> = HashMap::new();
    ids::each_row(connection, owners, query, |row| {
        let pair = KeyValue { key: row.get(1)?, value: row.get(2)? };
        pairs.entry(row.get(0)?).or_default().push(pair);
        Ok(())
    })?;
    Ok(pairs)
}
