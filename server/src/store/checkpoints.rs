//! The thread that moves what was committed from the write-ahead log into the database, beside the writer.
//!
//! The writer would do it by itself after a commit, and every change that waits would wait for it too.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::Connection;

use super::BUSY;

/// The least time between two: a page that changes all the time is moved once for many changes.
const PAUSE: Duration = Duration::from_millis(20);

/// The way to the thread, which ends when this is dropped.
pub(super) struct Checkpoints(SyncSender<()>);

impl Checkpoints {
    /// Starts the thread with a connection of its own.
    pub(super) fn start(file: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(BUSY)?;
        let (sender, committed) = sync_channel(1);
        spawn(connection, committed).context("cannot start a thread")?;
        Ok(Self(sender))
    }

    /// Says that there is something to move.
    pub(super) fn committed(&self) {
        match self.0.try_send(()) {
            // It is to be done already.
            Ok(()) | Err(TrySendError::Full(())) => {}
            // The writer's own checkpoints, which come late, are left.
            Err(TrySendError::Disconnected(())) => tracing::error!("the thread for checkpoints is gone"),
        }
    }
}

fn spawn(connection: Connection, committed: Receiver<()>) -> io::Result<()> {
    let work = move || {
        while committed.recv().is_ok() {
            // Passive: it waits for nobody, and nobody waits for it (sqlite.org/pragma.html#pragma_wal_checkpoint).
            let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            if let Err(error) = moved {
                tracing::warn!("cannot move changes from the write-ahead log into the database: {error}");
            }
            thread::sleep(PAUSE);
        }
    };
    thread::Builder::new().name("store-checkpoints".to_owned()).spawn(work).map(drop)
}
