//! Queries for the rows of many ids at once, so that a page costs as many statements as one thing.

use rusqlite::{Connection, Row, params_from_iter};

/// The most ids in one statement; `SQLite` takes 32,766 parameters.
const MOST: usize = 16_384;

/// Hands each row to `take` that a query finds for some ids. `{ids}` stands in the SQL where their list belongs.
///
/// Lists are filled up to a power of two, so that few statements are prepared.
pub(super) fn each_of(
    connection: &Connection,
    sql: &str,
    ids: &[i64],
    mut take: impl FnMut(&Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for some in ids.chunks(MOST) {
        let (count, last) = (some.len().next_power_of_two(), some.last());
        let list = vec!["?"; count].join(", ");
        let mut statement = connection.prepare_cached(&sql.replace("{ids}", &list))?;
        let mut rows =
            statement.query(params_from_iter(some.iter().chain(last.into_iter().cycle()).take(count)))?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_is_found_once_however_many_there_are() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT").unwrap();
        let all: Vec<i64> = (0..40_000).collect();
        connection
            .execute_batch(
                "INSERT INTO t WITH RECURSIVE n (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < 39999) SELECT x FROM n",
            )
            .unwrap();
        for count in [0, 1, 2, 3, 5, 1000, 16_384, 16_385, 40_000] {
            let mut found = Vec::new();
            let sql = "SELECT x FROM t WHERE x IN ({ids}) ORDER BY x";
            each_of(&connection, sql, &all[..count], |row| Ok(found.push(row.get::<_, i64>(0)?))).unwrap();
            assert_eq!(found, all[..count]);
        }
    }
}
