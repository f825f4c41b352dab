//! The table `run_models`: the logged models that a run took in or gave out.

use std::collections::HashMap;

use rusqlite::Connection;

use super::ids;

/// A logged model that a run took in or gave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunModel {
    /// `m-…`.
    pub model_id: String,
    /// The step after which it was given out.
    pub step: i64,
}

/// The logged models of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunModels {
    /// What it took in.
    pub inputs: Vec<RunModel>,
    /// What it gave out.
    pub outputs: Vec<RunModel>,
}

/// Says that a run took a model in.
pub fn log_input(connection: &Connection, run: i64, model_id: &str) -> anyhow::Result<()> {
    log(connection, run, "input", model_id, 0)
}

/// Says that a run gave a model out after a step; the last step that was said counts.
pub fn log_output(connection: &Connection, run: i64, model_id: &str, step: i64) -> anyhow::Result<()> {
    log(connection, run, "output", model_id, step)
}

fn log(connection: &Connection, run: i64, direction: &str, model_id: &str, step: i64) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO run_models (run, direction, model_id, step) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (run, direction, model_id) DO UPDATE SET step = excluded.step",
        )?
        .execute((run, direction, model_id, step))?;
    Ok(())
}

/// The logged models of some runs, by run and model.
pub fn of(connection: &Connection, runs: &[i64]) -> anyhow::Result<HashMap<i64, RunModels>> {
    let mut models: HashMap<i64, RunModels> = HashMap::new();
    let select = "SELECT run, direction, model_id, step FROM run_models WHERE run IN";
    ids::each_row(connection, runs, (select, "ORDER BY run, direction, model_id"), |row| {
        let of_run = models.entry(row.get(0)?).or_default();
        let list = match row.get_ref(1)?.as_str()? {
            "input" => &mut of_run.inputs,
            _ => &mut of_run.outputs,
        };
        list.push(RunModel { model_id: row.get(2)?, step: row.get(3)? });
        Ok(())
    })?;
    Ok(models)
}
