//! The file `units.db`: its tables, its release, and what happens to a damaged one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use rusqlite::{Connection, ErrorCode};

/// The file's name in the data directory.
pub(super) const FILE: &str = "units.db";
/// What this release writes; kept in `PRAGMA user_version`, which is 0 in a new file.
const RELEASE: i64 = 1;
/// How long a statement waits for a lock; only the thread that moves the log could hold one, for a moment.
const BUSY: Duration = Duration::from_secs(10);

/// `units.id` is never used again for another unit, so that the rows in `log` of one that was forgotten are known by
/// their `unit` not being there. `versions.inside` and `total` count intervals of units whose end of life was told.
const TABLES: &str = "
    CREATE TABLE units (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE layouts (id INTEGER PRIMARY KEY, columns TEXT NOT NULL) STRICT;
    CREATE TABLE versions (
        id INTEGER PRIMARY KEY,
        bundle TEXT NOT NULL,
        number INTEGER,
        rul_cap REAL,
        level REAL,
        inside INTEGER NOT NULL DEFAULT 0,
        total INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE log (
        id INTEGER PRIMARY KEY,
        unit INTEGER NOT NULL,
        cycle INTEGER NOT NULL,
        layout INTEGER,
        readings BLOB,
        answer BLOB
    ) STRICT;
    PRAGMA user_version = 1;";

/// The file, opened by the one agent that holds the directory.
pub(super) struct File {
    pub(super) connection: Connection,
    path: PathBuf,
}

impl File {
    /// Opens the file, or makes it. A damaged one is moved aside; one of a newer release is a mistake.
    pub(super) fn open(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join(FILE);
        let connection = match connect(&path) {
            Err(error) if is_damage(&error) => {
                move_aside(&path, &error)?;
                connect(&path)
            }
            opened => opened,
        };
        let connection = connection.map_err(|e| match e.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                anyhow::Error::new(Mistake::new(format!(
                    "{} cannot be written ({e}); make the data directory writable for this user, \
                     or name another with --data-dir",
                    path.display()
                )))
            }
            _ => anyhow::Error::new(e).context(format!("cannot open {}", path.display())),
        })?;
        let release: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .with_context(|| format!("cannot read {}", path.display()))?;
        if release != RELEASE {
            return Err(Mistake::new(format!(
                "{} was written by a newer release (its version is {release}, this one knows {RELEASE}); \
                 use that release, or move the file away to begin without windows",
                path.display()
            ))
            .into());
        }
        Ok(Self { connection, path })
    }

    /// Moves the file aside and goes on with a new one.
    pub(super) fn begin_anew(&mut self, damage: &rusqlite::Error) -> anyhow::Result<()> {
        // The old one is closed first, so that it writes nothing more under the file's name.
        self.connection = Connection::open_in_memory().context("cannot make a database")?;
        move_aside(&self.path, damage)?;
        self.connection =
            connect(&self.path).with_context(|| format!("cannot make {}", self.path.display()))?;
        Ok(())
    }

    /// Another connection, for the thread that moves the log.
    pub(super) fn another(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    }
}

/// Whether the file is not what this program wrote, rather than the disk being full or away.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(..) => {
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        }
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..) => true,
        _ => false,
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // Small pages: a commit writes each page that it changed, and most commits bring a reading or two. NORMAL: only
    // moving the log into the file waits for the disk. The thread for checkpoints moves it; the writer itself only
    // when that one does not keep up, at 16 MiB. The cache is in KiB when negative.
    connection.execute_batch(
        "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 16384;
         PRAGMA journal_size_limit = 4194304;",
    )?;
    let release: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if release == 0 {
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} COMMIT;"))?;
    }
    Ok(connection)
}

/// Renames the file, over one that was moved aside before: disk use stays bounded.
fn move_aside(path: &Path, damage: &rusqlite::Error) -> anyhow::Result<()> {
    let aside = path.with_extension("db.damaged");
    fs::rename(path, &aside).with_context(|| format!("cannot move {} aside", path.display()))?;
    for extension in ["db-wal", "db-shm"] {
        let beside = path.with_extension(extension);
        match fs::remove_file(&beside) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(e).with_context(|| format!("cannot remove {}", beside.display()));
            }
            _ => {}
        }
    }
    tracing::error!(
        "{} is damaged ({damage}): it was moved to {}, and units begin anew",
        path.display(),
        aside.display()
    );
    Ok(())
}
