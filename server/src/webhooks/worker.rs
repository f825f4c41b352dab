//! The task that sends what the table `deliveries` holds.
//!
//! The table is the queue: what was announced before the process ended is sent after it started again. One
//! delivery of a webhook is on its way at a time, the oldest first, and the next follows only when it was
//! taken or given up. Webhooks do not wait for each other, as long as not too many are slow at once.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::retry;
use super::send::{Envelope, PATIENCE, Sender};
use crate::Clock;
use crate::store::Store;
use crate::store::deliveries::{self, Waiting};

/// How often the table is asked for what is due.
const POLL: Duration = Duration::from_millis(250);
/// The most deliveries on their way at once.
const AT_ONCE: usize = 32;
/// How often old rows are removed.
const TIDY: Duration = Duration::from_mins(10);
/// How long a delivery waits at most, such as behind others or for its webhook to be active again.
const WAITS: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long it is known what became of a delivery.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a webhook rests when the database could not be told what became of its delivery.
const FAULT: Duration = Duration::from_secs(30);

/// Sends what is due until it is stopped.
#[derive(Clone)]
pub struct Worker {
    store: Store,
    clock: Clock,
    sender: Sender,
}

impl Worker {
    /// A worker on a database.
    pub fn new(store: Store, clock: Clock, sender: Sender) -> Self {
        Self { store, clock, sender }
    }

    /// Sends what is due until `stop` is over; then what is on its way gets as long as a receiver may take.
    /// What was cut off is sent again after the next start.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut under_way = JoinSet::new();
        let mut busy: HashMap<Id, String> = HashMap::new();
        let mut tidy = interval_at(Instant::now() + TIDY, TIDY);
        tidy.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            for due in self.due(&busy).await {
                let webhook = due.webhook.clone();
                let task = under_way.spawn(self.clone().deliver(due));
                busy.insert(task.id(), webhook);
            }
            tokio::select! {
                () = &mut stop => break,
                Some(ended) = under_way.join_next_with_id() => {
                    let id = match ended {
                        Ok((id, ())) => id,
                        Err(error) => {
                            tracing::error!("a delivery panicked: {error}");
                            error.id()
                        }
                    };
                    busy.remove(&id);
                }
                _ = tidy.tick() => self.tidy().await,
                () = sleep(POLL) => {}
            }
        }
        let rest = async { while under_way.join_next().await.is_some() {} };
        if timeout(PATIENCE, rest).await.is_err() {
            tracing::warn!("deliveries of webhooks were cut off; they are sent again after the next start");
        }
    }

    /// What is due of webhooks that nothing is on its way to, as far as there is room.
    async fn due(&self, busy: &HashMap<Id, String>) -> Vec<Waiting> {
        let room = AT_ONCE.saturating_sub(busy.len());
        if room == 0 {
            return Vec::new();
        }
        let found = self.store.read(|tx| deliveries::waiting(tx, AT_ONCE)).await;
        let mut due = found.unwrap_or_else(|error: anyhow::Error| {
            tracing::error!("cannot read what webhooks are to be told: {error:#}");
            Vec::new()
        });
        if !due.is_empty() {
            let now = self.clock.now();
            due.retain(|one| one.due_at <= now && !busy.values().any(|webhook| *webhook == one.webhook));
        }
        due.truncate(room);
        due
    }

    /// Sends once and keeps what came of it.
    async fn deliver(self, due: Waiting) {
        let Waiting { id, webhook, name, attempts, url, secret, delivery_id, payload, .. } = due;
        let sent = self.sender.deliver(Envelope { url, secret, delivery_id, payload }).await;
        let (taken, outcome) = match sent {
            Ok(status) => ((200..300).contains(&status), format!("status {status}")),
            Err(error) => (false, error.to_string()),
        };
        let attempts = attempts + 1;
        let again = if taken { None } else { retry::pause(attempts) };
        let next: Option<Timestamp> = again.and_then(|pause| self.clock.now().checked_add(pause).ok());
        if taken {
            tracing::debug!(webhook, name, outcome, "a webhook was told");
        } else if let Some(next) = next {
            tracing::info!(webhook, name, attempts, outcome, %next, "a webhook was not told; it is tried again");
        } else {
            tracing::warn!(webhook, name, attempts, outcome, "a webhook was not told, and is given up on");
        }
        let kept = self.store.write(move |tx| match (taken, next) {
            (true, _) => deliveries::taken(tx, id, &outcome),
            (false, Some(next)) => deliveries::put_off(tx, id, next, &outcome),
            (false, None) => deliveries::give_up(tx, id, &outcome),
        });
        if let Err(error) = kept.await {
            let error: anyhow::Error = error;
            tracing::error!("cannot keep what became of a delivery, which is sent again: {error:#}");
            sleep(FAULT).await;
        }
    }

    async fn tidy(&self) {
        let now = self.clock.now();
        let tidied = self.store.write(move |tx| {
            deliveries::give_up_before(tx, now.checked_sub(WAITS)?)?;
            deliveries::forget_before(tx, now.checked_sub(REMEMBERED)?)
        });
        if let Err(error) = tidied.await {
            let error: anyhow::Error = error;
            tracing::error!("cannot remove old deliveries: {error:#}");
        }
    }
}
