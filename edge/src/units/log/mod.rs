//! `units.db`: what units were sent and were answered, so that a restart changes nothing.
//!
//! | module | holds |
//! | --- | --- |
//! | `schema` | the file: its tables, its release, what happens to a damaged one |
//! | `record` | an answer as bytes |
//! | `load` | reading all of it at start |
//! | `writer` | the thread that appends, many requests' rows in one transaction |
//! | `clean` | dropping the oldest rows, so that the file stays bounded |
//! | `checkpoints` | the thread that moves what was committed into the file |
//!
//! The table `log` is only ever appended to, one row a reading, and its oldest rows are dropped: the same pages are
//! not written again for each reading of a unit, as they would be if readings lay by unit. Rows are about 200 bytes
//! for 24 columns. A row whose reading is still kept when it has become the oldest is appended once more.
//!
//! What was answered survives the end of the program at any moment. A power cut can take the last seconds: each
//! commit would have to wait for the flash otherwise, and wear it out.

mod checkpoints;
mod clean;
mod load;
mod record;
mod schema;
mod writer;

use std::path::Path;
use std::sync::Arc;

use overhaul_bundle::UnitId;
use tokio::sync::{mpsc, oneshot};

use super::history::{Point, Realised};
use super::layout::Layout;
use super::unit::Last;
use super::versions::Version;
pub(super) use load::Loaded;

/// Changes that may wait; who comes later waits to wait.
const QUEUE: usize = 1024;

/// The way to the log's thread, which ends when this is dropped.
pub(super) struct Log {
    queue: mpsc::Sender<Job>,
}

/// A change, and who waits for it.
struct Job {
    change: Change,
    done: oneshot::Sender<Result<(), LogError>>,
}

/// What is written as a whole.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// A unit took readings and was answered.
    Append(Append),
    /// A unit starts again.
    Forget {
        /// Which.
        key: u64,
        /// What its end of life showed, if that was told.
        realised: Vec<Realised>,
    },
}

/// A unit took readings and was answered.
#[derive(Debug, Clone)]
pub(super) struct Append {
    /// The unit's key: one from its first reading to its end; never given again.
    pub(super) key: u64,
    /// The unit's name.
    pub(super) name: UnitId,
    /// What the readings' values are.
    pub(super) layout: Arc<Layout>,
    /// The version that answered.
    pub(super) version: Arc<Version>,
    /// The readings that were added, with their cycles.
    pub(super) readings: Vec<(u64, Vec<f32>)>,
    /// The prediction.
    pub(super) point: Point,
    /// The rest of the answer.
    pub(super) last: Last,
    /// The oldest cycle with a prediction that is kept.
    pub(super) history_from: u64,
    /// How many rows hold what is kept of the unit.
    pub(super) rows: u64,
}

/// Why something was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The disk does not take it.
    #[error("the disk with the data directory is full or fails ({0}); nothing was kept, send it again later")]
    Disk(String),
    /// Something else went wrong.
    #[error("the readings cannot be kept: {0}; nothing was kept")]
    Fault(String),
    /// The program is ending.
    #[error("the agent is shutting down; nothing was kept")]
    Ending,
}

impl Log {
    /// Opens the file in the data directory, makes it if it is not there, and begins to read it, leaving `kept`
    /// predictions of each unit.
    pub(super) fn open(directory: &Path, kept: usize) -> anyhow::Result<(Self, oneshot::Receiver<Loaded>)> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let loaded = writer::start(schema::File::open(directory)?, kept, jobs)?;
        Ok((Self { queue }, loaded))
    }

    /// Makes a change; it outlives the program when this returns `Ok`, and there is no trace of it otherwise.
    pub(super) async fn write(&self, change: Change) -> Result<(), LogError> {
        let (done, answer) = oneshot::channel();
        self.queue.send(Job { change, done }).await.map_err(|_| LogError::Ending)?;
        answer.await.unwrap_or(Err(LogError::Ending))
    }
}

#[cfg(test)]
mod tests;
