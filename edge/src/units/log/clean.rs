//! Dropping the oldest rows, a few with a commit, so that the file stays bounded.
//!
//! Units that are silent keep rows alive that are older than all others. They are appended once more when their turn
//! comes, so that what lies between them and the newest is not kept for their sake.

use std::collections::HashMap;

use rusqlite::Connection;

use super::load::Extent;

/// Rows that may lie around before anything is dropped, beside as many dead ones as live ones.
const SLACK: u64 = 1024;
/// The least rows that are looked at when any are: the oldest page is written again less often.
const CHUNK: u64 = 256;

/// What is kept of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Live {
    /// The oldest cycle with a reading that is kept.
    pub(super) kept_from: u64,
    /// The oldest cycle with a prediction that is kept.
    pub(super) history_from: u64,
    /// How many rows hold what is kept.
    pub(super) rows: u64,
}

/// Looks at the oldest rows if there are more than twice as many as are needed: drops those that are not, and appends
/// the others once more. `appended` rows are in this transaction already. The answer is where rows lie then.
pub(super) fn clean(
    connection: &Connection,
    live: &HashMap<u64, Live>,
    needed: u64,
    extent: Extent,
    appended: u64,
) -> rusqlite::Result<Extent> {
    if extent.next - extent.first <= 2 * needed + SLACK {
        return Ok(extent);
    }
    let mut select = connection.prepare_cached(
        "SELECT id, unit, cycle, readings IS NOT NULL, answer IS NOT NULL FROM log ORDER BY id LIMIT ?1",
    )?;
    let mut again = connection.prepare_cached(
        "INSERT INTO log
         SELECT ?1, unit, cycle, iif(?2, layout, NULL), iif(?2, readings, NULL), iif(?3, answer, NULL)
         FROM log WHERE id = ?4",
    )?;
    let Extent { mut first, mut next } = extent;
    let oldest: Vec<(i64, i64, i64, bool, bool)> = select
        .query_map([CHUNK.max(4 * appended) as i64], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    for (id, unit, cycle, readings, answer) in oldest {
        first = id as u64 + 1;
        let Some(unit) = live.get(&(unit as u64)) else { continue };
        let readings = readings && cycle as u64 >= unit.kept_from;
        let answer = answer && cycle as u64 >= unit.history_from;
        if readings || answer {
            again.execute((next as i64, readings, answer, id))?;
            next += 1;
        }
    }
    connection.prepare_cached("DELETE FROM log WHERE id < ?1")?.execute([first as i64])?;
    Ok(Extent { first, next })
}
