//! What was answered is there after a restart, the file stays bounded, and a bad file does not stop the agent.

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use overhaul_bundle::mistake;
use overhaul_bundle::{Sha256Digest, VersionNumber};
use proptest::prelude::*;
use rusqlite::Connection;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::*;
use crate::units::layout::Layouts;
use crate::units::marks::{Mark, Marks};
use crate::units::rules::{self, Bounds, Incoming};
use crate::units::settings::{Smoothing, UnitSettings};
use crate::units::unit::Unit;

/// Units in memory, beside the log that they are written to.
struct Fleet {
    home: tempfile::TempDir,
    runtime: Runtime,
    log: Arc<Log>,
    units: BTreeMap<u64, Unit>,
    layouts: Layouts,
    settings: UnitSettings,
}

fn version() -> Arc<Version> {
    let number = Some(VersionNumber::FIRST);
    Arc::new(Version {
        id: 1,
        bundle: Sha256Digest::of(b"v1"),
        number,
        rul_cap: Some(125.0),
        level: Some(0.9),
    })
}

impl Fleet {
    fn new(kept: usize) -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let settings =
            UnitSettings { kept, smoothing: Some(Smoothing::default()), ..UnitSettings::default() };
        let (log, loaded) = Log::open(home.path(), kept).unwrap();
        assert!(runtime.block_on(loaded).unwrap().units.is_empty());
        Self {
            home,
            runtime,
            log: Arc::new(log),
            units: BTreeMap::new(),
            layouts: Layouts::default(),
            settings,
        }
    }

    /// Takes readings as a request does; what is to be written, if anything is.
    fn take(&mut self, key: u64, cycles: &[u64]) -> Option<Append> {
        let layout = self.layouts.of(&["a".to_owned(), "b".to_owned()]);
        let bounds = Bounds { window: 5, kept: self.settings.kept, max_ahead: 1_000_000 };
        let unit = self.units.entry(key).or_default();
        let readings: Vec<Incoming> = cycles
            .iter()
            .map(|&cycle| Incoming { cycle: Some(cycle), values: vec![cycle as f32, key as f32] })
            .collect();
        let brought = rules::take(&mut unit.kept, &readings, &layout, &self.layouts, bounds).unwrap();
        let added = brought.kept;
        let cycle = unit.kept.newest()?;
        if added.is_empty() {
            return None;
        }
        // Each answer differs from all others of the cycle.
        let turn = unit.last.map_or(0, |last| last.turn);
        let rul = 40.0 + (key + 7 * turn) as f32 % 17.0;
        let point = Point { cycle, rul, interval: Some((rul - 20.0, rul + 20.0)), version: 1 };
        let marks = Marks::default().with(Mark::Late, turn % 2 == 1);
        let at = Timestamp::from_millisecond(1_700_000_000_000 + turn as i64).unwrap();
        unit.answered(point, marks, at, &self.settings);
        let values = |cycle: &u64| Some((*cycle, unit.kept.get(*cycle)?.values.to_vec()));
        Some(Append {
            key,
            name: name(key),
            layout,
            version: version(),
            readings: added.iter().filter_map(values).collect(),
            point,
            last: unit.last?,
            history_from: unit.history.points()[0].cycle,
            rows: unit.rows(),
        })
    }

    fn write(&self, change: Change) -> Result<(), LogError> {
        self.runtime.block_on(self.log.write(change))
    }

    fn post(&mut self, key: u64, cycles: &[u64]) {
        if let Some(append) = self.take(key, cycles) {
            self.write(Change::Append(append)).unwrap();
        }
    }

    /// Posts many at once, so that they share transactions.
    fn post_all(&mut self, posts: impl IntoIterator<Item = (u64, u64)>) {
        let appends: Vec<_> = posts.into_iter().filter_map(|(key, cycle)| self.take(key, &[cycle])).collect();
        self.runtime.block_on(async {
            let mut writing = JoinSet::new();
            for append in appends {
                let log = Arc::clone(&self.log);
                writing.spawn(async move { log.write(Change::Append(append)).await });
            }
            assert!(writing.join_all().await.iter().all(Result::is_ok));
        });
    }

    /// Reads the file as the next run does.
    fn reload(&self) -> (BTreeMap<u64, Unit>, Loaded) {
        let loaded =
            self.runtime.block_on(Log::open(self.home.path(), self.settings.kept).unwrap().1).unwrap();
        let units = loaded.units.iter().map(|(key, unit, kept)| {
            assert_eq!(*unit, name(*key));
            (*key, kept.clone())
        });
        (units.collect(), loaded)
    }

    fn rows(&self) -> u64 {
        let connection = Connection::open(self.home.path().join(schema::FILE)).unwrap();
        connection.query_row("SELECT count(*) FROM log", [], |row| row.get::<_, i64>(0)).unwrap() as u64
    }

    fn needed(&self) -> u64 {
        self.units.values().map(Unit::rows).sum()
    }
}

fn name(key: u64) -> UnitId {
    format!("engine {key}").parse().unwrap()
}

#[test]
fn units_are_as_they_were_after_late_doubled_and_bulk_readings_and_gaps() {
    let mut fleet = Fleet::new(8);
    fleet.post(1, &[1]);
    fleet.post(1, &(2..30).collect::<Vec<_>>());
    fleet.post(2, &[1, 2, 5]);
    fleet.post(2, &[4, 3]);
    fleet.post(2, &[3]);
    fleet.post(3, &[7]);
    fleet.post(3, &[8]);
    fleet.post(3, &[500]);
    let (units, loaded) = fleet.reload();
    assert_eq!(units, fleet.units);
    assert_eq!((units[&3].kept.len(), units[&3].kept.joined(5)), (3, 1));
    assert_eq!((units[&2].last.unwrap().turn, units[&3].history.points().len()), (2, 3));
    assert_eq!((loaded.next_key, loaded.layouts.len(), loaded.versions.len()), (4, 1, 1));
    assert_eq!((loaded.versions[0].0.clone(), loaded.layouts[0].columns.len()), ((*version()).clone(), 2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_was_kept_whatever_was_sent(
        posts in proptest::collection::vec((1_u64..4, proptest::collection::vec(0_u64..40, 1..6)), 1..60),
    ) {
        let mut fleet = Fleet::new(6);
        for (key, cycles) in posts {
            fleet.post(key, &cycles);
        }
        prop_assert_eq!(fleet.reload().0, fleet.units);
    }
}

#[test]
fn ten_thousand_units_take_no_more_than_twice_what_is_kept_of_them() {
    let mut fleet = Fleet::new(2);
    for cycle in 1..=8 {
        fleet.post_all((1..=10_000).map(|key| (key, cycle)));
    }
    let (rows, needed) = (fleet.rows(), fleet.needed());
    assert_eq!(needed, 20_000);
    assert!((needed..=2 * needed + 2048).contains(&rows), "{rows} rows for {needed}");
    assert_eq!(fleet.reload().0, fleet.units);
}

#[test]
fn units_that_are_silent_for_long_are_kept_while_others_write_the_file_over_and_over() {
    let mut fleet = Fleet::new(4);
    // Silent ones with a late answer, a gap and a bulk, among those that go on.
    fleet.post(101, &[1, 2, 5]);
    fleet.post(101, &[4]);
    fleet.post(102, &[1, 2]);
    fleet.post(102, &[300]);
    fleet.post(103, &(0..40).collect::<Vec<_>>());
    for cycle in 1..=1500 {
        fleet.post_all((1..=8).map(|key| (key, cycle)));
        if cycle % 500 == 0 {
            assert_eq!(fleet.reload().0, fleet.units);
        }
    }
    let (rows, needed) = (fleet.rows(), fleet.needed());
    assert!(rows <= 2 * needed + 1024 + 256, "{rows} rows for {needed}");
    let size = fs::metadata(fleet.home.path().join(schema::FILE)).unwrap().len();
    assert!(size < 1 << 20, "{size} bytes");
}

#[test]
fn a_unit_that_was_forgotten_stays_so_and_its_end_of_life_is_counted() {
    let mut fleet = Fleet::new(4);
    fleet.post(1, &[1, 2]);
    fleet.post(2, &[1]);
    let realised = vec![Realised { version: 1, inside: 3, total: 4 }];
    fleet.write(Change::Forget { key: 1, realised: realised.clone() }).unwrap();
    fleet.units.remove(&1);
    // The name is free for a new key.
    let again = Append { name: name(1), key: 3, ..fleet.take(3, &[9]).unwrap() };
    fleet.write(Change::Append(again)).unwrap();
    fleet.write(Change::Forget { key: 3, realised }).unwrap();
    fleet.units.remove(&3);
    let (units, loaded) = fleet.reload();
    assert_eq!(units, fleet.units);
    let count = loaded.versions[0].1;
    assert_eq!((count.inside, count.total, loaded.next_key), (6, 8, 4));
}

#[test]
fn a_file_that_is_no_database_is_moved_aside_and_the_next_one_works() {
    let mut fleet = Fleet::new(4);
    fleet.home = tempfile::tempdir().unwrap();
    let file = fleet.home.path().join(schema::FILE);
    fs::write(&file, vec![b'x'; 4096]).unwrap();
    let (log, loaded) = Log::open(fleet.home.path(), 4).unwrap();
    let loaded = fleet.runtime.block_on(loaded).unwrap();
    assert!(loaded.units.is_empty());
    assert_eq!(fs::read(file.with_extension("db.damaged")).unwrap(), vec![b'x'; 4096]);
    fleet.log = Arc::new(log);
    fleet.post(1, &[1, 2]);
    assert_eq!(fleet.reload().0, fleet.units);
}

#[test]
fn a_file_damaged_in_the_middle_is_moved_aside_when_it_is_read() {
    let mut fleet = Fleet::new(4);
    for cycle in 1..=200 {
        fleet.post_all((1..=4).map(|key| (key, cycle)));
    }
    let file = fleet.home.path().join(schema::FILE);
    Connection::open(&file).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let copy = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xAA);
    fs::write(copy.path().join(schema::FILE), bytes).unwrap();
    let (log, loaded) = Log::open(copy.path(), 4).unwrap();
    let loaded = fleet.runtime.block_on(loaded).unwrap();
    assert_eq!((loaded.units.len(), loaded.next_key), (0, 1));
    assert!(copy.path().join("units.db.damaged").exists());
    fleet.home = copy;
    fleet.log = Arc::new(log);
    fleet.units.clear();
    fleet.post(1, &[1, 2]);
    assert_eq!(fleet.reload().0, fleet.units);
}

#[test]
fn a_file_damaged_while_it_is_used_costs_its_past_and_no_reading() {
    let mut fleet = Fleet::new(64);
    for cycle in 1..=64 {
        fleet.post_all((1..=400).map(|key| (key, cycle)));
    }
    let file = fleet.home.path().join(schema::FILE);
    Connection::open(&file).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let size = fs::metadata(&file).unwrap().len();
    let overwritten = fs::OpenOptions::new().write(true).open(&file).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&overwritten, &vec![0xAA; size as usize - 2048], 1024).unwrap();
    // Written on until a page is needed that is no more.
    for cycle in 65..=300 {
        fleet.post_all((1..=400).map(|key| (key, cycle)));
    }
    assert!(fleet.home.path().join("units.db.damaged").exists());
    // All of what is kept has come since.
    assert_eq!(fleet.reload().0, fleet.units);
}

#[test]
fn a_file_of_a_newer_release_is_a_mistake() {
    let fleet = Fleet::new(4);
    let connection = Connection::open(fleet.home.path().join(schema::FILE)).unwrap();
    connection.execute_batch("PRAGMA user_version = 7").unwrap();
    let error = Log::open(fleet.home.path(), 4).err().unwrap();
    assert!(mistake::is_mistake(error.as_ref()));
    let line = error.to_string();
    assert!(
        line.contains("units.db was written by a newer release") && line.contains("version is 7"),
        "{line}"
    );
}

#[test]
fn a_full_disk_refuses_a_change_as_a_whole() {
    let mut fleet = Fleet::new(64);
    let home = tempfile::tempdir().unwrap();
    let file = schema::File::open(home.path()).unwrap();
    file.connection.pragma_update(None, "max_page_count", 24).unwrap();
    let (queue, jobs) = mpsc::channel(QUEUE);
    let loaded = writer::start(file, 64, jobs).unwrap();
    fleet.runtime.block_on(loaded).unwrap();
    fleet.log = Arc::new(Log { queue });
    fleet.home = home;
    let refused = (1..2000).find_map(|cycle| {
        let before = fleet.units.clone();
        let append = fleet.take(cycle % 20, &[cycle]).unwrap();
        let error = fleet.write(Change::Append(append)).err()?;
        fleet.units = before;
        Some(error)
    });
    let Some(LogError::Disk(_)) = &refused else { panic!("{refused:?}") };
    let line = refused.unwrap().to_string();
    assert!(line.contains("full") && line.contains("nothing was kept"), "{line}");
    // What was acknowledged is there, and nothing else.
    assert_eq!(fleet.reload().0, fleet.units);
}
