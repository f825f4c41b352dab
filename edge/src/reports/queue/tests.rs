//! The queue keeps what it says it keeps: in order, within its bounds, over every kind of end.

use std::fs;
use std::path::{Path, PathBuf};

use overhaul_client::api::{Activated, VersionId};
use overhaul_client::api::{Cause, SinglePrediction, Started};
use proptest::prelude::*;
use rusqlite::Connection;

use super::*;

const ALL: usize = usize::MAX >> 1;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("reports.db")
    }

    fn open(&self) -> Queue {
        Queue::open(&self.file(), Bounds::default()).unwrap()
    }

    fn bounded(&self, bounds: Bounds) -> Queue {
        Queue::open(&self.file(), bounds).unwrap()
    }

    /// What a process that is killed now leaves.
    fn killed(&self) -> Self {
        let copy = Self::new();
        for item in fs::read_dir(self.0.path()).unwrap().map(Result::unwrap) {
            fs::copy(item.path(), copy.0.path().join(item.file_name())).unwrap();
        }
        copy
    }
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_second(second as i64).unwrap()
}

fn sample(cycle: u64) -> Entry {
    let (unit, version, rul, lower, upper) = ("7".to_owned(), None, 99.5, None, None);
    let sample = SinglePrediction { unit, cycle, version, rul, lower, upper, flags: Vec::new() };
    Entry::new(at(cycle), &Event::Prediction(sample)).unwrap()
}

fn change(second: u64) -> Entry {
    let bundle_sha256 = overhaul_bundle::Sha256Digest::of(b"x");
    let running = VersionId { version: None, bundle_sha256 };
    let change = Activated { running, previous: None, cause: Cause::Alias };
    Entry::new(at(second), &Event::Activated(change)).unwrap()
}

fn append(queue: &mut Queue, entries: impl IntoIterator<Item = Entry>) {
    let entries: Vec<Entry> = entries.into_iter().collect();
    queue.append(&entries, Lost::default()).unwrap();
}

/// Number, kind and second of each report of a batch.
fn told(batch: Option<Batch>) -> Vec<(u64, String, i64)> {
    batch.map_or_else(Vec::new, |batch| {
        let told = batch.reports.into_iter().map(|report| {
            let event: Event = serde_json::from_str(report.event.get()).unwrap();
            (report.sequence, event.kind().to_owned(), report.at.as_second())
        });
        told.collect()
    })
}

fn numbers(batch: Option<Batch>) -> Vec<u64> {
    told(batch).into_iter().map(|(number, ..)| number).collect()
}

/// What the registry is told of reports that were thrown away.
fn dropped(batch: &Batch) -> Vec<Dropped> {
    let events = batch.reports.iter().map(|report| serde_json::from_str(report.event.get()).unwrap());
    events
        .filter_map(|event| match event {
            Event::Dropped(dropped) => Some(dropped),
            _ => None,
        })
        .collect()
}

#[test]
fn reports_leave_in_the_order_in_which_they_came_and_are_forgotten_when_acknowledged() {
    let home = Home::new();
    let mut queue = home.open();
    append(&mut queue, [sample(1), change(2), sample(3)]);
    append(&mut queue, [sample(4)]);
    let batch = queue.next(3, ALL).unwrap();
    assert_eq!(batch.as_ref().unwrap().waiting, 4);
    let kinds = [(1, "prediction", 1), (2, "activated", 2), (3, "prediction", 3)];
    assert_eq!(told(batch), kinds.map(|(number, kind, second)| (number, kind.to_owned(), second)));
    // Asked again before an answer, it says the same.
    assert_eq!(numbers(queue.next(3, ALL).unwrap()), [1, 2, 3]);
    queue.acknowledge(3).unwrap();
    assert_eq!((numbers(queue.next(3, ALL).unwrap()), queue.waiting()), (vec![4], 1));
    queue.acknowledge(4).unwrap();
    assert_eq!((queue.next(3, ALL).unwrap().is_none(), queue.waiting()), (true, 0));
    assert!(queue.forget().unwrap() && !queue.forget().unwrap());
    let rows = queue.connection.query_row("SELECT count(*) FROM reports", [], |row| row.get::<_, i64>(0));
    assert_eq!(rows, Ok(0));
    // No number is given twice, not even after a restart with nothing in it.
    drop(queue);
    let mut queue = home.open();
    append(&mut queue, [sample(5)]);
    assert_eq!(numbers(queue.next(3, ALL).unwrap()), [5]);
}

#[test]
fn a_batch_has_as_many_bytes_as_it_may_but_one_report_at_least() {
    let mut queue = Home::new().open();
    let size = sample(1).json.len();
    append(&mut queue, (1..=5).map(sample));
    assert_eq!(numbers(queue.next(500, 3 * size).unwrap()), [1, 2, 3]);
    assert_eq!(numbers(queue.next(500, 3 * size - 1).unwrap()), [1, 2]);
    assert_eq!(numbers(queue.next(500, 1).unwrap()), [1]);
    assert_eq!(numbers(queue.next(0, ALL).unwrap()), [1]);
}

#[test]
fn what_was_written_is_there_after_a_kill_and_under_the_same_id() {
    let home = Home::new();
    let mut queue = home.open();
    append(&mut queue, [sample(1), change(2)]);
    append(&mut queue, [change(3)]);
    queue.acknowledge(1).unwrap();
    let after = home.killed();
    let mut again = after.open();
    assert_eq!(again.id(), queue.id());
    // An acknowledgement that was not on disk yet is not known: the report is sent again, and the registry has it.
    assert_eq!(numbers(again.next(10, ALL).unwrap()), [1, 2, 3]);
    again.acknowledge(1).unwrap();
    append(&mut again, [change(4)]);
    assert_eq!(numbers(after.killed().open().next(10, ALL).unwrap()), [2, 3, 4]);
}

#[test]
fn a_write_that_was_cut_off_leaves_the_ones_before_it() {
    let home = Home::new();
    let mut queue = home.open();
    append(&mut queue, (1..=50).map(sample));
    let whole = fs::metadata(home.0.path().join("reports.db-wal")).unwrap().len();
    append(&mut queue, (51..=100).map(sample));
    let after = home.killed();
    let log = after.0.path().join("reports.db-wal");
    let length = fs::metadata(&log).unwrap().len();
    assert!(length > whole);
    for cut in (whole..length).step_by(777) {
        let cut_off = after.killed();
        fs::File::options()
            .write(true)
            .open(cut_off.0.path().join("reports.db-wal"))
            .unwrap()
            .set_len(cut)
            .unwrap();
        let mut queue = cut_off.open();
        assert_eq!(numbers(queue.next(200, ALL).unwrap()), (1..=50).collect::<Vec<_>>());
        append(&mut queue, [change(51)]);
        assert_eq!(queue.waiting(), 51);
    }
}

#[test]
fn where_there_is_no_room_the_oldest_predictions_go_first_and_what_changed_last() {
    let home = Home::new();
    let mut queue = home.bounded(Bounds { reports: 64, bytes: u64::MAX });
    append(&mut queue, [change(1), sample(2), sample(3)]);
    append(&mut queue, (4..=70).map(sample));
    // Six too many, and two more for those to come.
    assert_eq!((queue.waiting(), queue.dropped()), (62, 8));
    let batch = queue.next(500, ALL).unwrap().unwrap();
    let expected = [Dropped { count: Some(8), from: Some(at(2)), to: Some(at(9)), reason: DropReason::Full }];
    assert_eq!(dropped(&batch), expected);
    assert_eq!(numbers(Some(batch))[..3], [1, 10, 11]);
    queue.release();
    append(&mut queue, (100..=200).map(change));
    let batch = queue.next(500, ALL).unwrap().unwrap();
    assert!(batch.reports.iter().all(|report| !report.event.get().contains("prediction")), "{batch:?}");
    assert_eq!(batch.reports.len() as u64, queue.waiting());
    assert!(queue.waiting() <= 64);
    let (told, last) = (dropped(&batch), batch.reports.last().unwrap().sequence);
    assert_eq!(
        told.iter().map(|dropped| dropped.count.unwrap()).sum::<u64>(),
        queue.dropped() - told_before(&told)
    );
    queue.acknowledge(last).unwrap();
    assert_eq!(queue.waiting(), 0);
}

/// What was told by a report that was thrown away itself.
fn told_before(told: &[Dropped]) -> u64 {
    if told.iter().any(|dropped| dropped.count == Some(8)) { 0 } else { 8 }
}

#[test]
fn what_is_on_its_way_is_not_thrown_away_under_it() {
    let home = Home::new();
    let mut queue = home.bounded(Bounds { reports: 10, bytes: u64::MAX });
    append(&mut queue, (1..=5).map(sample));
    assert_eq!(numbers(queue.next(5, ALL).unwrap()), [1, 2, 3, 4, 5]);
    append(&mut queue, (6..=20).map(sample));
    assert_eq!((queue.waiting(), queue.dropped()), (10, 10));
    queue.acknowledge(5).unwrap();
    assert_eq!(queue.waiting(), 5);
    assert_eq!(numbers(queue.next(4, ALL).unwrap()), [16, 17, 18, 19]);
}

#[test]
fn the_file_stays_within_its_bytes() {
    let home = Home::new();
    let bytes = 1 << 20;
    let mut queue = home.bounded(Bounds { reports: u64::MAX, bytes });
    append(&mut queue, [change(1)]);
    for first in (0..40_000).step_by(500) {
        append(&mut queue, (first..first + 500).map(sample));
    }
    assert!(queue.dropped() > 10_000, "{}", queue.dropped());
    assert!(queue.waiting() > 1_000, "{}", queue.waiting());
    let length: u64 =
        fs::read_dir(home.0.path()).unwrap().map(|item| item.unwrap().metadata().unwrap().len()).sum();
    // And what is being written: the log, and a group of events.
    assert!(length < bytes + (3 << 20), "{length}");
    let first = told(queue.next(1, ALL).unwrap());
    assert_eq!(first[0].1, "activated");
    assert_eq!(queue.dropped() + queue.waiting(), 40_001 + 1, "one report tells of those that are gone");
}

#[test]
fn what_was_lost_before_it_was_written_is_told_once_also_after_a_restart() {
    let home = Home::new();
    let mut queue = home.open();
    let lost = Lost { count: 3, from: Some(at(7)), to: Some(at(9)) };
    queue.append(&[], lost).unwrap();
    queue.append(&[], Lost { count: 2, from: Some(at(5)), to: Some(at(6)) }).unwrap();
    drop(queue);
    let mut queue = home.open();
    let batch = queue.next(10, ALL).unwrap().unwrap();
    let expected =
        Dropped { count: Some(5), from: Some(at(5)), to: Some(at(9)), reason: DropReason::Unwritten };
    assert_eq!((dropped(&batch), queue.dropped()), (vec![expected], 5));
    queue.acknowledge(1).unwrap();
    assert!(queue.next(10, ALL).unwrap().is_none());
}

#[test]
fn a_report_that_the_registry_refuses_is_thrown_away_alone_and_told() {
    let mut queue = Home::new().open();
    append(&mut queue, (1..=3).map(sample));
    queue.refuse(2).unwrap();
    queue.refuse(2).unwrap();
    let batch = queue.next(10, ALL).unwrap().unwrap();
    let expected =
        Dropped { count: Some(1), from: Some(at(2)), to: Some(at(2)), reason: DropReason::Refused };
    assert_eq!((dropped(&batch), queue.waiting()), (vec![expected], 3));
    assert_eq!(numbers(Some(batch)), [1, 3, 4]);
}

#[test]
fn an_old_copy_of_a_queue_goes_on_as_a_new_one() {
    let mut queue = Home::new().open();
    append(&mut queue, [sample(1)]);
    let before = queue.next(10, ALL).unwrap().unwrap().queue;
    assert_eq!(queue.last().unwrap(), 1);
    queue.renew().unwrap();
    let batch = queue.next(10, ALL).unwrap().unwrap();
    assert_ne!(batch.queue, before);
    assert_eq!(numbers(Some(batch)), [1]);
}

#[test]
fn an_event_that_no_registry_takes_has_no_entry() {
    let started = |length| {
        Event::Started(Started {
            agent_version: "x".repeat(length),
            platform: String::new(),
            model: "m".parse().unwrap(),
            alias: "a".parse().unwrap(),
        })
    };
    assert!(Entry::new(at(1), &started(1000)).is_some());
    assert!(Entry::new(at(1), &started(ReportBatch::MAX_EVENT)).is_none());
}

#[test]
fn a_full_disk_costs_what_is_written_then_and_nothing_before_or_after() {
    let home = Home::new();
    let mut queue = home.open();
    append(&mut queue, [change(1)]);
    let pages: i64 = queue.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |queue: &Queue, pages: i64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        queue.connection.query_row(&sql, [], |_| Ok(())).unwrap();
    };
    limit(&queue, pages);
    let many: Vec<Entry> = (2..=500).map(sample).collect();
    let error = queue.append(&many, Lost::default()).unwrap_err();
    assert!(!error.is_lasting(), "{error}");
    assert_eq!((queue.waiting(), numbers(queue.next(500, ALL).unwrap())), (1, vec![1]));
    limit(&queue, 100_000);
    append(&mut queue, many);
    assert_eq!(numbers(queue.next(500, ALL).unwrap()), (1..=500).collect::<Vec<_>>());
}

/// Opens a queue whose file was changed, and sees that it is another one, which says that reports were lost.
fn replaced(home: &Home, before: &QueueId, aside: &str) {
    let mut queue = home.open();
    assert_ne!(queue.id(), before);
    let batch = queue.next(10, ALL).unwrap().unwrap();
    let unreadable = Dropped { count: None, from: None, to: None, reason: DropReason::Unreadable };
    assert_eq!(dropped(&batch), [unreadable]);
    assert!(Path::new(&format!("{}{aside}", home.file().display())).exists());
    append(&mut queue, [change(1)]);
    drop(queue);
    assert_eq!(home.open().waiting(), 2);
}

#[test]
fn a_damaged_file_is_moved_aside() {
    let home = Home::new();
    let mut queue = home.open();
    append(&mut queue, (1..=1000).map(sample));
    let id = queue.id().clone();
    drop(queue);
    let bytes = fs::read(home.file()).unwrap();
    let mut torn = bytes.clone();
    torn[4096..12288].fill(0xa5);
    for damaged in [&b"no database at all, but long enough to be one"[..], &torn, &bytes[..bytes.len() / 2]] {
        fs::write(home.file(), damaged).unwrap();
        replaced(&home, &id, ".damaged");
    }
    // Sound, but not as it was made.
    for sql in ["DROP TABLE queue", "UPDATE queue SET id = 'x'", "DELETE FROM queue", "DROP TABLE lost"] {
        fs::write(home.file(), &bytes).unwrap();
        Connection::open(home.file()).unwrap().execute_batch(sql).unwrap();
        replaced(&home, &id, ".damaged");
    }
}

#[test]
fn a_file_of_a_later_release_is_moved_aside() {
    let home = Home::new();
    let mut queue = home.open();
    append(&mut queue, [sample(1)]);
    let id = queue.id().clone();
    drop(queue);
    Connection::open(home.file()).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    replaced(&home, &id, ".newer");
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_passes() {
    let home = Home::new();
    let file = home.0.path().join("not there").join("reports.db");
    assert!(!Queue::open(&file, Bounds::default()).unwrap_err().is_lasting());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn foreign_bytes_never_panic(position in 0_usize..40_000, bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        let home = Home::new();
        let mut queue = home.open();
        append(&mut queue, (1..=200).map(sample));
        drop(queue);
        let mut content = fs::read(home.file()).unwrap();
        let position = position % content.len();
        let end = (position + bytes.len()).min(content.len());
        content[position..end].copy_from_slice(&bytes[..end - position]);
        fs::write(home.file(), content).unwrap();
        // Whatever is in it, there is a queue to write to at once, or at the second try.
        if let Ok(mut queue) = Queue::open(&home.file(), Bounds::default()) {
            let outcome = queue.next(500, ALL).and_then(|_| queue.append(&[change(1)], Lost::default()));
            if let Err(error) = outcome {
                prop_assert!(error.is_lasting(), "{error}");
                drop(queue);
                Queue::replace(&home.file(), Bounds::default(), &error).unwrap().append(&[change(1)], Lost::default()).unwrap();
            }
        } else {
            prop_assert!(false, "no queue");
        }
    }
}
