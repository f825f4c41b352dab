//! The table `model_aliases`: where each alias of a model points.

use std::collections::{BTreeMap, HashMap};

use overhaul_bundle::{Alias, VersionNumber};
use rusqlite::{Connection, OptionalExtension as _};

use super::{ids, parse};

/// Where an alias points.
pub fn find(connection: &Connection, model: i64, alias: &Alias) -> anyhow::Result<Option<VersionNumber>> {
    connection
        .prepare_cached("SELECT version FROM model_aliases WHERE model_id = ?1 AND alias = ?2")?
        .query_row((model, alias.as_str()), |row| row.get::<_, u32>(0))
        .optional()?
        .map(|number| Ok(VersionNumber::try_from(number)?))
        .transpose()
}

/// All aliases of a model.
pub fn all(connection: &Connection, model: i64) -> anyhow::Result<BTreeMap<Alias, VersionNumber>> {
    let mut statement =
        connection.prepare_cached("SELECT alias, version FROM model_aliases WHERE model_id = ?1")?;
    let rows = statement.query_map([model], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?)))?;
    rows.map(|row| {
        let (alias, number) = row?;
        Ok((parse(&alias)?, VersionNumber::try_from(number)?))
    })
    .collect()
}

/// The aliases of several models, by model and name, with the versions' numbers; who has none is left out.
pub fn of_models(
    connection: &Connection,
    models: &[i64],
) -> anyhow::Result<HashMap<i64, Vec<(String, VersionNumber)>>> {
    let mut aliases: HashMap<i64, Vec<(String, VersionNumber)>> = HashMap::new();
    let select = "SELECT model_id, alias, version FROM model_aliases WHERE model_id IN";
    ids::each_row(connection, models, (select, "ORDER BY model_id, alias"), |row| {
        let to = VersionNumber::try_from(row.get::<_, u32>(2)?)?;
        aliases.entry(row.get(0)?).or_default().push((row.get(1)?, to));
        Ok(())
    })?;
    Ok(aliases)
}

/// The aliases that point at a version, by name.
pub fn of_version(
    connection: &Connection,
    model: i64,
    version: VersionNumber,
) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT alias FROM model_aliases WHERE model_id = ?1 AND version = ?2 ORDER BY alias",
    )?;
    let rows = statement.query_map((model, version.get()), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The aliases that point at several versions, by the ids of their rows; to whom none points is left out.
pub fn of_versions(connection: &Connection, ids: &[i64]) -> anyhow::Result<HashMap<i64, Vec<String>>> {
    let mut aliases: HashMap<i64, Vec<String>> = HashMap::new();
    let select = "SELECT v.id, a.alias
                  FROM model_versions AS v JOIN model_aliases AS a ON a.model_id = v.model_id AND a.version = v.version
                  WHERE v.id IN";
    ids::each_row(connection, ids, (select, "ORDER BY v.id, a.alias"), |row| {
        aliases.entry(row.get(0)?).or_default().push(row.get(1)?);
        Ok(())
    })?;
    Ok(aliases)
}

/// Points an alias at a version.
pub fn point(connection: &Connection, model: i64, alias: &Alias, to: VersionNumber) -> anyhow::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO model_aliases (model_id, alias, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (model_id, alias) DO UPDATE SET version = excluded.version",
        )?
        .execute((model, alias.as_str(), to.get()))?;
    Ok(())
}

/// Removes an alias.
pub fn remove(connection: &Connection, model: i64, alias: &Alias) -> anyhow::Result<()> {
    connection
        .prepare_cached("DELETE FROM model_aliases WHERE model_id = ?1 AND alias = ?2")?
        .execute((model, alias.as_str()))?;
    Ok(())
}
