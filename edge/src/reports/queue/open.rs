//! Opening the queue, and moving aside what cannot be used: the gateway starts whatever it finds.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use overhaul_bundle::QueueId;
use overhaul_client::api::{DropReason, Dropped, Event};
use rusqlite::{Connection, ErrorCode};

use super::{Bounds, Entry, Queue, QueueError};
use crate::random;
use crate::reports::lost::Lost;

/// The format of the file, as `PRAGMA user_version` has it.
pub(super) const FORMAT: i64 = 1;

impl QueueError {
    /// Whether what is in the file cannot be used, now or later; otherwise another try may do.
    pub(in crate::reports) fn is_lasting(&self) -> bool {
        match self {
            Self::System(_) => false,
            Self::Database(rusqlite::Error::SqliteFailure(error, _)) => matches!(
                error.code,
                // The last is an error in SQL, so that a table is not what it was made as.
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown
            ),
            // The last are rows that are not as they were written.
            Self::Newer(_) | Self::Damaged(_) | Self::Database(_) => true,
        }
    }
}

impl Queue {
    /// Opens the queue, or begins one. A file that cannot be used is moved aside, and the new queue's first report
    /// tells the registry that those in it were lost.
    pub(in crate::reports) fn open(file: &Path, bounds: Bounds) -> Result<Self, QueueError> {
        match Self::open_as_it_is(file, bounds) {
            Err(error) if error.is_lasting() => Self::replace(file, bounds, &error),
            outcome => outcome,
        }
    }

    /// Begins a new queue in the place of one that cannot be used.
    pub(in crate::reports) fn replace(
        file: &Path,
        bounds: Bounds,
        error: &QueueError,
    ) -> Result<Self, QueueError> {
        let aside = with(file, if matches!(error, QueueError::Newer(_)) { ".newer" } else { ".damaged" });
        move_aside(file, &aside)?;
        tracing::error!(
            "the reports in {} are not delivered: {error}; the file is {} now, and a new queue begins",
            file.display(),
            aside.display()
        );
        let mut queue = Self::open_as_it_is(file, bounds)?;
        let dropped = Dropped { count: None, from: None, to: None, reason: DropReason::Unreadable };
        let entry = Entry::new(Timestamp::now(), &Event::Dropped(dropped));
        queue.append(entry.as_slice(), Lost::default())?;
        Ok(queue)
    }

    fn open_as_it_is(file: &Path, bounds: Bounds) -> Result<Self, QueueError> {
        let mut connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(1))?;
        // FULL: what the registry has must never be undone here by a power cut, since the same numbers would be given
        // again then, and the registry takes each once (sqlite.org/pragma.html#pragma_synchronous).
        connection.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576;",
        )?;
        let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match format {
            0 => begin(&mut connection)?,
            FORMAT => {
                let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
                if found != "ok" {
                    return Err(QueueError::Damaged(found));
                }
            }
            newer => return Err(QueueError::Newer(newer)),
        }
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let (rows, dropped) = (
            number("SELECT count(*) FROM reports")? as u64,
            number("SELECT coalesce(sum(total), 0) FROM lost")? as u64,
        );
        let id: String = connection.query_row("SELECT id FROM queue", [], |row| row.get(0))?;
        let id = id
            .parse()
            .map_err(|e: overhaul_bundle::names::InvalidName| QueueError::Damaged(e.to_string()))?;
        Ok(Self {
            connection,
            id,
            bounds,
            rows,
            acknowledged_rows: 0,
            acknowledged: 0,
            on_its_way: 0,
            dropped,
        })
    }
}

fn begin(connection: &mut Connection) -> Result<(), QueueError> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    let id = QueueId::from_random(random::bits()?);
    transaction.execute("INSERT INTO queue (id) VALUES (?1)", [id.as_str()])?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    Ok(transaction.commit()?)
}

/// Renames the file; one that was moved there before goes, and so does what `SQLite` keeps beside it.
fn move_aside(file: &Path, aside: &Path) -> io::Result<()> {
    for beside in ["-wal", "-shm"] {
        let (from, to) = (with(file, beside), with(aside, beside));
        let outcome = if from.exists() { fs::rename(&from, &to) } else { fs::remove_file(&to) };
        match outcome {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    fs::rename(file, aside)
}

fn with(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    name.into()
}
