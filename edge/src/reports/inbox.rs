//! Events on their way to disk, and what the delivery asks of the queue: in memory, bounded.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use overhaul_client::api::{Event, Weight};

use super::keeper::Request;
use super::lost::Lost;

/// The most events that wait here; a few MiB.
const ROOM: usize = 4096;
/// The most that wait before a `prediction` is thrown away instead: the rest is for others.
const ROOM_FOR_SAMPLES: usize = ROOM / 4 * 3;
/// So many are written at once without any further wait.
const GROUP: usize = 512;
/// How long an event waits for others, to be written together with them: flash wears out by writing.
const SOON: Duration = Duration::from_millis(500);
/// The same for a `prediction`.
const LATER: Duration = Duration::from_secs(5);

/// An event, and when it happened.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) at: Timestamp,
    pub(super) event: Event,
}

/// What waits for the thread that works on the queue.
#[derive(Default)]
pub(super) struct Inbox {
    content: Mutex<Content>,
    changed: Condvar,
}

#[derive(Default)]
struct Content {
    events: Vec<Recorded>,
    requests: Vec<Request>,
    lost: Lost,
    /// When the events are to be written.
    due: Option<Instant>,
    closed: bool,
}

/// What there is to do.
#[derive(Default)]
pub(super) struct Work {
    /// Events to be written; none before they are due.
    pub(super) events: Vec<Recorded>,
    /// Events that there was no room for since the last time.
    pub(super) lost: Lost,
    /// What the delivery asks for.
    pub(super) requests: Vec<Request>,
    /// Whether this is the last of it.
    pub(super) closed: bool,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An event waits from now on, unless there is no room for it.
    pub(super) fn push(&self, at: Timestamp, event: Event) {
        let sample = Weight::of(event.kind()) == Weight::Sample;
        let room = if sample { ROOM_FOR_SAMPLES } else { ROOM };
        let mut content = self.lock();
        if content.closed {
            return;
        }
        if content.events.len() >= room {
            content.lost.add(at);
            return;
        }
        content.events.push(Recorded { at, event });
        let now = Instant::now();
        let due = match content.events.len() {
            GROUP => now,
            _ => now + if sample { LATER } else { SOON },
        };
        // The thread is woken only when it would otherwise sleep for too long.
        if content.due.is_none_or(|known| due < known) {
            content.due = Some(due);
            self.changed.notify_one();
        }
    }

    /// Asks something of the queue.
    pub(super) fn ask(&self, request: Request) {
        let mut content = self.lock();
        // A request that is dropped is answered by that: its asker's channel ends.
        if !content.closed {
            content.requests.push(request);
            self.changed.notify_one();
        }
    }

    /// Nothing more is taken in.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// Events that wait.
    pub(super) fn len(&self) -> usize {
        self.lock().events.len()
    }

    /// Waits until there is something to do, or until `end`.
    pub(super) fn wait(&self, end: Option<Instant>) -> Work {
        let mut content = self.lock();
        loop {
            let now = Instant::now();
            let due = content.closed || content.due.is_some_and(|due| due <= now);
            if due || !content.requests.is_empty() || end.is_some_and(|end| end <= now) {
                let mut work = Work {
                    requests: std::mem::take(&mut content.requests),
                    closed: content.closed,
                    ..Work::default()
                };
                if due {
                    content.due = None;
                    work.events = std::mem::take(&mut content.events);
                    work.lost = std::mem::take(&mut content.lost);
                }
                return work;
            }
            let next = [content.due, end].into_iter().flatten().min();
            content = match next {
                Some(next) => {
                    let waited = self.changed.wait_timeout(content, next - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(content).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use overhaul_client::api::{DropReason, Dropped, SinglePrediction};

    use super::*;

    fn sample() -> Event {
        Event::Prediction(SinglePrediction {
            unit: "7".to_owned(),
            cycle: 1,
            version: None,
            rul: 1.0,
            lower: None,
            upper: None,
            flags: Vec::new(),
        })
    }

    fn change() -> Event {
        Event::Dropped(Dropped { count: Some(1), from: None, to: None, reason: DropReason::Full })
    }

    #[test]
    fn events_are_handed_on_together_once_they_are_due() {
        let inbox = Inbox::default();
        let at = Timestamp::UNIX_EPOCH;
        inbox.push(at, sample());
        inbox.push(at, change());
        assert!(inbox.wait(Some(Instant::now())).events.is_empty());
        let kinds: Vec<_> = inbox.wait(None).events.iter().map(|recorded| recorded.event.kind()).collect();
        assert_eq!((kinds, inbox.len()), (vec!["prediction", "dropped"], 0));
        for _ in 0..GROUP {
            inbox.push(at, sample());
        }
        assert_eq!(inbox.wait(Some(Instant::now())).events.len(), GROUP);
    }

    #[test]
    fn predictions_do_not_crowd_out_what_changed_and_what_is_lost_is_counted() {
        let inbox = Inbox::default();
        let at = Timestamp::UNIX_EPOCH;
        for _ in 0..ROOM {
            inbox.push(at, sample());
        }
        for _ in 0..ROOM {
            inbox.push(at, change());
        }
        let work = inbox.wait(None);
        let changes = work.events.iter().filter(|recorded| recorded.event == change()).count();
        assert_eq!((work.events.len(), changes), (ROOM, ROOM / 4));
        assert_eq!(work.lost, Lost { count: ROOM as u64, from: Some(at), to: Some(at) });
        inbox.push(at, change());
        inbox.close();
        inbox.push(at, change());
        let work = inbox.wait(None);
        assert_eq!((work.events.len(), work.lost.count, work.closed), (1, 0, true));
    }
}
