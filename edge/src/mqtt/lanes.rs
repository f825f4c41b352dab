//! Readings on their way to the units: those of one unit in the order in which they came, several units at a time.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use overhaul_bundle::UnitId;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::take::{self, Failure};
use crate::units::Units;
use crate::units::answer::UnitAnswer;

/// How many units' readings are taken at a time.
const LANES: usize = 16;
/// The most bytes of readings that wait.
const MAX_BYTES: usize = 8 << 20;
/// The most messages that wait.
const MAX_MESSAGES: usize = 1000;
/// The longest pause between two attempts to hand readings in that cannot be kept now.
const LONGEST: Duration = Duration::from_secs(30);

/// Readings of one unit, and whatever their sender wants back with the answer.
pub(super) struct Job<T> {
    pub(super) unit: UnitId,
    pub(super) body: Bytes,
    pub(super) ticket: T,
}

/// What became of a job.
pub(super) struct Done<T> {
    pub(super) unit: UnitId,
    pub(super) ticket: T,
    /// The answer, or why the readings were refused.
    pub(super) result: Result<UnitAnswer, String>,
    bytes: usize,
}

impl<T> Done<T> {
    /// Readings that never went on their way.
    pub(super) fn refused(unit: UnitId, ticket: T, line: String) -> Self {
        Self { unit, ticket, result: Err(line), bytes: 0 }
    }
}

/// Readings on their way.
pub(super) struct Lanes<T> {
    senders: Vec<UnboundedSender<Job<T>>>,
    done: UnboundedReceiver<Done<T>>,
    /// Ends the lanes with this.
    _workers: JoinSet<()>,
    hash: RandomState,
    messages: usize,
    bytes: usize,
}

impl<T: Send + 'static> Lanes<T> {
    pub(super) fn new(units: &Arc<Units>) -> Self {
        let (answers, done) = unbounded_channel();
        let mut workers = JoinSet::new();
        let senders = (0..LANES).map(|_| {
            let (lane, jobs) = unbounded_channel();
            workers.spawn(work(Arc::clone(units), jobs, answers.clone()));
            lane
        });
        Self {
            senders: senders.collect(),
            done,
            _workers: workers,
            hash: RandomState::new(),
            messages: 0,
            bytes: 0,
        }
    }

    /// Gives readings on their way, or back if too many wait already.
    pub(super) fn send(&mut self, job: Job<T>) -> Result<(), Job<T>> {
        let bytes = self.bytes + job.body.len();
        if self.messages >= MAX_MESSAGES || (bytes > MAX_BYTES && self.messages > 0) {
            return Err(job);
        }
        let lane = self.hash.hash_one(&job.unit) as usize % LANES;
        self.senders[lane].send(job).map_err(|e| e.0)?;
        (self.messages, self.bytes) = (self.messages + 1, bytes);
        Ok(())
    }

    /// Waits for the next answer.
    pub(super) async fn next(&mut self) -> Option<Done<T>> {
        let done = self.done.recv().await?;
        self.messages -= 1;
        self.bytes -= done.bytes;
        Some(done)
    }

    /// Whether nothing is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.messages == 0
    }
}

async fn work<T>(units: Arc<Units>, mut jobs: UnboundedReceiver<Job<T>>, answers: UnboundedSender<Done<T>>) {
    while let Some(Job { unit, body, ticket }) = jobs.recv().await {
        let result = patiently(&units, &unit, &body).await;
        if answers.send(Done { unit, ticket, result, bytes: body.len() }).is_err() {
            return;
        }
    }
}

/// Hands readings in again and again until they are kept, or refused for good.
async fn patiently(units: &Arc<Units>, unit: &UnitId, body: &Bytes) -> Result<UnitAnswer, String> {
    let mut pause = Duration::from_millis(500);
    loop {
        match take::take(units, unit.clone(), body.clone()).await {
            Ok(answer) => return Ok(answer),
            Err(Failure::Refused(line)) => return Err(line),
            Err(Failure::NotNow(line)) => {
                tracing::debug!(%unit, "readings wait: {line}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}
