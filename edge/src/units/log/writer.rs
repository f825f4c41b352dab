//! The thread that appends: it reads the file first, then writes what waits, many requests' rows in one transaction.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use anyhow::Context as _;
use overhaul_bundle::VersionNumber;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::checkpoints::Checkpoints;
use super::clean::{Live, clean};
use super::load::{self, Extent, Loaded};
use super::schema::{self, File};
use super::{Append, Change, Job, LogError, record};
use crate::units::history::Realised;

/// The most changes in one transaction.
const BATCH: usize = 256;
/// After how long a file that cannot be read for the moment is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The thread's own knowledge of the file. It changes only after a commit.
struct Writer {
    file: File,
    /// Predictions that are kept of each unit.
    kept: usize,
    checkpoints: Checkpoints,
    live: HashMap<u64, Live>,
    /// The sum over `live`.
    needed: u64,
    extent: Extent,
    layouts: HashSet<u32>,
    versions: HashSet<u32>,
}

/// Starts the thread, which leaves `kept` predictions of each unit; what it read comes through the receiver.
pub(super) fn start(
    file: File,
    kept: usize,
    jobs: mpsc::Receiver<Job>,
) -> anyhow::Result<oneshot::Receiver<Loaded>> {
    let (sender, loaded) = oneshot::channel();
    let checkpoints = Checkpoints::start(&file)?;
    let writer = Writer {
        file,
        kept,
        checkpoints,
        live: HashMap::new(),
        needed: 0,
        extent: Extent { first: 1, next: 1 },
        layouts: HashSet::new(),
        versions: HashSet::new(),
    };
    std::thread::Builder::new()
        .name("units-log".to_owned())
        .spawn(move || writer.work(sender, jobs))
        .context("cannot start a thread")?;
    Ok(loaded)
}

impl Writer {
    fn work(mut self, loaded: oneshot::Sender<Loaded>, mut jobs: mpsc::Receiver<Job>) {
        // The program may have ended meanwhile.
        let _ = loaded.send(self.load());
        while let Some(first) = jobs.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(next) = jobs.try_recv()
            {
                batch.push(next);
            }
            self.make(batch);
        }
    }

    /// Reads the file. A damaged one is moved aside; one that cannot be read for another reason is tried again, since
    /// what it holds may still be there.
    fn load(&mut self) -> Loaded {
        loop {
            match load::load(&self.file.connection, self.kept) {
                Ok((loaded, extent)) => {
                    self.extent = extent;
                    self.layouts = loaded.layouts.iter().map(|layout| layout.id).collect();
                    self.versions = loaded.versions.iter().map(|(version, _)| version.id).collect();
                    for (key, _, unit) in &loaded.units {
                        let live = Live {
                            kept_from: unit.kept.oldest().unwrap_or(u64::MAX),
                            history_from: unit.history.points().first().map_or(u64::MAX, |point| point.cycle),
                            rows: unit.rows(),
                        };
                        self.needed += live.rows;
                        self.live.insert(*key, live);
                    }
                    return loaded;
                }
                Err(error) if schema::is_damage(&error) => {
                    self.begin_anew(&error);
                    return Loaded { next_key: 1, ..Loaded::default() };
                }
                Err(error) => {
                    tracing::error!("the units' windows cannot be read, they are tried again: {error}");
                }
            }
            std::thread::sleep(AGAIN);
        }
    }

    /// Goes on with a new file.
    fn begin_anew(&mut self, damage: &rusqlite::Error) {
        if let Err(error) = self.file.begin_anew(damage) {
            tracing::error!("{error:#}");
            return;
        }
        match Checkpoints::start(&self.file) {
            Ok(checkpoints) => self.checkpoints = checkpoints,
            Err(error) => tracing::error!("{error:#}"),
        }
        self.live.clear();
        self.needed = 0;
        self.extent = Extent { first: 1, next: 1 };
        self.layouts.clear();
        self.versions.clear();
    }

    /// Makes changes as one transaction. If that fails, each is tried alone: one of them may be to blame.
    fn make(&mut self, batch: Vec<Job>) {
        let mut made = self.transaction(&batch);
        if let Err(error) = &made
            && schema::is_damage(error)
        {
            self.begin_anew(error);
            made = self.transaction(&batch);
        }
        match made {
            Err(_) if batch.len() > 1 => {
                for job in batch {
                    self.make(vec![job]);
                }
            }
            made => {
                let answer = made.map_err(|error| explain(&error));
                if let Err(error) = &answer {
                    tracing::warn!("{error}");
                }
                for job in batch {
                    // Whoever asked may have gone away; what was committed stays.
                    let _ = job.done.send(answer.clone());
                }
            }
        }
    }

    fn transaction(&mut self, batch: &[Job]) -> rusqlite::Result<()> {
        let connection = &self.file.connection;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let written = self.write(batch).and_then(|extent| {
            connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(extent)
        });
        // SQLite ends the transaction by itself when the disk is full or fails.
        if written.is_err() && !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK")?;
        }
        let extent = written?;
        let rows = extent.next - self.extent.next;
        self.extent = extent;
        for job in batch {
            self.note(&job.change);
        }
        self.checkpoints.committed(rows);
        Ok(())
    }

    /// Writes the changes into the transaction that is open. The answer is where rows lie when it is committed.
    fn write(&self, batch: &[Job]) -> rusqlite::Result<Extent> {
        let connection = &self.file.connection;
        let mut extent = self.extent;
        for job in batch {
            match &job.change {
                Change::Append(append) => {
                    self.introduce(append)?;
                    extent.next = insert(connection, append, extent.next)?;
                }
                Change::Forget { key, realised } => {
                    connection.prepare_cached("DELETE FROM units WHERE id = ?1")?.execute([*key as i64])?;
                    count(connection, realised)?;
                }
            }
        }
        // What was kept before these changes is kept for once: they are not sure yet.
        clean(connection, &self.live, self.needed, extent, extent.next - self.extent.next)
    }

    /// Writes what the rows refer to, unless it is known to be there.
    fn introduce(&self, append: &Append) -> rusqlite::Result<()> {
        let connection = &self.file.connection;
        let Append { key, name, layout, version, .. } = append;
        if !self.live.contains_key(key) {
            let mut insert = connection
                .prepare_cached("INSERT INTO units (id, name) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")?;
            insert.execute((*key as i64, name.as_str()))?;
        }
        if !self.layouts.contains(&layout.id) {
            let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO layouts VALUES (?1, ?2)")?;
            insert.execute((layout.id, serde_json::Value::from(layout.columns.clone()).to_string()))?;
        }
        if !self.versions.contains(&version.id) {
            let mut insert = connection.prepare_cached(
                "INSERT OR IGNORE INTO versions (id, bundle, number, rul_cap, level) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let number = version.number.map(VersionNumber::get);
            insert.execute((
                version.id,
                version.bundle.to_string(),
                number,
                version.rul_cap,
                version.level,
            ))?;
        }
        Ok(())
    }

    /// Takes note of a change that was committed.
    fn note(&mut self, change: &Change) {
        match change {
            Change::Append(append) => {
                let Append { key, layout, version, last, history_from, rows, .. } = append;
                let live = Live { kept_from: last.kept_from, history_from: *history_from, rows: *rows };
                let before = self.live.insert(*key, live);
                self.needed = self.needed + rows - before.map_or(0, |before| before.rows);
                self.layouts.insert(layout.id);
                self.versions.insert(version.id);
            }
            Change::Forget { key, .. } => {
                self.needed -= self.live.remove(key).map_or(0, |before| before.rows);
            }
        }
    }
}

/// Appends the readings, the answer with that of its cycle; on its own if that reading was there before.
fn insert(connection: &Connection, append: &Append, mut next: u64) -> rusqlite::Result<u64> {
    let mut insert = connection.prepare_cached("INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let key = append.key as i64;
    let answer = record::encode(&append.point, &append.last);
    let mut answered = false;
    for (cycle, values) in &append.readings {
        let its_answer = (*cycle == append.point.cycle).then_some(&answer[..]);
        answered |= its_answer.is_some();
        let values = record::encode_values(values);
        insert.execute((next as i64, key, *cycle as i64, append.layout.id, values, its_answer))?;
        next += 1;
    }
    if !answered {
        let none = None::<u32>;
        insert.execute((next as i64, key, append.point.cycle as i64, none, none, &answer[..]))?;
        next += 1;
    }
    Ok(next)
}

fn count(connection: &Connection, realised: &[Realised]) -> rusqlite::Result<()> {
    let mut update = connection
        .prepare_cached("UPDATE versions SET inside = inside + ?2, total = total + ?3 WHERE id = ?1")?;
    for one in realised {
        update.execute((one.version, one.inside as i64, one.total as i64))?;
    }
    Ok(())
}

fn explain(error: &rusqlite::Error) -> LogError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen,
        ) => LogError::Disk(error.to_string()),
        _ => LogError::Fault(error.to_string()),
    }
}
