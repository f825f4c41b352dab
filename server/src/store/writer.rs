//! The one connection that writes, on a thread of its own.
//!
//! Changes that wait while one is being made durable are made together: each in a savepoint, all in one
//! transaction, so that many writers share the price of one `fsync`. A change is acknowledged only after
//! the commit, and one that fails leaves no trace of itself and does not disturb the others.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use prometheus_client::metrics::histogram::Histogram;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::checkpoints::Checkpoints;

/// Changes that may wait; who comes later waits to wait.
const QUEUE: usize = 1024;
/// The most changes in one transaction.
const BATCH: usize = 64;

/// The way to the writing thread, which ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    batches: Batches,
}

/// What became of the transactions so far; clones share it.
#[derive(Debug, Clone)]
pub struct Batches {
    /// How many changes shared one.
    pub changes: Histogram,
    /// How long one took until it was durable, in seconds.
    pub duration: Histogram,
}

impl Writer {
    /// Gives a connection to a thread that makes changes.
    pub(super) fn start(connection: Connection, checkpoints: Checkpoints) -> io::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let batches = Batches {
            changes: Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]),
            duration: Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 10.0]),
        };
        let observed = batches.clone();
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || work(&connection, waiting, &observed, &checkpoints))?;
        Ok(Self { queue, batches })
    }

    pub(super) fn batches(&self) -> &Batches {
        &self.batches
    }

    /// Changes that wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Makes a change; durable when this returns `Ok`.
    pub(super) async fn write<T, E>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<anyhow::Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Change { work: Some(change), outcome: None, answer };
        let gone = || E::from(anyhow!("the database's writer is gone"));
        self.queue.send(Box::new(job)).await.map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// One change, whatever it answers.
trait Job: Send {
    /// Makes the change; whether it is to be kept.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Answers: what came of the change, or the fault that undid it.
    fn answer(self: Box<Self>, undone: Option<anyhow::Error>);
}

struct Change<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Change<F, T, E>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<anyhow::Error> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(change) = self.work.take() else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| change(connection)))
            .unwrap_or_else(|panic| Err(anyhow!("a change panicked: {}", text(panic.as_ref())).into()));
        self.outcome.insert(outcome).is_ok()
    }

    fn answer(self: Box<Self>, undone: Option<anyhow::Error>) {
        let outcome = match (self.outcome, undone) {
            (Some(Ok(_)) | None, Some(fault)) => Err(fault.into()),
            (Some(outcome), _) => outcome,
            (None, None) => Err(anyhow!("a change was not made").into()),
        };
        // Whoever asked may have gone away; what was committed stays.
        let _ = self.answer.send(outcome);
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let literal = panic.downcast_ref::<&str>().copied();
    literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("for an unknown reason")
}

fn work(
    connection: &Connection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    batches: &Batches,
    checkpoints: &Checkpoints,
) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = waiting.try_recv()
        {
            batch.push(next);
        }
        let began = Instant::now();
        let made = make(connection, &mut batch);
        batches.changes.observe(batch.len() as f64);
        batches.duration.observe(began.elapsed().as_secs_f64());
        let undone = made.as_ref().err();
        for job in batch {
            job.answer(undone.map(again));
        }
        if let Ok(true) = made {
            checkpoints.committed();
        }
    }
}

/// Makes a batch of changes as one transaction, or none of them; whether there was one to commit.
fn make(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<bool, Undone> {
    let step = |what: &'static str, sql: &str| {
        let done = connection.prepare_cached(sql).and_then(|mut step| step.execute([]));
        done.map(drop).map_err(|error| Undone { what, error: Some(error) })
    };
    step("cannot begin a transaction", "BEGIN IMMEDIATE")?;
    let mut kept = false;
    for job in batch {
        let made = step("cannot begin a change", "SAVEPOINT change").map(|()| job.run(connection));
        // SQLite ends the whole transaction by itself when the disk is full or fails.
        if connection.is_autocommit() {
            return Err(Undone {
                what: "the disk is full or failed, and the changes were undone",
                error: None,
            });
        }
        let ended = made.and_then(|keep| {
            kept |= keep;
            if !keep {
                step("cannot undo a change", "ROLLBACK TO change")?;
            }
            step("cannot end a change", "RELEASE change")
        });
        if let Err(undone) = ended {
            roll_back(connection);
            return Err(undone);
        }
    }
    let end = if kept { "COMMIT" } else { "ROLLBACK" };
    step("cannot commit", end).inspect_err(|_| roll_back(connection))?;
    Ok(kept)
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!("cannot roll back: {error}");
    }
}

/// Why a whole transaction was undone.
struct Undone {
    what: &'static str,
    error: Option<rusqlite::Error>,
}

/// The fault once more, for each change that it undid.
fn again(undone: &Undone) -> anyhow::Error {
    let Some(error) = &undone.error else { return anyhow!(undone.what) };
    let error = match error {
        // Kept as it is: the API tells a full disk by its code.
        rusqlite::Error::SqliteFailure(code, message) => {
            rusqlite::Error::SqliteFailure(*code, message.clone()).into()
        }
        other => anyhow!("{other}"),
    };
    Err::<(), _>(error).context(undone.what).map_or_else(|error| error, |()| anyhow!(undone.what))
}

#[cfg(test)]
mod tests;
