//! The database: `SQLite` with one writer and a pool of readers. All SQL of the registry is in here.
//!
//! | module | its table |
//! | --- | --- |
//! | `migrations` | `migrations`: which numbered SQL files were applied |
//! | [`version_numbers`] | `version_numbers`, `version_reservations`: the numbers handed out under a name |
//! | [`registered_models`] | `registered_models` |
//! | [`model_versions`] | `model_versions` |
//! | [`model_tags`] | `registered_model_tags`, `model_version_tags` |
//! | [`bundles`] | `bundles`: what gateways can run of them |
//! | [`bundle_refusals`] | `bundle_refusals`: why gateways cannot run others |
//! | [`aliases`] | `model_aliases`: where each alias points |
//! | [`experiments`], [`experiment_tags`] | `experiments`, `experiment_tags` |
//! | [`runs`], [`params`], [`run_tags`] | `runs`, `params`, `run_tags` |
//! | [`metrics`], [`latest_metrics`] | `metrics`: every value; `latest_metrics`: the last of each metric |
//! | [`datasets`], [`run_datasets`], [`run_dataset_tags`] | what runs were given |
//! | [`run_models`] | `run_models`: logged models that runs took in or gave out |
//! | [`logged_models`], [`logged_model_params`], [`logged_model_tags`] | the tables of these names |
//! | [`logged_model_metrics`] | `logged_model_metrics`: the metrics of runs that name a logged model |
//! | [`artifacts`] | `artifacts`: names for blobs |
//! | [`uploads`] | `uploads`, `upload_parts`: multipart uploads |
//! | [`secrets`] | `secrets`: keys that the registry made for itself |
//! | [`webhooks`] | `webhooks`, `webhook_events`: who is told of what |
//! | [`deliveries`] | `deliveries`: what webhooks are to be told |
//! | [`tokens`] | `tokens`: who may do what |
//! | [`gateways`] | `gateways`: what is known of each |
//! | [`report_queues`] | `report_queues`: up to which number each queue's reports were taken |
//! | [`reports`] | `reports`: what gateways reported |
//! | [`audit`] | `audit`: every change, in the change's own transaction |
//!
//! | module | holds |
//! | --- | --- |
//! | `writer` | the thread that makes changes, several in one transaction |
//! | `checkpoints` | the thread that moves changes from the log into the database |
//! | `readers` | the connections that only read |
//! | `ids` | many rows by their ids in one statement |
//! | [`candidates`] | versions that may become bundles |
//! | [`lineage`] | where the files lie that a version is made of |
//! | [`key_value`], [`stage`], [`run_status`] | what columns of several tables hold |
//! | [`search`] | filters and orders as SQL, and pages of what they find |
//!
//! | module | for the commands that tend a registry, across tables |
//! | --- | --- |
//! | [`beside`] | the database, opened beside a running server |
//! | [`check`] | whether it is in order |
//! | [`references`] | which blobs its rows name |
//!
//! Times are milliseconds since 1970 in every table.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::Clock;

pub mod aliases;
pub mod artifacts;
pub mod audit;
pub mod beside;
pub mod bundle_refusals;
pub mod bundles;
pub mod candidates;
pub mod check;
mod checkpoints;
pub mod datasets;
pub mod deliveries;
pub mod experiment_tags;
pub mod experiments;
pub mod gateways;
mod ids;
pub mod key_value;
pub mod latest_metrics;
pub mod lineage;
pub mod logged_model_metrics;
pub mod logged_model_params;
pub mod logged_model_tags;
pub mod logged_models;
pub mod metrics;
mod migrations;
pub mod model_tags;
pub mod model_versions;
pub mod params;
mod readers;
pub mod references;
pub mod registered_models;
pub mod report_queues;
pub mod reports;
pub mod run_dataset_tags;
pub mod run_datasets;
pub mod run_models;
pub mod run_status;
pub mod run_tags;
pub mod runs;
pub mod search;
pub mod secrets;
pub mod stage;
pub mod tokens;
pub mod uploads;
pub mod version_numbers;
pub mod webhooks;
mod writer;

pub use writer::Batches;

use checkpoints::Checkpoints;
use writer::Writer;

/// How long a statement waits for a lock that another process holds.
const BUSY: Duration = Duration::from_secs(10);
/// KiB of pages that each connection keeps.
const CACHE: i64 = 4 << 10;
/// Prepared statements that each connection keeps.
const STATEMENTS: usize = 256;

/// The registry's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    readers: Arc<readers::Readers>,
}

impl Store {
    /// Opens the database, creating it or bringing it up to date.
    ///
    /// For whoever holds the data directory; see [`Store::beside`].
    pub fn open(file: &Path, clock: &Clock) -> anyhow::Result<Self> {
        Self::connect(file, OpenFlags::default(), |writer| migrations::apply(writer, clock))
    }

    /// Opens the database while a server holds its data directory; refused when that server is of another release.
    pub fn beside(file: &Path) -> anyhow::Result<Self> {
        Self::connect(file, OpenFlags::default() - OpenFlags::SQLITE_OPEN_CREATE, |writer| {
            migrations::check(writer)
        })
    }

    fn connect(
        file: &Path,
        flags: OpenFlags,
        prepare: impl FnOnce(&mut Connection) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let cannot = || format!("cannot open the database {}", file.display());
        let mut writer = Connection::open_with_flags(file, flags).with_context(cannot)?;
        writer.busy_timeout(BUSY).with_context(cannot)?;
        keep(&writer).with_context(cannot)?;
        // FULL: what was acknowledged survives a power cut (sqlite.org/pragma.html#pragma_synchronous).
        writer
            .execute_batch(
                // What undoes one change of a transaction is kept in memory: in a file it takes as long as the change.
                // The log is moved into the database by another thread, and by the writer only when that one does
                // not keep up: when the log is 64 MiB long.
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 16384;",
            )
            .with_context(cannot)?;
        prepare(&mut writer).with_context(cannot)?;
        let readers = Arc::new(readers::Readers::open(file).with_context(cannot)?);
        let checkpoints = Checkpoints::start(file).with_context(cannot)?;
        Ok(Self { writer: Writer::start(writer, checkpoints).with_context(cannot)?, readers })
    }

    /// Runs a change as a whole: durable when this returns `Ok`, without a trace otherwise.
    ///
    /// A caller that goes away does not cut it in two: once begun, it runs to its end.
    pub async fn write<T, E>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<anyhow::Error> + Send + 'static,
    {
        self.writer.write(change).await
    }

    /// Whether the database answers.
    pub fn check(&self) -> anyhow::Result<()> {
        self.read_now(migrations::check)
    }

    /// What became of the transactions so far.
    pub fn batches(&self) -> &Batches {
        self.writer.batches()
    }

    /// Changes that wait to be made.
    pub fn waiting_changes(&self) -> usize {
        self.writer.waiting()
    }

    /// Runs queries that all see one moment of the database.
    pub async fn read<T, E>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<anyhow::Error> + Send + 'static,
    {
        Arc::clone(&self.readers).read(query).await
    }

    /// [`Store::read`] without a wait, on the thread that asks: for a few rows by their keys, which take less
    /// than handing them to another thread does.
    pub fn read_now<T, E: From<anyhow::Error>>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.read_now(query)
    }
}

/// Has a connection keep statements, each parsed and planned once, and pages.
fn keep(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise joins are planned anew for every value that is bound to them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // In KiB, when negative (sqlite.org/pragma.html#pragma_cache_size).
    connection.pragma_update(None, "cache_size", -CACHE)
}

/// Reads a value that this program wrote as text.
fn parse<T>(text: &str) -> anyhow::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().with_context(|| format!("the database holds {text:?}"))
}

/// Reads a time that this program wrote, in milliseconds since 1970.
fn time(milliseconds: i64) -> anyhow::Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds)
        .with_context(|| format!("the database holds time {milliseconds}"))
}
