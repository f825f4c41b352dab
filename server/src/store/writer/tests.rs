//! Changes made in one transaction stand and fall alone.

use std::path::Path;

use rusqlite::Connection;

use super::*;

/// A database in memory, which has no log to move.
fn writer() -> Writer {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT").unwrap();
    Writer::start(connection, Checkpoints::start(Path::new(":memory:")).unwrap()).unwrap()
}

async fn insert(writer: &Writer, x: i64) -> anyhow::Result<()> {
    writer.write(move |c| Ok(c.execute("INSERT INTO t VALUES (?1)", [x]).map(drop)?)).await
}

async fn count(writer: &Writer) -> i64 {
    writer.write(|c| anyhow::Ok(c.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)).await.unwrap()
}

#[tokio::test]
async fn changes_made_together_fail_alone() {
    let writer = writer();
    let results = futures::future::join_all((0..200).map(|n| insert(&writer, n / 2))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 100);
    assert_eq!(count(&writer).await, 100);
}

#[tokio::test]
async fn a_change_that_fails_half_way_leaves_nothing() {
    let writer = writer();
    let half = writer.write(|c| {
        c.execute("INSERT INTO t VALUES (1)", [])?;
        anyhow::bail!("half-way");
        #[allow(unreachable_code)]
        anyhow::Ok(())
    });
    let (half, whole) = tokio::join!(half, insert(&writer, 2));
    assert_eq!(half.unwrap_err().to_string(), "half-way");
    whole.unwrap();
    assert_eq!(count(&writer).await, 1);
}

#[tokio::test]
async fn a_change_that_panics_is_undone_and_the_writer_goes_on() {
    let writer = writer();
    let panicking = writer.write(|c| -> anyhow::Result<()> {
        c.execute("INSERT INTO t VALUES (1)", [])?;
        panic!("out of luck")
    });
    assert!(panicking.await.unwrap_err().to_string().contains("out of luck"));
    insert(&writer, 1).await.unwrap();
    assert_eq!(count(&writer).await, 1);
}

#[tokio::test]
async fn a_full_database_undoes_all_changes_of_its_transaction_and_says_so() {
    let writer = writer();
    let limit = |c: &Connection| anyhow::Ok(c.pragma_update(None, "max_page_count", 3)?);
    writer.write(limit).await.unwrap();
    let fill = |n: i64| {
        writer.write(move |c| -> anyhow::Result<()> {
            for x in 0..500 {
                c.execute("INSERT INTO t VALUES (?1)", [n * 1000 + x])?;
            }
            Ok(())
        })
    };
    let results = futures::future::join_all((0..20).map(fill)).await;
    let kept = results.iter().filter(|result| result.is_ok()).count() as i64;
    let error = results.into_iter().find_map(Result::err).unwrap();
    let code = error.chain().find_map(|e| e.downcast_ref::<rusqlite::Error>()?.sqlite_error_code());
    assert!(code == Some(rusqlite::ErrorCode::DiskFull) || error.to_string().contains("full"), "{error:#}");
    assert_eq!(count(&writer).await, kept * 500);
}

#[tokio::test]
async fn whoever_goes_away_does_not_cut_a_change_in_two() {
    let writer = writer();
    drop(tokio::time::timeout(std::time::Duration::ZERO, insert(&writer, 7)).await);
    assert!(count(&writer).await <= 1);
}
