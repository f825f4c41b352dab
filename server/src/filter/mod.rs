//! The one grammar of every `filter` and `order_by` in `MLflow`'s API, parsed to types that hold no nonsense.
//!
//! [`Filter::parse`] and [`Order::parse`] read what a request brought for one of five searches: [`Runs`],
//! [`Experiments`], [`RegisteredModels`], [`ModelVersions`] and [`LoggedModels`]. What they answer holds only
//! keys that the search has, with comparators and values that the keys take, so that whoever turns it into
//! SQL has nothing left to check. What they refuse, they refuse with a line that says where.
//!
//! | module | holds |
//! | --- | --- |
//! | `syntax` | the grammar: clauses and orders as they were written |
//! | `lexeme` | what clauses are made of: words, numbers, strings, lists |
//! | `quote` | what a quoted string means |
//! | `typing` | from a written clause to a test: which comparators and values a key takes |
//! | `comparison` | the tests: of texts, numbers, ids, and of what may be missing |
//! | `search` | filters and orders, and what a search has to say of itself |
//! | `runs`, `experiments`, `registered_models`, `model_versions`, `logged_models` | the five searches |
//! | [`prompts`] | why a filter on one tag is none |
//! | `error` | what is wrong, and where |
//!
//! # Where it takes more than `MLflow` 3.17.2
//! Keywords in any case and entities by any of their names (`attr.`, `params.`, ...) in every search, and
//! `creation_timestamp` in orders of registered models.
//!
//! # Where it takes less
//! `AND` must stand between two clauses, and nowhere else. A key is not empty. Two strings of a list have a
//! comma between them. A word without quotes is no value (`MLflow` takes one in searches of logged models),
//! and neither is a list after `=`.

mod comparison;
mod error;
mod experiments;
mod lexeme;
mod logged_models;
mod model_versions;
pub mod prompts;
mod quote;
mod registered_models;
mod runs;
mod search;
mod syntax;
#[cfg(test)]
mod tests;
mod typing;

pub use comparison::{IdTest, KeyTest, NumberTest, Relation, TextTest};
pub use error::FilterError;
pub use experiments::{ExperimentClause, ExperimentKey, ExperimentTime, Experiments};
pub use logged_models::{
    LoggedModelClause, LoggedModelKey, LoggedModelText, LoggedModelTime, LoggedModels, OrderField,
};
pub use model_versions::{ModelVersionClause, ModelVersionKey, ModelVersions, VersionText};
pub use registered_models::{RegisteredModelClause, RegisteredModelKey, RegisteredModels};
pub use runs::{DatasetText, RunClause, RunKey, RunText, RunTime, Runs};
pub use search::{Direction, Filter, Order, Ordering, Search};

/// The longest filter, and the longest key of an order, in bytes: room for the longest list of runs' ids.
pub const MAX_BYTES: usize = 512 * 1024;
/// The longest pattern of `LIKE` and `ILIKE`, in bytes. `SQLite` takes up to 50,000.
pub const MAX_PATTERN: usize = 48 * 1024;
/// The most clauses of a filter.
pub const MAX_CLAUSES: usize = 64;
/// The most strings of a list.
pub const MAX_ITEMS: usize = 10_000;
/// The most keys of an order, without those that complete it.
pub const MAX_KEYS: usize = 16;
