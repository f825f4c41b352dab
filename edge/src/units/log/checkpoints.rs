//! The thread that moves what was committed from the write-ahead log into the file, beside the writer.
//!
//! The writer would do it by itself after a commit, and every reading that waits would wait for the disk too.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::Context as _;
use rusqlite::Connection;

use super::schema::File;

/// How many pages, about, are committed before they are moved: a page that changes all the time is moved once for
/// many changes, and the disk is waited for seldom.
const PAGES: u64 = 1024;

/// The way to the thread, which ends when this is dropped.
pub(super) struct Checkpoints {
    sender: SyncSender<()>,
    waiting: u64,
}

impl Checkpoints {
    /// Starts the thread with a connection of its own.
    pub(super) fn start(file: &File) -> anyhow::Result<Self> {
        let connection = file.another().context("cannot open the file of units again")?;
        let (sender, committed) = sync_channel(1);
        thread::Builder::new()
            .name("units-checkpoint".to_owned())
            .spawn(move || work(&connection, &committed))
            .context("cannot start a thread")?;
        Ok(Self { sender, waiting: 0 })
    }

    /// Says that so many rows were committed.
    pub(super) fn committed(&mut self, rows: u64) {
        // The last page of the table, the first one, and a page above them, beside those that the rows fill.
        self.waiting += 3 + rows / 5;
        if self.waiting >= PAGES {
            self.waiting = 0;
            // If it is full, moving is to be done already; if the thread is gone, the writer's own checkpoints, which
            // come late, are left.
            let _ = self.sender.try_send(());
        }
    }
}

fn work(connection: &Connection, committed: &Receiver<()>) {
    while committed.recv().is_ok() {
        // Passive: it waits for nobody, and nobody waits for it (sqlite.org/pragma.html#pragma_wal_checkpoint).
        let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = moved {
            tracing::warn!("cannot move units' readings from the write-ahead log into the file: {error}");
        }
    }
}
