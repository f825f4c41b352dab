//! The one thread that works on the queue: writes what was recorded, and hands batches to the delivery.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use overhaul_bundle::QueueId;
use overhaul_client::api::{ReportBatch, Weight};
use tokio::sync::oneshot;

use super::Shared;
use super::inbox::Recorded;
use super::lost::Lost;
use super::queue::{Batch, Bounds, Entry, Queue, QueueError};

/// How long until a disk that took nothing is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// How long until what was acknowledged is removed, if nothing else is written before.
const FORGET: Duration = Duration::from_secs(30);
/// The most events that are kept in memory while the disk takes nothing; none of them is a `prediction`.
const UNWRITTEN: usize = 1000;

/// What the delivery asks of the queue.
pub(super) enum Request {
    /// The oldest reports that wait: at most so many, of at most so many bytes.
    Next { reports: usize, bytes: usize, answer: oneshot::Sender<Option<Batch>> },
    /// The registry has all of a queue up to this number.
    Acknowledge(QueueId, u64),
    /// The batch was not delivered.
    Release,
    /// The registry does not take the report of this number.
    Refuse(QueueId, u64),
}

/// Works on the queue until the inbox is closed.
pub(super) struct Keeper {
    file: PathBuf,
    bounds: Bounds,
    shared: Arc<Shared>,
    queue: Option<Queue>,
    /// What the disk did not take.
    unwritten: Vec<Entry>,
    lost: Lost,
    retry: Option<Instant>,
    forget: Option<Instant>,
}

impl Keeper {
    pub(super) fn new(file: PathBuf, bounds: Bounds, shared: Arc<Shared>) -> Self {
        Self {
            file,
            bounds,
            shared,
            queue: None,
            unwritten: Vec::new(),
            lost: Lost::default(),
            retry: None,
            forget: None,
        }
    }

    pub(super) fn run(mut self) {
        self.attempt(|_| Ok(()));
        self.shared.ready.notify_one();
        loop {
            let end = [self.retry, self.forget].into_iter().flatten().min();
            let work = self.shared.inbox.wait(end);
            self.lost.merge(work.lost);
            let fresh = !work.events.is_empty() || work.lost.count > 0;
            self.take_in(work.events);
            let again = self.retry.is_some_and(|retry| retry <= Instant::now());
            if fresh && self.retry.is_none() || again || work.closed {
                self.write();
            } else {
                self.trim();
            }
            for request in work.requests {
                self.answer(request);
            }
            if work.closed || self.forget.is_some_and(|forget| forget <= Instant::now()) {
                self.forget = None;
                self.attempt(|queue| queue.forget().map(|_| ()));
            }
            self.publish();
            if work.closed {
                return;
            }
        }
    }

    /// Puts events beside those that the disk did not take; those that have no form that the registry takes are lost.
    fn take_in(&mut self, events: Vec<Recorded>) {
        for Recorded { at, event } in events {
            if let Some(entry) = Entry::new(at, &event) {
                self.unwritten.push(entry);
            } else {
                self.lost.add(at);
                let (kind, most) = (event.kind(), ReportBatch::MAX_EVENT);
                tracing::error!("a report of kind {kind} is not kept: it has more than {most} bytes");
            }
        }
    }

    /// Writes what is not on disk yet; what does not get there is kept for the next time, as far as there is room.
    fn write(&mut self) {
        if self.unwritten.is_empty() && self.lost.count == 0 && self.retry.is_none() {
            return;
        }
        let (entries, lost) = (std::mem::take(&mut self.unwritten), std::mem::take(&mut self.lost));
        if self.attempt(|queue| queue.append(&entries, lost)).is_some() {
            self.forget = None;
            self.shared.ready.notify_one();
            return;
        }
        (self.unwritten, self.lost) = (entries, lost);
        self.trim();
    }

    /// Bounds what the disk did not take: no `prediction` is kept, and of the others the newest.
    fn trim(&mut self) {
        let keepable = |entry: &Entry| entry.weight > Weight::Sample;
        let count = self.unwritten.iter().filter(|entry| keepable(entry)).count();
        let mut over = count.saturating_sub(UNWRITTEN);
        let lost = &mut self.lost;
        self.unwritten.retain(|entry| {
            let kept = keepable(entry) && over == 0;
            over = over.saturating_sub(usize::from(keepable(entry)));
            if !kept {
                lost.add(entry.at);
            }
            kept
        });
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Next { reports, bytes, answer } => {
                let batch = self.attempt(|queue| queue.next(reports, bytes)).flatten();
                // A delivery that was given up needs no answer.
                let _ = answer.send(batch);
            }
            Request::Acknowledge(id, through) => {
                let renewed = self.attempt(|queue| {
                    if *queue.id() != id {
                        return Ok(false);
                    }
                    let last = queue.last()?;
                    let ahead = i64::try_from(through).is_ok_and(|through| through > last);
                    if ahead {
                        queue.renew()?;
                    } else {
                        queue.acknowledge(through)?;
                    }
                    Ok(ahead)
                });
                if renewed == Some(true) {
                    tracing::warn!(
                        "the registry has reports up to {through} of this queue, more than there were: {} is an old \
                         copy; its reports are sent as a new queue, and some may be there twice",
                        self.file.display()
                    );
                }
                self.forget.get_or_insert_with(|| Instant::now() + FORGET);
            }
            Request::Release => {
                self.attempt(|queue| {
                    queue.release();
                    Ok(())
                });
            }
            Request::Refuse(id, sequence) => {
                self.attempt(|queue| if *queue.id() == id { queue.refuse(sequence) } else { Ok(()) });
            }
        }
    }

    /// Does something with the queue, which is opened if it is not; `None` when that failed. One line is logged when
    /// the disk begins to take nothing, and one when it takes something again.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut Queue) -> Result<T, QueueError>) -> Option<T> {
        let outcome = match self.queue.as_mut() {
            Some(queue) => work(queue),
            None => Queue::open(&self.file, self.bounds).and_then(|queue| work(self.queue.insert(queue))),
        };
        let error = match outcome {
            Ok(done) => {
                if self.retry.take().is_some() {
                    tracing::info!("reports are written to {} again", self.file.display());
                    self.shared.update(|status| status.disk_error = None);
                }
                return Some(done);
            }
            Err(error) => error,
        };
        if error.is_lasting() && self.queue.take().is_some() {
            // Damaged since it was opened.
            match Queue::replace(&self.file, self.bounds, &error) {
                Ok(queue) => self.queue = Some(queue),
                Err(error) => tracing::error!("cannot begin a new queue: {error}"),
            }
        }
        if self.retry.is_none() {
            tracing::error!("reports cannot be written to {}: {error}", self.file.display());
        }
        self.retry = Some(Instant::now() + RETRY);
        self.shared.update(|status| status.disk_error = Some(error.to_string()));
        None
    }

    /// Tells how it stands.
    fn publish(&self) {
        let (waiting, dropped) =
            self.queue.as_ref().map_or((0, 0), |queue| (queue.waiting(), queue.dropped()));
        let (unwritten, lost) = (self.unwritten.len() as u64, self.lost.count);
        self.shared.update(|status| {
            (status.waiting, status.dropped) = (waiting + unwritten, dropped + lost);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::PoisonError;

    use jiff::Timestamp;
    use overhaul_client::api::{DropReason, Dropped, Event, SinglePrediction};

    use super::*;

    fn keeper(file: PathBuf) -> Keeper {
        let shared = Shared::default();
        Keeper::new(file, Bounds::default(), Arc::new(shared))
    }

    fn change() -> Recorded {
        let dropped = Dropped { count: None, from: None, to: None, reason: DropReason::Unreadable };
        Recorded { at: Timestamp::UNIX_EPOCH, event: Event::Dropped(dropped) }
    }

    fn sample() -> Recorded {
        let (unit, flags) = ("7".to_owned(), Vec::new());
        let sample =
            SinglePrediction { unit, cycle: 1, version: None, rul: 1.0, lower: None, upper: None, flags };
        Recorded { at: Timestamp::UNIX_EPOCH, event: Event::Prediction(sample) }
    }

    fn next(keeper: &mut Keeper) -> Option<Batch> {
        let (answer, mut batch) = oneshot::channel();
        keeper.answer(Request::Next { reports: 5000, bytes: 1 << 20, answer });
        batch.try_recv().unwrap()
    }

    fn status(keeper: &Keeper) -> (u64, u64, bool) {
        keeper.publish();
        let status = keeper.shared.status.lock().unwrap_or_else(PoisonError::into_inner);
        (status.waiting, status.dropped, status.disk_error.is_some())
    }

    #[test]
    fn while_the_disk_takes_nothing_what_changed_is_kept_in_memory_and_the_rest_is_counted() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("not there yet");
        let mut keeper = keeper(directory.join("reports.db"));
        keeper.take_in(vec![change(), sample(), change()]);
        keeper.write();
        assert_eq!(status(&keeper), (2, 1, true));
        assert!(next(&mut keeper).is_none());
        // Until there is too much of that, too.
        keeper.take_in((0..UNWRITTEN).map(|_| change()).collect());
        keeper.trim();
        assert_eq!(status(&keeper), (UNWRITTEN as u64, 3, true));
        std::fs::create_dir(directory).unwrap();
        keeper.write();
        assert_eq!(status(&keeper), (UNWRITTEN as u64, 3, false));
        let batch = next(&mut keeper).unwrap();
        assert_eq!(batch.reports.len(), UNWRITTEN + 1);
        let told = batch.reports.last().unwrap().event.get();
        assert!(told.contains(r#""count":3"#) && told.contains("unwritten"), "{told}");
    }

    #[test]
    fn an_answer_about_another_queue_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let mut keeper = keeper(home.path().join("reports.db"));
        keeper.take_in(vec![change(), change()]);
        keeper.write();
        let other = QueueId::from_random(7);
        keeper.answer(Request::Acknowledge(other.clone(), 2));
        keeper.answer(Request::Refuse(other, 1));
        let batch = next(&mut keeper).unwrap();
        assert_eq!((batch.reports.len(), batch.waiting), (2, 2));
        keeper.answer(Request::Acknowledge(batch.queue, 2));
        assert!(next(&mut keeper).is_none());
    }

    #[test]
    fn a_queue_that_the_registry_knows_more_of_goes_on_as_a_new_one() {
        let home = tempfile::tempdir().unwrap();
        let mut keeper = keeper(home.path().join("reports.db"));
        keeper.take_in(vec![change(), change()]);
        keeper.write();
        let before = next(&mut keeper).unwrap().queue;
        keeper.answer(Request::Acknowledge(before.clone(), 9));
        let batch = next(&mut keeper).unwrap();
        assert_eq!(batch.reports.len(), 2);
        assert_ne!(batch.queue, before);
    }

    #[test]
    fn a_queue_that_is_damaged_while_it_is_used_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        let mut keeper = keeper(home.path().join("reports.db"));
        keeper.take_in(vec![change()]);
        keeper.write();
        let before = next(&mut keeper).unwrap().queue;
        let damaged: Option<()> = keeper.attempt(|_| Err(QueueError::Damaged("rotten".to_owned())));
        assert_eq!(damaged, None);
        keeper.take_in(vec![change()]);
        keeper.write();
        let batch = next(&mut keeper).unwrap();
        assert_ne!(batch.queue, before);
        // What tells of the loss, and what happened since.
        assert_eq!((batch.reports.len(), status(&keeper)), (2, (2, 0, false)));
        assert!(home.path().join("reports.db.damaged").exists());
    }
}
