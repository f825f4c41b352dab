//! Versions as they are read.

use std::collections::HashMap;

use jiff::Timestamp;
use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};

use super::Stage;
use crate::store::{ids, parse, time};

/// A version's row, with its model's name.
#[derive(Debug, Clone)]
pub struct ModelVersion {
    /// What the other tables call it.
    pub id: i64,
    /// The id of its registered model.
    pub model_id: i64,
    /// The name of its registered model.
    pub name: String,
    /// Its number.
    pub version: VersionNumber,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What people wrote about it.
    pub description: Option<String>,
    /// Who made it, where that was said.
    pub user_id: Option<String>,
    /// Where it stands.
    pub stage: Stage,
    /// What it was made of.
    pub source: String,
    /// The run that made it.
    pub run_id: Option<String>,
    /// Where the run can be seen.
    pub run_link: Option<String>,
    /// Whether it is there to be used.
    pub status: String,
    /// Why it is not, or what it cannot be used for: that gateways cannot run it, and why.
    pub status_message: Option<String>,
}

const SELECT: &str =
    "SELECT v.id, v.model_id, m.name, v.version, v.created_at, v.updated_at, v.description, v.user_id,
            v.stage, v.source, v.run_id, v.run_link, v.status,
            coalesce(v.status_message, 'no bundle for gateways: ' || f.reason)
     FROM model_versions AS v JOIN registered_models AS m ON m.id = v.model_id
     LEFT JOIN bundle_refusals AS f ON f.version_id = v.id";

fn version(row: &Row<'_>) -> anyhow::Result<ModelVersion> {
    Ok(ModelVersion {
        id: row.get(0)?,
        model_id: row.get(1)?,
        name: row.get(2)?,
        version: VersionNumber::try_from(row.get::<_, u32>(3)?)?,
        created_at: time(row.get(4)?)?,
        updated_at: time(row.get(5)?)?,
        description: row.get(6)?,
        user_id: row.get(7)?,
        stage: parse(row.get_ref(8)?.as_str()?)?,
        source: row.get(9)?,
        run_id: row.get(10)?,
        run_link: row.get(11)?,
        status: row.get(12)?,
        status_message: row.get(13)?,
    })
}

fn one(connection: &Connection, rest: &str, of: &[&dyn ToSql]) -> anyhow::Result<Option<ModelVersion>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} {rest}"))?;
    statement.query(of)?.next()?.map(version).transpose()
}

/// A version by its model's name and its number.
pub fn find(
    connection: &Connection,
    name: &ModelName,
    number: VersionNumber,
) -> anyhow::Result<Option<ModelVersion>> {
    one(connection, "WHERE m.name = ?1 AND v.version = ?2", &[&name.as_str(), &number.get()])
}

/// The version that an alias points at.
pub fn by_alias(
    connection: &Connection,
    name: &ModelName,
    alias: &str,
) -> anyhow::Result<Option<ModelVersion>> {
    let rest = "JOIN model_aliases AS a ON a.model_id = v.model_id AND a.version = v.version
                WHERE m.name = ?1 AND a.alias = ?2";
    one(connection, rest, &[&name.as_str(), &alias])
}

/// The version with the highest number.
pub fn newest(connection: &Connection, name: &ModelName) -> anyhow::Result<Option<ModelVersion>> {
    one(connection, "WHERE m.name = ?1 ORDER BY v.version DESC LIMIT 1", &[&name.as_str()])
}

/// Versions by the ids of their rows, in the order of the ids.
pub fn many(connection: &Connection, ids: &[i64]) -> anyhow::Result<Vec<ModelVersion>> {
    let mut found = HashMap::with_capacity(ids.len());
    ids::each_row(connection, ids, (&format!("{SELECT} WHERE v.id IN"), ""), |row| {
        let version = version(row)?;
        found.insert(version.id, version);
        Ok(())
    })?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The newest version of each stage of some models, by model and number.
pub fn latest(connection: &Connection, models: &[i64]) -> anyhow::Result<Vec<ModelVersion>> {
    // One step into an index for each stage, however many versions there are.
    let select = format!(
        "{SELECT} WHERE v.id IN (
            SELECT (SELECT newest.id FROM model_versions AS newest
                    WHERE newest.model_id = r.id AND newest.stage = s.stage
                    ORDER BY newest.version DESC LIMIT 1)
            FROM registered_models AS r
            CROSS JOIN (SELECT 'None' AS stage UNION ALL SELECT 'Staging' UNION ALL SELECT 'Production'
                        UNION ALL SELECT 'Archived') AS s
            WHERE r.id IN"
    );
    let mut found = Vec::new();
    ids::each_row(connection, models, (&select, ") ORDER BY v.model_id, v.version"), |row| {
        found.push(version(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The numbers of all versions of a model, lowest first.
pub fn numbers(connection: &Connection, model: i64) -> anyhow::Result<Vec<VersionNumber>> {
    let mut statement = connection
        .prepare_cached("SELECT version FROM model_versions WHERE model_id = ?1 ORDER BY version")?;
    let rows = statement.query_map([model], |row| row.get::<_, u32>(0))?;
    rows.map(|number| Ok(VersionNumber::try_from(number?)?)).collect()
}

/// The numbers of a model's versions that are in production, by alias or by stage, lowest first.
pub fn in_production(connection: &Connection, model: i64) -> anyhow::Result<Vec<VersionNumber>> {
    let mut statement = connection.prepare_cached(
        "SELECT version FROM model_versions WHERE model_id = ?1 AND stage = 'Production'
         UNION SELECT version FROM model_aliases WHERE model_id = ?1 AND alias = 'production' ORDER BY 1",
    )?;
    let rows = statement.query_map([model], |row| row.get::<_, u32>(0))?;
    rows.map(|number| Ok(VersionNumber::try_from(number?)?)).collect()
}

/// The lowest number of a model's versions.
pub fn lowest(connection: &Connection, model: i64) -> anyhow::Result<Option<VersionNumber>> {
    let lowest: Option<u32> = connection
        .prepare_cached("SELECT min(version) FROM model_versions WHERE model_id = ?1")?
        .query_row([model], |row| row.get(0))?;
    lowest.map(|number| Ok(VersionNumber::try_from(number)?)).transpose()
}
