//! The pool of connections that only read.

use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, anyhow};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::BUSY;

/// Connections that only read.
const READERS: usize = 4;
/// Connections for short queries, of which few threads run one at the same moment.
const MOST_INSTANT: usize = 8;

pub(super) struct Readers {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
    /// For queries so short that handing them to another thread would take longer: one for each thread that answers, up to a few.
    instant: Vec<Mutex<Connection>>,
}

impl Readers {
    /// Opens the pool on a database that exists.
    pub(super) fn open(file: &Path) -> rusqlite::Result<Self> {
        let idle = (0..READERS).map(|_| reader(file)).collect::<rusqlite::Result<_>>()?;
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_INSTANT);
        let instant = (0..threads).map(|_| reader(file).map(Mutex::new)).collect::<rusqlite::Result<_>>()?;
        Ok(Self { permits: Arc::new(Semaphore::new(READERS)), idle: Mutex::new(idle), instant })
    }

    /// Runs short queries on the thread that asks; they all see one moment of the database.
    pub(super) fn read_now<T, E: From<anyhow::Error>>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.instant.iter().find_map(|reader| reader.try_lock().ok());
        let reader = if let Some(reader) = idle {
            reader
        } else {
            let first = self.instant.first().context("there is no reader")?;
            first.lock().unwrap_or_else(PoisonError::into_inner)
        };
        at_once(&reader, query)
    }

    /// Runs queries that all see one moment of the database.
    pub(super) async fn read<T, E>(
        self: Arc<Self>,
        query: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<anyhow::Error> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|e| anyhow!(e))?;
        let work = move || {
            let reader = Lent::from(&self)?;
            let result = at_once(reader.connection()?, query);
            drop(reader);
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|e| Err(anyhow!(e).context("a query panicked").into()))
    }
}

/// Runs queries that all see one moment of the database.
fn at_once<T, E: From<anyhow::Error>>(
    reader: &Connection,
    query: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let moment = Moment::begin(reader).context("cannot begin to read")?;
    query(moment.0)
}

/// A transaction that only reads. It ends when this is dropped, even when a query panics.
struct Moment<'a>(&'a Connection);

impl<'a> Moment<'a> {
    /// `rusqlite::Transaction` would have both of its statements parsed every time.
    fn begin(reader: &'a Connection) -> rusqlite::Result<Self> {
        reader.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(reader))
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        let ended = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
        if let Err(error) = ended {
            tracing::error!("cannot end to read: {error}");
        }
    }
}

fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(file, flags)?;
    reader.busy_timeout(BUSY)?;
    super::keep(&reader)?;
    // `LIKE` minds the case, as it does in other databases and in MLflow.
    reader.pragma_update(None, "case_sensitive_like", true)?;
    Ok(reader)
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

    fn connection(&self) -> anyhow::Result<&Connection> {
        self.reader.as_ref().context("the reader was given back")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).extend(self.reader.take());
    }
}
