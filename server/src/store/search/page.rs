//! One page of a search: the query, its rows, and the token of the next page.

use std::fmt::Debug;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::keys::Keys;
use super::narrow::{Narrowing, narrowest};
use super::sql::Sql;
use super::token::Position;
use crate::filter::{Direction, Filter, Order, Search};

/// A search that the tables can answer.
pub trait Tables: Search {
    /// What narrows a search beside its filter, such as experiments.
    type Scope: Debug;
    /// The searched table, with the alias that the expressions use.
    const FROM: &'static str;
    /// The id that the other tables call a row by.
    const ID: &'static str;

    /// What holds for every row that is found.
    fn conditions(scope: &Self::Scope, clauses: &[Self::Clause]) -> Conditions;

    /// Rows that an index finds and that all found ones are among; none in most searches.
    fn narrowings(_scope: &Self::Scope, _clauses: &[Self::Clause]) -> Narrowings {
        Narrowings::default()
    }

    /// Adds a key's columns.
    fn columns(keys: &mut OrderColumns, key: &Self::Key, direction: Direction);
}

/// What holds for every row that is found: all of it.
#[derive(Debug, Default)]
pub struct Conditions(pub(super) Vec<Sql>);

/// What may leave few rows to read.
#[derive(Debug, Default)]
pub struct Narrowings(pub(super) Vec<Narrowing>);

/// The columns of an order.
#[derive(Debug, Default)]
pub struct OrderColumns(pub(super) Keys);

/// A search that was not done.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The request's fault; a line that names the parameter.
    #[error("{0}")]
    Invalid(String),
    /// The database's.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<rusqlite::Error> for SearchError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(anyhow::Error::from(error).context("a search failed"))
    }
}

/// One page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows' ids, by which other tables call them, in order.
    pub ids: Vec<i64>,
    /// The token of the page after it; `None` on the last one.
    pub next: Option<String>,
}

/// Finds one page of rows: the first, or the one after the page that `token` came with. An empty token is
/// none, as in `MLflow`.
///
/// Rows that change between two pages are found where they stand then; rows that do not change are found once.
pub fn page<S: Tables>(
    connection: &Connection,
    scope: &S::Scope,
    filter: &Filter<S>,
    order: &Order<S>,
    max_results: usize,
    token: Option<&str>,
) -> Result<Page, SearchError> {
    // Everything that tells two searches apart is in their `Debug` form, and nothing else is.
    let search = format!("{:?}", (S::NAME, scope, filter, order));
    let keys = keys(order);
    let after = token.filter(|token| !token.is_empty());
    let after = after.map(|token| Position::of_token(token, &search, &keys.kinds())).transpose()?;
    let (text, parameters) = statement::<S>(connection, scope, filter, &keys, after.as_ref(), max_results)?;
    let mut statement = connection.prepare_cached(&text)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut ids = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        if ids.len() == max_results {
            let next = last.map(|last: Position| last.token(&search)).transpose();
            return Ok(Page { ids, next: next.map_err(anyhow::Error::from)? });
        }
        ids.push(row.get(0)?);
        if ids.len() == max_results {
            last = Some(keys.position(row)?);
        }
    }
    Ok(Page { ids, next: None })
}

/// An order's columns.
pub(super) fn keys<S: Tables>(order: &Order<S>) -> Keys {
    let mut keys = OrderColumns::default();
    for ordering in order.keys() {
        S::columns(&mut keys, &ordering.key, ordering.direction);
    }
    keys.0
}

/// The statement of a page and one row more, which tells whether another page follows.
pub(super) fn statement<S: Tables>(
    connection: &Connection,
    scope: &S::Scope,
    filter: &Filter<S>,
    keys: &Keys,
    after: Option<&Position>,
    max_results: usize,
) -> Result<(String, Vec<Value>), SearchError> {
    let page = i64::try_from(max_results).unwrap_or(i64::MAX).saturating_add(1);
    let narrowings = S::narrowings(scope, filter.clauses()).0;
    let narrowing = if narrowings.is_empty() {
        None
    } else {
        narrowest(connection, narrowings, total::<S>(connection)?, page)?
    };
    let conditions = S::conditions(scope, filter.clauses()).0;
    query::<S>(narrowing.as_ref(), conditions, keys, after, page).into_parts()
}

/// About how many rows the searched table has: ids count up. An index answers at once.
fn total<S: Tables>(connection: &Connection) -> rusqlite::Result<i64> {
    let text = format!("SELECT COALESCE(MAX({}), 0) FROM {}", S::ID, S::FROM);
    connection.prepare_cached(&text)?.query_row([], |row| row.get(0))
}

fn query<S: Tables>(
    narrowing: Option<&Narrowing>,
    mut conditions: Vec<Sql>,
    keys: &Keys,
    after: Option<&Position>,
    limit: i64,
) -> Sql {
    let few = narrowing.map(Narrowing::from).unwrap_or_default();
    conditions.extend(narrowing.into_iter().flat_map(Narrowing::conditions));
    conditions.extend(after.map_or_else(|| keys.all(), |position| Some(keys.after(position))));
    let mut query =
        Sql::new(format!("SELECT {}{} FROM {few}{}", S::ID, keys.selected(), S::FROM)).then(keys.joins());
    if !conditions.is_empty() {
        query = query.text(" WHERE ").then(Sql::join(conditions, " AND "));
    }
    query.text(&format!(" ORDER BY {} LIMIT ", keys.order())).bind(limit)
}
