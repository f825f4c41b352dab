//! The table `report_queues`: up to which number the reports of each gateway's queues were taken.

use overhaul_bundle::QueueId;
use rusqlite::{Connection, OptionalExtension as _};

/// How many queues without reports are remembered for each gateway; it begins one with each new disk.
const REMEMBERED: u32 = 16;

/// A queue of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Its row.
    pub id: i64,
    /// The highest number that was taken; 0 before the first.
    pub through: u64,
}

/// A gateway's queue, made when it is new.
pub fn open(connection: &Connection, gateway: i64, name: &QueueId) -> anyhow::Result<Queue> {
    let known = connection
        .prepare_cached("SELECT id, through FROM report_queues WHERE gateway = ?1 AND name = ?2")?
        .query_row((gateway, name.as_str()), |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    if let Some((id, through)) = known {
        return Ok(Queue { id, through: through.try_into()? });
    }
    connection
        .prepare_cached("INSERT INTO report_queues (gateway, name) VALUES (?1, ?2)")?
        .execute((gateway, name.as_str()))?;
    let id = connection.last_insert_rowid();
    connection
        .prepare_cached(
            "DELETE FROM report_queues WHERE id IN (
                 SELECT id FROM report_queues WHERE gateway = ?1 ORDER BY id DESC LIMIT -1 OFFSET ?2
             ) AND NOT EXISTS (SELECT 1 FROM reports WHERE queue = report_queues.id)",
        )?
        .execute((gateway, REMEMBERED))?;
    Ok(Queue { id, through: 0 })
}

/// All reports up to this number were taken.
pub fn advance(connection: &Connection, id: i64, through: u64) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE report_queues SET through = ?2 WHERE id = ?1")?
        .execute((id, i64::try_from(through)?))?;
    Ok(())
}
