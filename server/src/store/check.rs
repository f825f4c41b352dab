//! Whether the database is in order: each problem as one line.

use rusqlite::Connection;

/// What the database counts, for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Registered models.
    pub models: i64,
    /// Their versions.
    pub versions: i64,
    /// Versions with a bundle.
    pub bundles: i64,
    /// Aliases.
    pub aliases: i64,
    /// Experiments.
    pub experiments: i64,
    /// Runs.
    pub runs: i64,
    /// Names of artifacts.
    pub artifacts: i64,
}

/// Counts rows.
pub fn counts(connection: &Connection) -> anyhow::Result<Counts> {
    Ok(connection.query_row(
        "SELECT (SELECT count(*) FROM registered_models), (SELECT count(*) FROM model_versions),
                (SELECT count(*) FROM bundles), (SELECT count(*) FROM model_aliases),
                (SELECT count(*) FROM experiments), (SELECT count(*) FROM runs), (SELECT count(*) FROM artifacts)",
        [],
        |row| {
            Ok(Counts {
                models: row.get(0)?,
                versions: row.get(1)?,
                bundles: row.get(2)?,
                aliases: row.get(3)?,
                experiments: row.get(4)?,
                runs: row.get(5)?,
                artifacts: row.get(6)?,
            })
        },
    )?)
}

/// Everything that is wrong with the database itself, whatever the blobs are.
pub fn problems(connection: &Connection) -> anyhow::Result<Vec<String>> {
    let mut problems = integrity(connection);
    // A file that is broken answers other questions wrongly or not at all.
    if problems.is_empty() {
        problems.extend(foreign_keys(connection)?);
        problems.extend(aliases(connection)?);
        problems.extend(numbers(connection)?);
        problems.extend(reservations(connection)?);
    }
    Ok(problems)
}

fn integrity(connection: &Connection) -> Vec<String> {
    let check = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare("PRAGMA integrity_check")?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    match check() {
        Ok(lines) if lines == ["ok"] => Vec::new(),
        Ok(lines) => {
            lines.iter().flat_map(|line| line.lines()).map(|line| format!("database: {line}")).collect()
        }
        Err(error) => vec![format!("database: {error}")],
    }
}

fn foreign_keys(connection: &Connection) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut problems = Vec::new();
    for row in rows {
        let (table, id, parent) = row?;
        // `aliases` says more of those.
        if table == "model_aliases" {
            continue;
        }
        let id = id.map(|id| format!(" {id}")).unwrap_or_default();
        problems.push(format!("row{id} of {table}: what it belongs to is not in {parent}"));
    }
    Ok(problems)
}

fn aliases(connection: &Connection) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT coalesce(m.name, '#' || CAST(a.model_id AS TEXT)), a.alias, a.version FROM model_aliases AS a
         LEFT JOIN registered_models AS m ON m.id = a.model_id
         LEFT JOIN model_versions AS v ON v.model_id = a.model_id AND v.version = a.version
         WHERE v.id IS NULL ORDER BY 1, 2",
    )?;
    let rows = statement.query_map([], |row| {
        let (model, alias, version): (String, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("alias {alias} of {model}: it points at version {version}, which does not exist"))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn numbers(connection: &Connection) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT m.name, max(v.version), coalesce(max(n.last), 0) FROM model_versions AS v
         JOIN registered_models AS m ON m.id = v.model_id
         LEFT JOIN version_numbers AS n ON n.name = m.name
         GROUP BY m.name HAVING max(v.version) > coalesce(max(n.last), 0) ORDER BY m.name",
    )?;
    let rows = statement.query_map([], |row| {
        let (model, highest, last): (String, u32, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!(
            "version numbers of {model}: the last one handed out is {last}, but there is version {highest}"
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn reservations(connection: &Connection) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT r.name, r.version, v.id IS NOT NULL FROM version_reservations AS r
         LEFT JOIN version_numbers AS n ON n.name = r.name
         LEFT JOIN registered_models AS m ON m.name = r.name
         LEFT JOIN model_versions AS v ON v.model_id = m.id AND v.version = r.version
         WHERE v.id IS NOT NULL OR r.version > coalesce(n.last, 0) ORDER BY 1, 2",
    )?;
    let rows = statement.query_map([], |row| {
        let (model, version, used): (String, u32, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let why = if used { "that version exists" } else { "it was never handed out" };
        Ok(format!("reserved version {version} of {model}: {why}"))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
