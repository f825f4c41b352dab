//! What is thrown away where there is not room for all: the oldest of the least weight.

use overhaul_client::api::Weight;
use rusqlite::Transaction;

use super::{Bounds, QueueError, time};
use crate::reports::lost::Lost;

/// Where there is no room, this part of what may wait is thrown away at once, not a report at each write.
const PART: u64 = 32;

/// How many reports are to be thrown away; `None` when there is room for all.
pub(super) fn excess(
    transaction: &Transaction<'_>,
    bounds: &Bounds,
    rows: u64,
) -> rusqlite::Result<Option<u64>> {
    let number = |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count")? - number("freelist_count")?;
    let bytes = (pages * number("page_size")?) as u64;
    if rows > bounds.reports {
        Ok(Some(rows - bounds.reports + bounds.reports / PART))
    } else if bytes > bounds.bytes {
        Ok(Some(rows / PART + 1))
    } else {
        Ok(None)
    }
}

/// Throws away up to `most` of the oldest reports of the least weight there is after number `kept`.
pub(super) fn drop_least(transaction: &Transaction<'_>, most: u64, kept: i64) -> Result<Lost, QueueError> {
    for weight in Weight::ALL {
        let weight = weight as u8;
        let (count, last, from, to) = transaction
            .prepare_cached(
                "SELECT count(*), max(sequence), min(at), max(at) FROM (
                     SELECT sequence, at FROM reports WHERE weight = ?1 AND sequence > ?2
                     ORDER BY sequence LIMIT ?3
                 )",
            )?
            .query_row((weight, kept, most as i64), |row| {
                let moment = |column| row.get::<_, Option<i64>>(column);
                Ok((row.get::<_, i64>(0)? as u64, moment(1)?, moment(2)?, moment(3)?))
            })?;
        if count == 0 {
            continue;
        }
        transaction
            .prepare_cached("DELETE FROM reports WHERE weight = ?1 AND sequence > ?2 AND sequence <= ?3")?
            .execute((weight, kept, last))?;
        return Ok(Lost { count, from: from.map(time).transpose()?, to: to.map(time).transpose()? });
    }
    Ok(Lost::default())
}
