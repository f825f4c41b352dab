//! What happened here, for the registry: kept on disk in a bounded queue, delivered once and in order.
//!
//! | module | holds |
//! | --- | --- |
//! | `inbox` | events on their way to disk |
//! | `keeper` | the one thread that works on the queue |
//! | [`queue`] | the queue on disk |
//! | `delivery` | the task that sends it to the registry |
//! | [`gateway_id`] | the id that this gateway reports under |
//! | `lost` | reports that were thrown away, counted |
//!
//! An event but a `prediction` is on disk a second after it was recorded, a `prediction` five seconds after, and all
//! of them when the agent ends as it should. A process that is killed loses what was not there yet, a power cut
//! nothing more. When the registry has acknowledged a report, it is removed; one that is sent twice, because an answer
//! was lost, the registry keeps once.

mod delivery;
pub mod gateway_id;
mod inbox;
mod keeper;
mod lost;
pub mod queue;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use overhaul_bundle::GatewayId;
use overhaul_client::api::{Event, SinglePrediction};
use serde::Serialize;
use tokio::sync::Notify;

pub use delivery::Delivery;
use inbox::Inbox;
use keeper::Keeper;
pub use queue::Bounds;

/// How long the end of the agent may take for what is not on disk yet.
const CLOSING: Duration = Duration::from_secs(5);

/// Where events are recorded. Cheap to clone; the clones share one queue.
#[derive(Clone, Default)]
pub struct Reports(Option<Arc<Shared>>);

/// What the handles, the thread and the delivery share.
#[derive(Default)]
struct Shared {
    inbox: Inbox,
    status: Mutex<ReportsStatus>,
    /// There is something to deliver.
    ready: Notify,
    /// The registry answers again.
    link: Notify,
    thread: Mutex<Option<thread::JoinHandle<()>>>,
    /// Of how many predictions one is recorded; 0 for none.
    one_in: AtomicU64,
    /// Predictions that came.
    predictions: AtomicU64,
}

/// How it stands with the reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportsStatus {
    /// The id that this gateway reports under.
    pub gateway: Option<GatewayId>,
    /// How many are not delivered yet.
    pub waiting: u64,
    /// How many were thrown away since the queue was begun.
    pub dropped: u64,
    /// When the registry acknowledged some last.
    pub last_delivery: Option<Timestamp>,
    /// What went wrong with the last delivery, if anything did.
    pub error: Option<String>,
    /// Why nothing can be written to the queue, if that is so.
    pub disk_error: Option<String>,
}

impl Reports {
    /// Keeps nothing: for an agent without a registry to report to.
    pub fn none() -> Self {
        Self(None)
    }

    /// Keeps events in the queue of a file, which is made when it is not there. A file that cannot be used is moved
    /// aside, and a disk that takes nothing is tried again: that is told in the log and in [`ReportsStatus`], not here.
    pub fn open(file: &Path, bounds: Bounds) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let keeper = Keeper::new(file.to_owned(), bounds, Arc::clone(&shared));
        let thread = thread::Builder::new().name("reports".to_owned()).spawn(move || keeper.run())?;
        *shared.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(Self(Some(shared)))
    }

    /// Records that something happened now. Never waits for the disk, and never fails: an event that there is no room
    /// for is counted, and the registry is told how many those were.
    pub fn record(&self, event: Event) {
        if let Some(shared) = &self.0 {
            shared.inbox.push(Timestamp::now(), event);
        }
    }

    /// From now on, one prediction in so many is recorded: each of them with 1, none with 0, as at the start.
    pub fn sample_predictions(&self, one_in: u64) {
        if let Some(shared) = &self.0 {
            shared.one_in.store(one_in, Ordering::Relaxed);
        }
    }

    /// Records a prediction if its turn has come. They come in no order that a sample could fall in step with: all
    /// units' are counted together.
    pub fn record_prediction(&self, prediction: impl FnOnce() -> SinglePrediction) {
        let Some(shared) = &self.0 else { return };
        let one_in = shared.one_in.load(Ordering::Relaxed);
        if one_in > 0 && shared.predictions.fetch_add(1, Ordering::Relaxed).is_multiple_of(one_in) {
            self.record(Event::Prediction(prediction()));
        }
    }

    /// The registry answers again, so that there is no reason to wait longer.
    pub fn link_is_back(&self) {
        if let Some(shared) = &self.0 {
            shared.link.notify_one();
        }
    }

    /// How it stands; `None` when nothing is kept.
    pub fn status(&self) -> Option<ReportsStatus> {
        let shared = self.0.as_ref()?;
        let mut status = shared.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        status.waiting += shared.inbox.len() as u64;
        Some(status)
    }

    /// Writes what is not on disk yet, and ends the thread. What is recorded afterwards is not kept.
    pub fn close(&self) {
        let Some(shared) = &self.0 else { return };
        shared.inbox.close();
        let thread = shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        let end = Instant::now() + CLOSING;
        while !thread.is_finished() && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
        if thread.is_finished() {
            if thread.join().is_err() {
                tracing::error!("the reports were given up");
            }
        } else {
            tracing::warn!("reports were not on disk after {} s; they are lost", CLOSING.as_secs());
        }
    }
}

impl Shared {
    fn update(&self, change: impl FnOnce(&mut ReportsStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
