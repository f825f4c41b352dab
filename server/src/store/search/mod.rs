//! Searches: filters and orders as SQL, and pages of what they find.
//!
//! [`page`] answers the ids of the rows that a [`Filter`](crate::filter::Filter) and a scope let through, in
//! the order asked for; whoever wants the rows reads them by these ids. Each page begins after the last row of
//! the one before, wherever that row stands by then, and not at a count of rows: the last page costs what the
//! first does, and rows that come or go in between shift no others.
//!
//! | module | holds |
//! | --- | --- |
//! | `page` | one page: the query, its rows, and the token of the next |
//! | `runs`, `experiments`, `registered_models`, `model_versions`, `logged_models` | the five searches |
//! | `narrow` | whether few rows can match, and which |
//! | `predicate` | tests of texts, numbers, ids and keys |
//! | `keys` | orders, and the rows after a given one |
//! | `token` | page tokens |
//! | `sql` | SQL with its parameters |

mod experiments;
mod keys;
mod logged_models;
mod model_versions;
mod narrow;
mod page;
mod predicate;
mod registered_models;
mod runs;
mod sql;
#[cfg(test)]
mod tests;
mod token;

pub use logged_models::{DatasetFilter, LoggedModelScope};
pub use page::{Conditions, Narrowings, OrderColumns, Page, SearchError, Tables, page};
pub use runs::RunScope;

/// Whether deleted runs or experiments are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Those that are not deleted: `ACTIVE_ONLY`.
    Active,
    /// Those that are: `DELETED_ONLY`.
    Deleted,
    /// All: `ALL`.
    All,
}

impl View {
    fn condition(self, stage: &str) -> Option<sql::Sql> {
        match self {
            Self::Active => Some(sql::Sql::new(format!("{stage} = 'active'"))),
            Self::Deleted => Some(sql::Sql::new(format!("{stage} = 'deleted'"))),
            Self::All => None,
        }
    }
}
