//! The table `runs`.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::ids;
use super::run_status::RunStatus;
use super::stage::Stage;

/// A run's row.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the other tables call it.
    pub id: i64,
    /// What people call it: 32 hexadecimal digits.
    pub run_id: String,
    /// The experiment that it is part of.
    pub experiment_id: i64,
    /// A name that need not be the only one.
    pub name: String,
    /// Who made it, as whoever made it says.
    pub user_id: String,
    /// How far it is.
    pub status: RunStatus,
    /// In milliseconds since 1970, as whoever made it says; may be before 1970.
    pub start_time: i64,
    /// In milliseconds since 1970, as whoever ended it says.
    pub end_time: Option<i64>,
    /// The folder of its artifacts, as a URI.
    pub artifact_uri: String,
    /// Whether it was deleted.
    pub stage: Stage,
}

/// What a change of a run must know of it.
#[derive(Debug, Clone, Copy)]
pub struct RunKey {
    /// What the other tables call it.
    pub id: i64,
    /// The experiment that it is part of.
    pub experiment_id: i64,
    /// Whether it was deleted.
    pub stage: Stage,
}

/// A run to be made: active and running.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// 32 hexadecimal digits that no other run has.
    pub run_id: &'a str,
    /// The experiment that it is part of.
    pub experiment_id: i64,
    /// Its name.
    pub name: &'a str,
    /// Who makes it.
    pub user_id: &'a str,
    /// In milliseconds since 1970.
    pub start_time: i64,
    /// The folder of its artifacts, as a URI.
    pub artifact_uri: &'a str,
}

const COLUMNS: &str =
    "id, run_id, experiment_id, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        run_id: row.get(1)?,
        experiment_id: row.get(2)?,
        name: row.get(3)?,
        user_id: row.get(4)?,
        status: row.get(5)?,
        start_time: row.get(6)?,
        end_time: row.get(7)?,
        artifact_uri: row.get(8)?,
        stage: row.get(9)?,
    })
}

/// A run.
pub fn find(connection: &Connection, run_id: &str) -> anyhow::Result<Option<Run>> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE run_id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([run_id], run).optional()?)
}

/// What a change of a run must know of it.
pub fn key(connection: &Connection, run_id: &str) -> anyhow::Result<Option<RunKey>> {
    Ok(connection
        .prepare_cached("SELECT id, experiment_id, lifecycle_stage FROM runs WHERE run_id = ?1")?
        .query_row([run_id], |row| {
            Ok(RunKey { id: row.get(0)?, experiment_id: row.get(1)?, stage: row.get(2)? })
        })
        .optional()?)
}

/// Runs by their rows' ids, in the ids' order; those that are gone are left out.
pub fn of(connection: &Connection, ids: &[i64]) -> anyhow::Result<Vec<Run>> {
    let mut found = HashMap::with_capacity(ids.len());
    let select = format!("SELECT {COLUMNS} FROM runs WHERE id IN");
    ids::each_row(connection, ids, (&select, ""), |row| {
        let run = run(row)?;
        found.insert(run.id, run);
        Ok(())
    })?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Makes a run; its row's id.
pub fn insert(connection: &Connection, new: &NewRun<'_>) -> anyhow::Result<i64> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO runs (run_id, experiment_id, name, user_id, status, start_time, artifact_uri)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
        )?
        .query_row(
            (
                new.run_id,
                new.experiment_id,
                new.name,
                new.user_id,
                RunStatus::Running,
                new.start_time,
                new.artifact_uri,
            ),
            |row| row.get(0),
        )?)
}

/// Changes what is given of a run's status, end and name.
pub fn update(
    connection: &Connection,
    id: i64,
    status: Option<RunStatus>,
    end_time: Option<i64>,
    name: Option<&str>,
) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "UPDATE runs SET status = coalesce(?2, status), end_time = coalesce(?3, end_time),
                             name = coalesce(?4, name)
             WHERE id = ?1",
        )?
        .execute((id, status, end_time, name))?;
    Ok(())
}

/// Marks a run as deleted or restored.
pub fn set_stage(connection: &Connection, id: i64, stage: Stage, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE runs SET lifecycle_stage = ?2, deleted_at = ?3 WHERE id = ?1")?
        .execute((id, stage, deleted_at(stage, at)))?;
    Ok(())
}

/// Marks all runs of an experiment as deleted or restored; how many.
pub fn set_stage_of_all(
    connection: &Connection,
    experiment: i64,
    stage: Stage,
    at: Timestamp,
) -> anyhow::Result<usize> {
    Ok(connection
        .prepare_cached("UPDATE runs SET lifecycle_stage = ?2, deleted_at = ?3 WHERE experiment_id = ?1")?
        .execute((experiment, stage, deleted_at(stage, at)))?)
}

fn deleted_at(stage: Stage, at: Timestamp) -> Option<i64> {
    (stage == Stage::Deleted).then(|| at.as_millisecond())
}
