//! Many rows by their ids in one statement.

use std::iter;

use rusqlite::{Connection, Row, params_from_iter};

/// The most ids in one statement.
const MOST: usize = 512;

/// Runs a query for ids that stand, in parentheses, between the two parts of its text, and hands over its rows.
///
/// The list has room for a power of two of ids, so that there are few statements to keep prepared; the last id
/// fills what is left, which a list that rows are looked up in does not mind.
pub(super) fn each_row(
    connection: &Connection,
    ids: &[i64],
    (before, after): (&str, &str),
    mut each: impl FnMut(&Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for part in ids.chunks(MOST) {
        let room = part.len().next_power_of_two();
        let slots = vec!["?"; room].join(",");
        let mut statement = connection.prepare_cached(&format!("{before} ({slots}) {after}"))?;
        let filled = part.iter().chain(iter::repeat(&part[part.len() - 1])).take(room);
        let mut rows = statement.query(params_from_iter(filled))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_is_looked_up_once_however_many_there_are() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY)").unwrap();
        for id in 1..=2000 {
            connection.execute("INSERT INTO t VALUES (?1)", [id]).unwrap();
        }
        for count in [0, 1, 2, 3, 100, 512, 513, 1999] {
            let ids: Vec<i64> = (1..=count).collect();
            let mut seen: Vec<i64> = Vec::new();
            each_row(&connection, &ids, ("SELECT id FROM t WHERE id IN", "ORDER BY id"), |row| {
                seen.push(row.get(0)?);
                Ok(())
            })
            .unwrap();
            assert_eq!(seen, ids);
        }
    }
}
