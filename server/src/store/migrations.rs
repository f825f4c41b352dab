//! Numbered SQL files, applied in order, each in one transaction, never edited after they landed.

use anyhow::{Context as _, bail};
use overhaul_bundle::{Mistake, Sha256Digest};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::Clock;

/// Name and text of each migration, in order. Append only.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_registry", include_str!("../../migrations/0001_registry.sql")),
    ("0002_mlflow", include_str!("../../migrations/0002_mlflow.sql")),
    ("0003_gateways", include_str!("../../migrations/0003_gateways.sql")),
];

/// Applies what is lacking; refuses a database whose migrations are not the beginning of ours.
pub(super) fn apply(connection: &mut Connection, clock: &Clock) -> anyhow::Result<()> {
    apply_all(connection, clock, MIGRATIONS)
}

/// Refuses a database that lacks one of our migrations, or has one that is not ours.
pub(super) fn check(connection: &Connection) -> anyhow::Result<()> {
    let applied = |name: &str| -> rusqlite::Result<bool> {
        connection.query_row("SELECT count(*) FROM migrations WHERE name = ?1", [name], |row| row.get(0))
    };
    refuse_unknown(connection, MIGRATIONS)?;
    for (name, _) in MIGRATIONS {
        if !applied(name)? {
            return Err(Mistake::new(format!(
                "it lacks migration {name}, and an overhaul-server of another release runs on it; use that release"
            ))
            .into());
        }
    }
    Ok(())
}

fn apply_all(connection: &mut Connection, clock: &Clock, migrations: &[(&str, &str)]) -> anyhow::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
            name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL
         ) STRICT",
    )?;
    refuse_unknown(connection, migrations)?;
    for (name, sql) in migrations {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let digest = Sha256Digest::of(sql.as_bytes()).to_string();
        let applied: Option<String> = transaction
            .query_row("SELECT sha256 FROM migrations WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        match applied {
            Some(applied) if applied == digest => continue,
            Some(applied) => bail!(
                "migration {name} was applied with sha256 {applied}, this program has {digest}: \
                 a migration is never edited after it landed"
            ),
            None => {}
        }
        transaction.execute_batch(sql).with_context(|| format!("migration {name} failed"))?;
        transaction.execute(
            "INSERT INTO migrations (name, sha256, applied_at) VALUES (?1, ?2, ?3)",
            (name, digest, clock.now().to_string()),
        )?;
        transaction.commit()?;
        tracing::info!(name, "migration applied");
    }
    Ok(())
}

/// Refuses a database that is not up to date, whoever made it.
pub(super) fn refuse_others(connection: &Connection) -> anyhow::Result<()> {
    refuse_unknown(connection, MIGRATIONS)?;
    let mut applied = connection.prepare("SELECT 1 FROM migrations WHERE name = ?1")?;
    for (name, _) in MIGRATIONS {
        if !applied.exists([name])? {
            return Err(Mistake::new(format!(
                "it lacks migration {name}; start this release's server on it once, which brings it up to date"
            ))
            .into());
        }
    }
    Ok(())
}

fn refuse_unknown(connection: &Connection, migrations: &[(&str, &str)]) -> anyhow::Result<()> {
    let mut applied = connection.prepare("SELECT name FROM migrations ORDER BY name")?;
    for name in applied.query_map([], |row| row.get::<_, String>(0))? {
        let name = name?;
        if !migrations.iter().any(|(known, _)| *known == name) {
            return Err(Mistake::new(format!(
                "it has migration {name}, which this release does not know; use the newer overhaul-server that made it"
            ))
            .into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: (&str, &str) = ("0001_a", "CREATE TABLE a (x INTEGER) STRICT;");

    #[test]
    fn migrations_are_applied_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply(&mut connection, &Clock::system()).unwrap();
        apply(&mut connection, &Clock::system()).unwrap();
        let count: u32 =
            connection.query_row("SELECT count(*) FROM migrations", [], |row| row.get(0)).unwrap();
        assert_eq!(count as usize, MIGRATIONS.len());
    }

    #[test]
    fn what_the_first_release_kept_is_there_after_the_second_migration() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply_all(&mut connection, &Clock::system(), &MIGRATIONS[..1]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO models VALUES (7, 'RUL', '2026-03-01T12:00:00.125Z', 3);
                 INSERT INTO versions VALUES (7, 2, 'abc', '2026-03-01T12:00:01Z', '{}');
                 INSERT INTO aliases VALUES (7, 'production', 2);
                 INSERT INTO audit (at, action, model_id, version, alias, from_version, actor, reason)
                 VALUES ('2026-03-01T12:00:02Z', 'move_alias', 7, 2, 'production', NULL, 'ann', 'better');",
            )
            .unwrap();
        apply(&mut connection, &Clock::system()).unwrap();
        let text = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(
            text("SELECT name || id || '@' || created_at FROM registered_models"),
            ["RUL7@1772366400125"]
        );
        assert_eq!(text("SELECT name || last FROM version_numbers"), ["RUL3"]);
        assert_eq!(
            text("SELECT name || version FROM version_reservations ORDER BY version"),
            ["RUL1", "RUL3"]
        );
        assert_eq!(
            text(
                "SELECT v.version || b.sha256 || v.source FROM model_versions v JOIN bundles b ON b.version_id = v.id"
            ),
            ["2abcmlflow-artifacts:/bundles/abc"]
        );
        assert_eq!(text("SELECT alias || version FROM model_aliases"), ["production2"]);
        assert_eq!(
            text("SELECT actor || action || subject || scope || after || reason || at FROM audit"),
            ["annset_aliasproductionRUL2better1772366402000"]
        );
        assert!(text("PRAGMA foreign_key_check").is_empty());
    }

    #[test]
    fn a_database_that_an_older_release_runs_on_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply_all(&mut connection, &Clock::system(), &MIGRATIONS[..1]).unwrap();
        let error = check(&connection).unwrap_err();
        assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()), "{error:#}");
        assert!(error.to_string().contains(MIGRATIONS[1].0), "{error}");
        apply(&mut connection, &Clock::system()).unwrap();
        check(&connection).unwrap();
    }

    #[test]
    fn an_edited_migration_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply_all(&mut connection, &Clock::system(), &[FIRST]).unwrap();
        let edited = [("0001_a", "CREATE TABLE a (x TEXT) STRICT;")];
        let error = apply_all(&mut connection, &Clock::system(), &edited).unwrap_err().to_string();
        assert!(error.contains("0001_a") && error.contains("never edited"), "{error}");
    }

    #[test]
    fn a_database_of_a_newer_release_is_refused_as_a_mistake() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply_all(&mut connection, &Clock::system(), &[FIRST, ("0002_b", "CREATE TABLE b (x) ;")]).unwrap();
        let error = apply_all(&mut connection, &Clock::system(), &[FIRST]).unwrap_err();
        assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()), "{error:#}");
        assert!(error.to_string().contains("0002_b"), "{error}");
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = ("0002_b", "CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x INTEGER);");
        assert!(apply_all(&mut connection, &Clock::system(), &[FIRST, broken]).is_err());
        assert!(connection.prepare("SELECT x FROM b").is_err());
        assert!(connection.prepare("SELECT x FROM a").is_ok());
    }
}
