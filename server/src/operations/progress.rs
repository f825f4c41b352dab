//! A line now and then, while a command takes long.

use std::time::{Duration, Instant};

use super::units;

/// How long nothing is said.
const EVERY: Duration = Duration::from_secs(10);

/// How far a command is through its blobs.
pub(super) struct Progress {
    /// What is done to them, such as `verified`.
    done: &'static str,
    blobs: u64,
    bytes: u64,
    all: (u64, u64),
    began: Instant,
    said: Instant,
}

impl Progress {
    /// Begins with so many blobs, of so many bytes.
    pub(super) fn new(done: &'static str, blobs: u64, bytes: u64) -> Self {
        let now = Instant::now();
        Self { done, blobs: 0, bytes: 0, all: (blobs, bytes), began: now, said: now }
    }

    /// One blob more is done.
    pub(super) fn blob(&mut self) {
        self.blobs += 1;
    }

    /// So many bytes more are done.
    pub(super) fn bytes(&mut self, count: u64) {
        self.bytes += count;
        if self.said.elapsed() < EVERY {
            return;
        }
        self.said = Instant::now();
        tracing::info!(
            "{} of {} {}, {} of {}",
            self.blobs,
            units::count(self.all.0, "blob"),
            self.done,
            units::bytes(self.bytes),
            units::bytes(self.all.1),
        );
    }

    /// Since when.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}
