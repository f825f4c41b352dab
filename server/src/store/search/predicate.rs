//! What a filter asks of one value, as SQL.
//!
//! `LIKE` has to mind the case, as it does in other databases; `SQLite` does with `PRAGMA case_sensitive_like`,
//! which is on in every connection that reads.

use super::sql::Sql;
use crate::filter::{IdTest, KeyTest, NumberTest, Relation, TextTest};

/// Whether a text passes.
pub(super) fn text(of: &str, test: &TextTest) -> Sql {
    match test {
        TextTest::Equal(value) => Sql::new(format!("{of} = ")).bind(value.clone()),
        TextTest::NotEqual(value) => Sql::new(format!("{of} <> ")).bind(value.clone()),
        TextTest::Like(pattern) => Sql::new(format!("{of} LIKE ")).bind(pattern.clone()),
        TextTest::ILike(pattern) => {
            Sql::new(format!("LOWER({of}) LIKE LOWER(")).bind(pattern.clone()).text(")")
        }
        TextTest::In(texts) => Sql::new(format!("{of} IN ")).then(Sql::list(texts.clone())),
        TextTest::NotIn(texts) => Sql::new(format!("{of} NOT IN ")).then(Sql::list(texts.clone())),
    }
}

/// Whether a whole number passes.
pub(super) fn integer(of: &str, test: NumberTest<i64>) -> Sql {
    Sql::new(format!("{of} {} ", sign(test.relation))).bind(test.value)
}

/// Whether a number passes.
pub(super) fn real(of: &str, test: NumberTest<f64>) -> Sql {
    Sql::new(format!("{of} {} ", sign(test.relation))).bind(test.value)
}

/// Whether a row of metrics passes: `value`, unless `is_nan`.
pub(super) fn metric(row: &str, test: NumberTest<f64>) -> Sql {
    let value = real(&format!("{row}.value"), test);
    match test.relation {
        Relation::NotEqual => Sql::new(format!("({row}.is_nan = 1 OR ")).then(value).text(")"),
        _ => Sql::new(format!("{row}.is_nan = 0 AND ")).then(value),
    }
}

/// Whether an id passes. One id is compared, not looked up in a list, so that an index keeps its order.
pub(super) fn ids(of: &str, test: &IdTest) -> Sql {
    match test {
        IdTest::In(ids) => among(of, ids),
        IdTest::NotIn(ids) => Sql::new(format!("{of} NOT IN ")).then(Sql::list(ids.iter().copied())),
    }
}

/// Whether an id is one of these; never, when there are none.
pub(super) fn among(of: &str, ids: &[i64]) -> Sql {
    match ids {
        [] => Sql::new("1 = 0"),
        [id] => Sql::new(format!("{of} = ")).bind(*id),
        _ => Sql::new(format!("{of} IN ")).then(Sql::list(ids.iter().copied())),
    }
}

/// A table of keys and values, such as tags.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyed {
    /// The table.
    pub(super) table: &'static str,
    /// Its column that says whose keys they are.
    pub(super) of: &'static str,
    /// The id of a row that is searched.
    pub(super) id: &'static str,
}

impl Keyed {
    /// Whether there is such a key, with a value that passes.
    pub(super) fn text(self, key: &str, test: &TextTest) -> Sql {
        self.exists(key).text(" AND ").then(text("k.value", test)).text(")")
    }

    /// Whether there is such a key, with a value that passes; or whether there is none.
    pub(super) fn test(self, key: &str, test: &KeyTest) -> Sql {
        match test {
            KeyTest::Text(test) => self.text(key, test),
            KeyTest::IsNull => Sql::new("NOT ").then(self.exists(key)).text(")"),
            KeyTest::IsNotNull => self.exists(key).text(")"),
        }
    }

    /// Whether there is such a metric, with a value that passes.
    pub(super) fn metric(self, key: &str, test: NumberTest<f64>) -> Sql {
        self.exists(key).text(" AND ").then(metric("k", test)).text(")")
    }

    /// Whether there is such a key `k`; more can be asked of it before the parenthesis is closed.
    pub(super) fn exists(self, key: &str) -> Sql {
        let Self { table, of, id } = self;
        Sql::new(format!("EXISTS (SELECT 1 FROM {table} AS k WHERE k.{of} = {id} AND k.key = "))
            .bind(key.to_owned())
    }
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "=",
        Relation::NotEqual => "<>",
        Relation::Less => "<",
        Relation::LessOrEqual => "<=",
        Relation::Greater => ">",
        Relation::GreaterOrEqual => ">=",
    }
}
