//! The table `logged_model_params`: what a logged model was made with. A param never changes.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::key_value::{self, KeyValue};

/// Logs a param; the value that it has already when that is another one, which stays.
pub fn log(connection: &Connection, model: i64, param: &KeyValue) -> anyhow::Result<Option<String>> {
    let logged = connection
        .prepare_cached(
            "INSERT INTO logged_model_params (model, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (model, key) DO NOTHING",
        )?
        .execute((model, &param.key, &param.value))?;
    if logged == 1 {
        return Ok(None);
    }
    Ok(connection
        .prepare_cached(
            "SELECT value FROM logged_model_params WHERE model = ?1 AND key = ?2 AND value <> ?3",
        )?
        .query_row((model, &param.key, &param.value), |row| row.get(0))
        .optional()?)
}

/// The params of some models, by model and key.
pub fn of(connection: &Connection, models: &[i64]) -> anyhow::Result<HashMap<i64, Vec<KeyValue>>> {
    let select = "SELECT model, key, value FROM logged_model_params WHERE model IN";
    key_value::of(connection, models, (select, "ORDER BY model, key"))
}
