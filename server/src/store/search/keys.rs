//! What rows are ordered by, as SQL: columns that are never NULL, and the rows after a given one.
//!
//! A key that may be missing becomes two columns: first whether it is missing, always ascending, so that what
//! is missing comes last whichever the direction; then its value, or a constant.

use rusqlite::Row;

use super::sql::Sql;
use super::token::Position;
use crate::filter::Direction;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    Text,
}

#[derive(Debug)]
struct Column {
    expression: String,
    kind: Kind,
    direction: Direction,
}

/// The columns of an order, and the joins that they need.
#[derive(Debug, Default)]
pub(super) struct Keys {
    joins: Sql,
    columns: Vec<Column>,
}

impl Keys {
    /// A key that no row lacks.
    pub(super) fn required(&mut self, expression: &str, kind: Kind, direction: Direction) {
        self.columns.push(Column { expression: expression.to_owned(), kind, direction });
    }

    /// A key that is NULL where it is missing.
    pub(super) fn optional(&mut self, expression: &str, kind: Kind, direction: Direction) {
        let missing = format!("CASE WHEN {expression} IS NULL THEN 1 ELSE 0 END");
        self.required(&missing, Kind::Integer, Direction::Ascending);
        let constant = match kind {
            Kind::Integer => "0",
            Kind::Real => "0.0",
            Kind::Text => "''",
        };
        self.required(&format!("COALESCE({expression}, {constant})"), kind, direction);
    }

    /// A value of a table of keys and values; `on` joins its one row, if any, as the alias that it is given.
    pub(super) fn joined(&mut self, table: &str, direction: Direction, on: impl FnOnce(&str) -> Sql) {
        let alias = self.join(table, on);
        self.optional(&format!("{alias}.value"), Kind::Text, direction);
    }

    /// A metric, joined like [`Keys::joined`]: NaN comes after all numbers, and before what is missing.
    pub(super) fn metric(&mut self, table: &str, direction: Direction, on: impl FnOnce(&str) -> Sql) {
        let alias = self.join(table, on);
        let rank = format!("COALESCE({alias}.is_nan, 2)");
        self.required(&rank, Kind::Integer, Direction::Ascending);
        self.required(&format!("COALESCE({alias}.value, 0.0)"), Kind::Real, direction);
    }

    fn join(&mut self, table: &str, on: impl FnOnce(&str) -> Sql) -> String {
        let alias = format!("o{}", self.columns.len());
        let join = Sql::new(format!(" LEFT JOIN {table} AS {alias} ON ")).then(on(&alias));
        self.joins = std::mem::take(&mut self.joins).then(join);
        alias
    }

    /// What follows the searched table in `FROM`.
    pub(super) fn joins(&self) -> Sql {
        self.joins.clone()
    }

    /// The columns' types.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.columns.iter().map(|column| column.kind).collect()
    }

    /// The columns of `SELECT`, each with a comma before it.
    pub(super) fn selected(&self) -> String {
        self.columns.iter().flat_map(|column| [", ", &column.expression]).collect()
    }

    /// What follows `ORDER BY`.
    pub(super) fn order(&self) -> String {
        let terms = self.columns.iter().map(|column| match column.direction {
            Direction::Ascending => column.expression.clone(),
            Direction::Descending => format!("{} DESC", column.expression),
        });
        terms.collect::<Vec<_>>().join(", ")
    }

    /// The rows after one: `a <= ? AND (a < ? OR a = ? AND (b <= ? AND (…)))`, of which an index serves the
    /// first part, so that the last page costs what the first does.
    pub(super) fn after(&self, position: &Position) -> Sql {
        let columns = self.columns.iter().zip(position.values()).rev();
        let after = columns.fold(None, |inner, (column, value)| {
            let Column { expression, direction, .. } = column;
            let sign = if *direction == Direction::Ascending { '>' } else { '<' };
            let beyond = Sql::new(format!("{expression} {sign} ")).bind(value.clone());
            Some(match inner {
                None => beyond,
                Some(inner) => Sql::new(format!("{expression} {sign}= "))
                    .bind(value.clone())
                    .text(" AND (")
                    .then(beyond)
                    .text(&format!(" OR {expression} = "))
                    .bind(value)
                    .text(" AND (")
                    .then(inner)
                    .text("))"),
            })
        });
        after.unwrap_or_else(|| Sql::new("1 = 1"))
    }

    /// All rows, said of the first column as [`Keys::after`] says it, so that a first page goes the way of the
    /// others: by the index of that column, not by sorting all rows.
    pub(super) fn all(&self) -> Option<Sql> {
        let Column { expression, direction, .. } =
            self.columns.first().filter(|c| c.kind == Kind::Integer)?;
        let (sign, end) = match direction {
            Direction::Ascending => (">=", i64::MIN),
            Direction::Descending => ("<=", i64::MAX),
        };
        Some(Sql::new(format!("{expression} {sign} ")).bind(end))
    }

    /// Where a row stands; its columns begin at the second one.
    pub(super) fn position(&self, row: &Row<'_>) -> rusqlite::Result<Position> {
        Position::read(row, &self.kinds())
    }
}
