//! Whether few rows can match, and which: what decides how a search goes through its table.
//!
//! A search reads its table in the order asked for, and stops when the page is full. Where few rows match it
//! would read nearly all of them, so it first asks an index, for each clause that one serves, whether the rows
//! that pass are few. When they are, it reads those, and sorts them. The planner cannot choose so well: it does
//! not see the values, and it cannot know how many rows have them.
//!
//! Of `total` rows, `matching` of which pass and lie anywhere, a page is full after about
//! `total / matching * page` of them. So rows are few when they are fewer than that: when
//! `matching * matching < total * page`. To find out costs no more than to read as many in an index.

use rusqlite::{Connection, params_from_iter};

use super::SearchError;
use super::predicate::{self, Keyed};
use super::sql::Sql;
use crate::filter::{KeyTest, NumberTest, Relation, TextTest};

/// Rows of a table, one at most for each row of the searched one, that an index finds.
#[derive(Debug, Clone)]
pub(super) struct Narrowing {
    /// The table, called `few`.
    table: &'static str,
    /// What `few` is to the searched row.
    link: String,
    /// Which rows of it.
    condition: Sql,
}

impl Narrowing {
    /// Rows of the searched table itself; `condition` is on `few`.
    pub(super) fn itself(table: &'static str, id: &str, condition: Sql) -> Self {
        Self { table, link: format!("{id} = few.id"), condition }
    }

    /// Rows of the searched table itself whose column is one of some texts; `None` when the test names none.
    pub(super) fn texts(table: &'static str, id: &str, column: &str, test: &TextTest) -> Option<Self> {
        is_list(test).then(|| Self::itself(table, id, predicate::text(column, test)))
    }

    fn and(mut self, condition: Sql) -> Self {
        self.condition = self.condition.text(" AND ").then(condition);
        self
    }

    /// `table AS few`, and what follows it before the searched table.
    pub(super) fn from(&self) -> String {
        // `CROSS JOIN` makes SQLite read this one first.
        format!("{} AS few CROSS JOIN ", self.table)
    }

    /// What holds for `few` and the searched row.
    pub(super) fn conditions(&self) -> [Sql; 2] {
        [self.condition.clone(), Sql::new(self.link.clone())]
    }

    /// How many rows these are, or `most`.
    fn count(&self, connection: &Connection, most: i64) -> Result<i64, SearchError> {
        let select = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {} AS few WHERE ", self.table);
        let (text, parameters) = Sql::new(select)
            .then(self.condition.clone())
            .text(" LIMIT ")
            .bind(most)
            .text(") AS counted")
            .into_parts()?;
        Ok(connection.prepare_cached(&text)?.query_row(params_from_iter(parameters), |row| row.get(0))?)
    }
}

impl Keyed {
    /// Rows with a key, and with its value where the test names one.
    pub(super) fn texts(self, key: &str, test: &TextTest) -> Narrowing {
        let narrowing = self.with(key);
        if is_list(test) { narrowing.and(predicate::text("few.value", test)) } else { narrowing }
    }

    /// As [`Keyed::texts`]; `None` when what is missing may match.
    pub(super) fn tests(self, key: &str, test: &KeyTest) -> Option<Narrowing> {
        match test {
            KeyTest::Text(test) => Some(self.texts(key, test)),
            KeyTest::IsNotNull => Some(self.with(key)),
            KeyTest::IsNull => None,
        }
    }

    /// Rows with a metric, and with its value in a range.
    pub(super) fn range(self, key: &str, test: NumberTest<f64>) -> Narrowing {
        let narrowing = self.with(key);
        if test.relation == Relation::NotEqual {
            narrowing
        } else {
            narrowing.and(predicate::metric("few", test))
        }
    }

    fn with(self, key: &str) -> Narrowing {
        let condition = Sql::new("few.key = ").bind(key.to_owned());
        Narrowing { table: self.table, link: format!("{} = few.{}", self.id, self.of), condition }
    }
}

fn is_list(test: &TextTest) -> bool {
    matches!(test, TextTest::Equal(_) | TextTest::In(_))
}

/// The narrowing that leaves the fewest rows of `total` to read for a page, if any leaves few.
pub(super) fn narrowest(
    connection: &Connection,
    narrowings: Vec<Narrowing>,
    total: i64,
    page: i64,
) -> Result<Option<Narrowing>, SearchError> {
    let mut narrowest = None;
    let mut fewest = total.saturating_mul(page).isqrt();
    for narrowing in narrowings {
        let count = narrowing.count(connection, fewest)?;
        if count < fewest {
            (narrowest, fewest) = (Some(narrowing), count);
        }
    }
    Ok(narrowest)
}
