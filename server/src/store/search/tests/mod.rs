//! The law of every search: what the database finds, page after page, is what going through all rows finds.

mod cost;
mod experiments;
mod limits;
mod logged_models;
mod model_versions;
mod naive;
mod registered_models;
mod runs;
mod tokens;
mod words;

use std::cmp::Ordering;
use std::fmt::Debug;

use rusqlite::Connection;

use super::{Tables, page};
use crate::Clock;
use crate::filter::{Direction, Filter, Order};

/// A search by going through all rows.
trait Naive: Tables {
    /// What is known of a row.
    type Row: Debug;

    /// Whether a row is found.
    fn finds(
        scope: &Self::Scope,
        clauses: &[Self::Clause],
        row: &Self::Row,
        all: &[(i64, Self::Row)],
    ) -> bool;

    /// Which of two rows comes first by one key.
    fn compare(key: &Self::Key, direction: Direction, one: &Self::Row, other: &Self::Row) -> Ordering;
}

/// An empty database, as the readers see it.
fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::store::migrations::apply(&mut connection, &Clock::system()).unwrap();
    connection.pragma_update(None, "case_sensitive_like", true).unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    // Experiment 0, which every registry begins with.
    connection.execute("DELETE FROM experiments", []).unwrap();
    connection
}

/// All pages of a search, each of `size` rows but the last.
fn walk<S: Tables>(
    connection: &Connection,
    scope: &S::Scope,
    filter: &Filter<S>,
    order: &Order<S>,
    size: usize,
) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut token = None;
    loop {
        let page = page(connection, scope, filter, order, size, token.as_deref()).unwrap();
        assert!(page.ids.len() == size || page.next.is_none(), "a page is full unless it is the last one");
        assert!(!page.ids.is_empty() || page.next.is_none(), "no page but the first is empty");
        ids.extend(page.ids);
        let Some(next) = page.next else { return ids };
        token = Some(next);
    }
}

/// Checks the law for one filter and one order.
fn law<S: Naive>(
    connection: &Connection,
    scope: &S::Scope,
    rows: &[(i64, S::Row)],
    filter: &str,
    order: &Order<S>,
    size: usize,
) {
    let filter = Filter::<S>::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let finds = |(_, row): &&(i64, S::Row)| S::finds(scope, filter.clauses(), row, rows);
    let mut expected: Vec<&(i64, S::Row)> = rows.iter().filter(finds).collect();
    expected.sort_by(|(_, one), (_, other)| {
        let compare = |key: &crate::filter::Ordering<S::Key>| S::compare(&key.key, key.direction, one, other);
        order.keys().iter().map(compare).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
    });
    let expected: Vec<i64> = expected.into_iter().map(|(id, _)| *id).collect();
    assert_eq!(walk(connection, scope, &filter, order, size), expected, "{filter:?} {order:?}");
}
