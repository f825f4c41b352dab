//! The tables `registered_model_tags` and `model_version_tags`: keys with a value each.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::key_value::{self, KeyValue};
use crate::filter::prompts::IS_PROMPT;

/// Whether the tags of a registered model make it a prompt.
pub fn is_prompt(connection: &Connection, name: &str) -> anyhow::Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM registered_models AS m JOIN registered_model_tags AS t ON t.model_id = m.id
         WHERE m.name = ?1 AND t.key = ?2 AND lower(t.value) = 'true'",
    )?;
    Ok(statement.exists((name, IS_PROMPT))?)
}

/// One of the two tables, by its statements.
#[derive(Debug)]
pub struct Tags {
    all: &'static str,
    of_many: &'static str,
    value: &'static str,
    set: &'static str,
    delete: &'static str,
}

macro_rules! tags {
    ($table:literal, $owner:literal) => {
        Tags {
            all: concat!("SELECT key, value FROM ", $table, " WHERE ", $owner, " = ?1 ORDER BY key"),
            of_many: concat!("SELECT ", $owner, ", key, value FROM ", $table, " WHERE ", $owner, " IN"),
            value: concat!("SELECT value FROM ", $table, " WHERE ", $owner, " = ?1 AND key = ?2"),
            set: concat!(
                "INSERT INTO ",
                $table,
                " (",
                $owner,
                ", key, value) VALUES (?1, ?2, ?3) ON CONFLICT (",
                $owner,
                ", key) DO UPDATE SET value = excluded.value"
            ),
            delete: concat!("DELETE FROM ", $table, " WHERE ", $owner, " = ?1 AND key = ?2 RETURNING value"),
        }
    };
}

/// The tags of registered models.
pub const OF_MODELS: Tags = tags!("registered_model_tags", "model_id");
/// The tags of model versions.
pub const OF_VERSIONS: Tags = tags!("model_version_tags", "version_id");

impl Tags {
    /// All tags of one row, by key.
    pub fn all(&self, connection: &Connection, of: i64) -> anyhow::Result<Vec<KeyValue>> {
        let mut statement = connection.prepare_cached(self.all)?;
        let rows = statement.query_map([of], |row| Ok(KeyValue { key: row.get(0)?, value: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All tags of several rows, by row and key; who has none is left out.
    pub fn of_many(
        &self,
        connection: &Connection,
        of: &[i64],
    ) -> anyhow::Result<HashMap<i64, Vec<KeyValue>>> {
        key_value::of(connection, of, (self.of_many, "ORDER BY 1, 2"))
    }

    /// The value of one tag.
    pub fn value(&self, connection: &Connection, of: i64, key: &str) -> anyhow::Result<Option<String>> {
        Ok(connection.prepare_cached(self.value)?.query_row((of, key), |row| row.get(0)).optional()?)
    }

    /// Sets a tag, whether it is there or not.
    pub fn set(&self, connection: &Connection, of: i64, tag: &KeyValue) -> anyhow::Result<()> {
        connection.prepare_cached(self.set)?.execute((of, &tag.key, &tag.value))?;
        Ok(())
    }

    /// Removes a tag; its value, when it was there.
    pub fn delete(&self, connection: &Connection, of: i64, key: &str) -> anyhow::Result<Option<String>> {
        Ok(connection.prepare_cached(self.delete)?.query_row((of, key), |row| row.get(0)).optional()?)
    }
}
