//! The search of experiments.

use super::comparison::{IdTest, KeyTest, NumberTest, TextTest};
use super::error::FilterError;
use super::search::{Ordering, Search};
use super::syntax::{Clause, Name};
use super::typing::{Entity, TEXT};

/// Experiments: by attributes and tags.
///
/// Unless the order says otherwise, the experiment created last comes first, and the lower id before the
/// higher among those created at once. After keys that were asked for, the *higher* id comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Experiments;

/// An experiment's attribute that is a time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExperimentTime {
    /// `creation_time`
    Creation,
    /// `last_update_time`
    LastUpdate,
}

/// One condition on an experiment. Except for [`KeyTest::IsNull`], what is missing does not match, not even
/// `!=`.
#[derive(Debug, Clone, PartialEq)]
pub enum ExperimentClause {
    /// `experiment_id`
    Id(IdTest),
    /// `name`
    Name(TextTest),
    /// An attribute that is a time; integers only.
    Time(ExperimentTime, NumberTest<i64>),
    /// A tag.
    Tag {
        /// The tag.
        key: String,
        /// What is asked of it.
        test: KeyTest,
    },
}

/// What experiments are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExperimentKey {
    /// `experiment_id`, as a number.
    Id,
    /// `name`
    Name,
    /// An attribute that is a time.
    Time(ExperimentTime),
}

const KNOWN: &str = "experiment_id, name, creation_time, last_update_time, and in filters tags.…";

impl Search for Experiments {
    const NAME: &'static str = "experiments";
    const REFUSES_REPEATED_KEYS: bool = false;

    type Clause = ExperimentClause;
    type Key = ExperimentKey;

    fn clause(written: Clause<'_>) -> Result<ExperimentClause, FilterError> {
        if written.name.entity() == Some(Entity::Tag) {
            return Ok(ExperimentClause::Tag { key: written.name.key.to_owned(), test: written.key()? });
        }
        match Self::key(&written.name)? {
            ExperimentKey::Id => written.ids().map(ExperimentClause::Id),
            ExperimentKey::Name => written.text(TEXT).map(ExperimentClause::Name),
            ExperimentKey::Time(time) => Ok(ExperimentClause::Time(time, written.number("an integer")?)),
        }
    }

    fn key(name: &Name<'_>) -> Result<ExperimentKey, FilterError> {
        match (name.entity(), name.key) {
            (Some(Entity::Attribute), "experiment_id") => Ok(ExperimentKey::Id),
            (Some(Entity::Attribute), "name") => Ok(ExperimentKey::Name),
            (Some(Entity::Attribute), "creation_time") => Ok(ExperimentKey::Time(ExperimentTime::Creation)),
            (Some(Entity::Attribute), "last_update_time") => {
                Ok(ExperimentKey::Time(ExperimentTime::LastUpdate))
            }
            _ => Err(name.unknown(Self::NAME, KNOWN)),
        }
    }

    fn default_order() -> Vec<Ordering<ExperimentKey>> {
        vec![
            Ordering::descending(ExperimentKey::Time(ExperimentTime::Creation)),
            Ordering::ascending(ExperimentKey::Id),
        ]
    }

    fn tie_breakers() -> Vec<Ordering<ExperimentKey>> {
        vec![Ordering::descending(ExperimentKey::Id)]
    }

    fn identity() -> Vec<ExperimentKey> {
        vec![ExperimentKey::Id]
    }
}
