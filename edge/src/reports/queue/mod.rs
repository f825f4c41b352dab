//! The queue on disk: a small `SQLite` file that one agent has for itself.
//!
//! | module | holds |
//! | --- | --- |
//! | `open` | opening it, and moving aside what cannot be used |
//! | `room` | what is thrown away where there is not room for all |
//!
//! Times are milliseconds since 1970.

mod open;
mod room;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use overhaul_bundle::QueueId;
use overhaul_client::api::{DropReason, Dropped, Event, Report, ReportBatch, Weight};
use rusqlite::{Connection, OptionalExtension as _, Transaction};
use serde_json::value::RawValue;

use super::lost::Lost;
use crate::random;

/// How much may wait to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most reports.
    pub reports: u64,
    /// The most bytes of the file, but for what is being written.
    pub bytes: u64,
}

impl Default for Bounds {
    /// 100,000 reports and 64 MiB, whichever is reached first.
    fn default() -> Self {
        Self { reports: 100_000, bytes: 64 << 20 }
    }
}

/// A batch as it is sent: events as they were written.
pub(super) type Batch = ReportBatch<Box<RawValue>>;

/// An event as it is written.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) weight: Weight,
    pub(super) json: String,
}

impl Entry {
    /// An event of this time; `None` when it has no form that the registry takes.
    pub(super) fn new(at: Timestamp, event: &Event) -> Option<Self> {
        let json = serde_json::to_string(event).ok()?;
        (json.len() <= ReportBatch::MAX_EVENT).then(|| Self { at, weight: Weight::of(event.kind()), json })
    }
}

/// What went wrong with the queue.
#[derive(Debug, thiserror::Error)]
pub(super) enum QueueError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// The file is of a later release of the agent.
    #[error("it is of a later release (format {0}, this one's is {format})", format = open::FORMAT)]
    Newer(i64),
    /// What is in the file is not what this program wrote there.
    #[error("{0}")]
    Damaged(String),
    /// The system failed.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// The queue on disk.
#[derive(Debug)]
pub(super) struct Queue {
    connection: Connection,
    id: QueueId,
    bounds: Bounds,
    /// Rows in the table.
    rows: u64,
    /// Rows of them that were acknowledged; they go with the next write.
    acknowledged_rows: u64,
    /// The last number that was acknowledged.
    acknowledged: i64,
    /// The last number of the batch that is on its way.
    on_its_way: i64,
    /// All that was ever thrown away.
    dropped: u64,
}

impl Queue {
    /// What the registry knows it by.
    pub(super) fn id(&self) -> &QueueId {
        &self.id
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> u64 {
        self.rows - self.acknowledged_rows
    }

    /// How many were thrown away since the queue was begun.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Appends events, and notes what was lost; all of it is on disk afterwards, or nothing. What there is no room
    /// for any more goes in the same step.
    pub(super) fn append(&mut self, entries: &[Entry], lost: Lost) -> Result<(), QueueError> {
        let transaction = self.connection.transaction()?;
        let mut rows = self.rows - forget(&transaction, self.acknowledged)?;
        let mut dropped = note(&transaction, DropReason::Unwritten, lost)?;
        for entry in entries {
            insert(&transaction, entry)?;
            rows += 1;
        }
        let kept = self.acknowledged.max(self.on_its_way);
        while let Some(excess) = room::excess(&transaction, &self.bounds, rows)? {
            let gone = room::drop_least(&transaction, excess, kept)?;
            if gone.count == 0 {
                break;
            }
            rows -= gone.count;
            dropped += note(&transaction, DropReason::Full, gone)?;
        }
        transaction.commit()?;
        (self.rows, self.acknowledged_rows) = (rows, 0);
        self.dropped += dropped;
        Ok(())
    }

    /// The oldest reports that wait, at most so many and of at most so many bytes, but one at least; `None` when none
    /// wait. The registry is told of those that were thrown away by a report of its own.
    pub(super) fn next(&mut self, reports: usize, bytes: usize) -> Result<Option<Batch>, QueueError> {
        self.tell_lost()?;
        let mut statement = self.connection.prepare_cached(
            "SELECT sequence, at, event FROM reports WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
        )?;
        let mut rows = statement.query((self.acknowledged, reports.max(1) as i64))?;
        let (mut batch, mut size) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let event: String = row.get(2)?;
            size += event.len();
            if size > bytes && !batch.is_empty() {
                break;
            }
            let event = RawValue::from_string(event).map_err(|e| QueueError::Damaged(e.to_string()))?;
            batch.push(Report { sequence: row.get::<_, i64>(0)? as u64, at: time(row.get(1)?)?, event });
        }
        let Some(last) = batch.last() else { return Ok(None) };
        self.on_its_way = last.sequence as i64;
        Ok(Some(ReportBatch { queue: self.id.clone(), waiting: self.waiting(), reports: batch }))
    }

    /// The registry has all up to this number: they are not sent again, and go with the next write.
    pub(super) fn acknowledge(&mut self, through: u64) -> Result<(), QueueError> {
        let through = i64::try_from(through).unwrap_or(i64::MAX).min(self.last()?);
        self.on_its_way = 0;
        if through > self.acknowledged {
            self.acknowledged_rows =
                self.connection
                    .prepare_cached("SELECT count(*) FROM reports WHERE sequence <= ?1")?
                    .query_row([through], |row| row.get::<_, i64>(0))? as u64;
            self.acknowledged = through;
        }
        Ok(())
    }

    /// The batch that was on its way was not delivered.
    pub(super) fn release(&mut self) {
        self.on_its_way = 0;
    }

    /// Removes what was acknowledged; answers whether that was anything.
    pub(super) fn forget(&mut self) -> Result<bool, QueueError> {
        if self.acknowledged_rows == 0 {
            return Ok(false);
        }
        self.append(&[], Lost::default())?;
        Ok(true)
    }

    /// Throws a report away that the registry does not take.
    pub(super) fn refuse(&mut self, sequence: u64) -> Result<(), QueueError> {
        let transaction = self.connection.transaction()?;
        let at = transaction
            .prepare_cached("DELETE FROM reports WHERE sequence = ?1 RETURNING at")?
            .query_row([sequence as i64], |row| row.get(0))
            .optional()?;
        let Some(at) = at else { return Ok(()) };
        let mut lost = Lost::default();
        lost.add(time(at)?);
        let dropped = note(&transaction, DropReason::Refused, lost)?;
        transaction.commit()?;
        (self.rows, self.on_its_way) = (self.rows - 1, 0);
        self.dropped += dropped;
        Ok(())
    }

    /// The highest number that was ever given.
    pub(super) fn last(&self) -> Result<i64, QueueError> {
        let mut statement =
            self.connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'reports'")?;
        let mut rows = statement.query([])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or(0))
    }

    /// Begins a new queue with the reports of this one: the registry has numbers of it that were never given, so this
    /// is a copy from before they were.
    pub(super) fn renew(&mut self) -> Result<(), QueueError> {
        let id = QueueId::from_random(random::bits()?);
        self.connection.execute("UPDATE queue SET id = ?1", [id.as_str()])?;
        (self.id, self.on_its_way) = (id, 0);
        Ok(())
    }

    /// Writes a report for each reason that reports were thrown away for and the registry was not told of.
    fn tell_lost(&mut self) -> Result<(), QueueError> {
        let untold: Vec<(String, Dropped)> = {
            let mut statement = self
                .connection
                .prepare_cached("SELECT reason, untold, first_at, last_at FROM lost WHERE untold > 0")?;
            let mut rows = statement.query([])?;
            let mut untold = Vec::new();
            while let Some(row) = rows.next()? {
                let text: String = row.get(0)?;
                let reason = serde_json::from_value(text.clone().into())
                    .map_err(|e| QueueError::Damaged(e.to_string()))?;
                let moment = |column| row.get::<_, Option<i64>>(column)?.map(time).transpose();
                let count = Some(row.get::<_, i64>(1)? as u64);
                untold.push((text, Dropped { count, from: moment(2)?, to: moment(3)?, reason }));
            }
            untold
        };
        if untold.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        let count = untold.len() as u64;
        for (reason, dropped) in untold {
            transaction
                .prepare_cached(
                    "UPDATE lost SET untold = 0, first_at = NULL, last_at = NULL WHERE reason = ?1",
                )?
                .execute([reason])?;
            if let Some(entry) = Entry::new(Timestamp::now(), &Event::Dropped(dropped)) {
                insert(&transaction, &entry)?;
            }
        }
        transaction.commit()?;
        self.rows += count;
        Ok(())
    }
}

fn insert(transaction: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
    transaction.prepare_cached("INSERT INTO reports (at, weight, event) VALUES (?1, ?2, ?3)")?.execute((
        entry.at.as_millisecond(),
        entry.weight as u8,
        &entry.json,
    ))?;
    Ok(())
}

/// Removes what was acknowledged; answers how many rows that were.
fn forget(transaction: &Transaction<'_>, acknowledged: i64) -> rusqlite::Result<u64> {
    let gone =
        transaction.prepare_cached("DELETE FROM reports WHERE sequence <= ?1")?.execute([acknowledged])?;
    Ok(gone as u64)
}

/// Notes what was thrown away; answers how many that were.
fn note(transaction: &Transaction<'_>, reason: DropReason, lost: Lost) -> Result<u64, QueueError> {
    if lost.count == 0 {
        return Ok(0);
    }
    let reason = serde_json::to_value(reason).map_err(|e| QueueError::Damaged(e.to_string()))?;
    transaction
        .prepare_cached(
            "INSERT INTO lost (reason, total, untold, first_at, last_at) VALUES (?1, ?2, ?2, ?3, ?4)
             ON CONFLICT (reason) DO UPDATE SET
                 total = total + excluded.total, untold = untold + excluded.untold,
                 first_at = min(coalesce(first_at, excluded.first_at), excluded.first_at),
                 last_at = max(coalesce(last_at, excluded.last_at), excluded.last_at)",
        )?
        .execute((
            reason.as_str(),
            lost.count as i64,
            lost.from.map(Timestamp::as_millisecond),
            lost.to.map(Timestamp::as_millisecond),
        ))?;
    Ok(lost.count)
}

fn time(milliseconds: i64) -> Result<Timestamp, QueueError> {
    Timestamp::from_millisecond(milliseconds).map_err(|e| QueueError::Damaged(e.to_string()))
}
