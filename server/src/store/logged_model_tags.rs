//! The table `logged_model_tags`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::key_value::{self, KeyValue};

/// Sets a tag, whether it is there or not.
pub fn set(connection: &Connection, model: i64, tag: &KeyValue) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO logged_model_tags (model, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (model, key) DO UPDATE SET value = excluded.value",
        )?
        .execute((model, &tag.key, &tag.value))?;
    Ok(())
}

/// Removes a tag; the value it had, or `None` when there is no such tag.
pub fn remove(connection: &Connection, model: i64, key: &str) -> anyhow::Result<Option<String>> {
    Ok(connection
        .prepare_cached("DELETE FROM logged_model_tags WHERE model = ?1 AND key = ?2 RETURNING value")?
        .query_row((model, key), |row| row.get(0))
        .optional()?)
}

/// The tags of some models, by model and key.
pub fn of(connection: &Connection, models: &[i64]) -> anyhow::Result<HashMap<i64, Vec<KeyValue>>> {
    let select = "SELECT model, key, value FROM logged_model_tags WHERE model IN";
    key_value::of(connection, models, (select, "ORDER BY model, key"))
}
