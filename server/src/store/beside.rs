//! The database as a command opens it beside a running server, without bringing it up to date.

use std::path::Path;

use anyhow::Context as _;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{BUSY, migrations};

/// A connection of a command. The server, if one runs, does not notice it.
pub struct Beside(Connection);

impl Beside {
    /// Opens a database that only this release's migrations were applied to, to read it.
    pub fn to_read(file: &Path) -> anyhow::Result<Self> {
        Self::open(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// The same, to change it as well.
    pub fn to_write(file: &Path) -> anyhow::Result<Self> {
        Self::open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn open(file: &Path, mode: OpenFlags) -> anyhow::Result<Self> {
        let cannot = || format!("cannot open the database {}", file.display());
        let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).with_context(cannot)?;
        connection.busy_timeout(BUSY).with_context(cannot)?;
        connection
            .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
            .with_context(cannot)?;
        migrations::refuse_others(&connection).with_context(cannot)?;
        Ok(Self(connection))
    }

    /// Runs queries that all see one moment of the database.
    pub fn read<T>(&mut self, query: impl FnOnce(&Connection) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let transaction = self.0.transaction().context("cannot begin to read")?;
        query(&transaction)
    }

    /// Runs a change as a whole: durable when this returns `Ok`, without a trace otherwise.
    pub fn write<T>(&mut self, change: impl FnOnce(&Connection) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let transaction = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .context("cannot begin a change")?;
        let made = change(&transaction)?;
        transaction.commit().context("cannot commit")?;
        Ok(made)
    }

    /// Writes one moment of the database as a new file.
    pub fn copy_to(&self, file: &Path) -> anyhow::Result<()> {
        let name = file.to_str().with_context(|| format!("{} is no UTF-8", file.display()))?;
        self.0
            .execute("VACUUM INTO ?1", [name])
            .with_context(|| format!("cannot copy the database to {}", file.display()))?;
        Ok(())
    }
}

/// Brings a database that nobody else has open up to date.
pub fn bring_up_to_date(file: &Path, clock: &crate::Clock) -> anyhow::Result<()> {
    let cannot = || format!("cannot open the database {}", file.display());
    let mut connection = Connection::open(file).with_context(cannot)?;
    connection.execute_batch("PRAGMA foreign_keys = ON;").with_context(cannot)?;
    migrations::apply(&mut connection, clock).with_context(cannot)?;
    connection.close().map_err(|(_, e)| e).with_context(cannot)
}
