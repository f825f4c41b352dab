//! The database: `SQLite` with one writer and a pool of readers.
//!
//! | module | its table |
//! | --- | --- |
//! | `migrations` | `migrations`: which numbered SQL files were applied |
//! | [`models`] | `models`: registered models and the numbers handed out |
//! | [`versions`] | `versions`: what was published |
//! | [`aliases`] | `aliases`: where each alias points |
//! | [`audit`] | `audit`: every change, in the change's own transaction |

use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

use crate::Clock;

pub mod aliases;
pub mod audit;
mod migrations;
pub mod models;
pub mod versions;

/// Connections that only read.
const READERS: usize = 4;
/// How long a statement waits for a lock that another connection holds.
const BUSY: Duration = Duration::from_secs(10);

/// The registry's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Arc<tokio::sync::Mutex<Connection>>,
    readers: Arc<Readers>,
}

struct Readers {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the database, creating it or bringing it up to date.
    pub fn open(file: &Path, clock: &Clock) -> anyhow::Result<Self> {
        let cannot = || format!("cannot open the database {}", file.display());
        let mut writer = Connection::open(file).with_context(cannot)?;
        writer.busy_timeout(BUSY).with_context(cannot)?;
        // FULL: what was acknowledged survives a power cut (sqlite.org/pragma.html#pragma_synchronous).
        writer
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
            .with_context(cannot)?;
        migrations::apply(&mut writer, clock).with_context(cannot)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let readers = (0..READERS)
            .map(|_| {
                let reader = Connection::open_with_flags(file, flags)?;
                reader.busy_timeout(BUSY)?;
                Ok(reader)
            })
            .collect::<rusqlite::Result<Vec<_>>>()
            .with_context(cannot)?;
        let readers = Readers { permits: Arc::new(Semaphore::new(READERS)), idle: Mutex::new(readers) };
        Ok(Self { writer: Arc::new(tokio::sync::Mutex::new(writer)), readers: Arc::new(readers) })
    }

    /// Runs a change as one transaction: durable when this returns `Ok`, without a trace otherwise.
    ///
    /// A caller that goes away does not cut it in two: once begun, it runs to its end.
    pub async fn write<T, E>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<anyhow::Error> + Send + 'static,
    {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        blocking(move || {
            let transaction = writer
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|e| anyhow!(e).context("cannot begin a transaction"))?;
            let value = change(&transaction)?;
            transaction.commit().map_err(|e| anyhow!(e).context("cannot commit"))?;
            Ok(value)
        })
        .await
    }

    /// Runs queries that all see one moment of the database.
    pub async fn read<T, E>(
        &self,
        query: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<anyhow::Error> + Send + 'static,
    {
        let permit = Arc::clone(&self.readers.permits).acquire_owned().await.map_err(|e| anyhow!(e))?;
        let readers = Arc::clone(&self.readers);
        blocking(move || {
            let mut reader = Lent::from(&readers)?;
            let result = reader
                .connection()?
                .transaction()
                .map_err(|e| anyhow!(e).context("cannot begin to read").into())
                .and_then(|transaction| query(&transaction));
            drop(reader);
            drop(permit);
            result
        })
        .await
    }
}

/// A reader that goes back to its pool, even when a query panics.
struct Lent<'a> {
    pool: &'a Mutex<Vec<Connection>>,
    reader: Option<Connection>,
}

impl<'a> Lent<'a> {
    fn from(readers: &'a Readers) -> anyhow::Result<Self> {
        let reader = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // There are as many permits as readers.
        let reader = Some(reader.context("no reader is left")?);
        Ok(Self { pool: &readers.idle, reader })
    }

    fn connection(&mut self) -> anyhow::Result<&mut Connection> {
        self.reader.as_mut().context("the reader was given back")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).extend(self.reader.take());
    }
}

async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<anyhow::Error> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|e| Err(anyhow!(e).context("a query panicked").into()))
}

/// Reads a value that this program wrote as text.
fn parse<T>(text: &str) -> anyhow::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().with_context(|| format!("the database holds {text:?}"))
}
