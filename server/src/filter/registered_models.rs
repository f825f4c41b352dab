//! The search of registered models.

use super::comparison::TextTest;
use super::error::FilterError;
use super::prompts;
use super::search::{Ordering, Search};
use super::syntax::{Clause, Name};
use super::typing::{Entity, TEXT, TEXT_OR_LIST};

/// Registered models: by name and tags. By name, lowest first, unless the order says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisteredModels;

/// One condition on a registered model. A missing tag does not match, not even `!=`.
#[derive(Debug, Clone, PartialEq)]
pub enum RegisteredModelClause {
    /// `name`
    Name(TextTest),
    /// A tag.
    Tag {
        /// The tag.
        key: String,
        /// What is asked of it.
        test: TextTest,
    },
    /// It has no tag [`prompts::IS_PROMPT`] with the value `true`: in every filter that does not search
    /// prompts.
    NotPrompt,
}

/// What registered models are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisteredModelKey {
    /// `name`
    Name,
    /// `creation_timestamp`
    Creation,
    /// `last_updated_timestamp`, or `timestamp` for short.
    LastUpdated,
}

impl Search for RegisteredModels {
    const NAME: &'static str = "registered models";
    const REFUSES_REPEATED_KEYS: bool = true;

    type Clause = RegisteredModelClause;
    type Key = RegisteredModelKey;

    fn clause(written: Clause<'_>) -> Result<RegisteredModelClause, FilterError> {
        let name = written.name;
        match (name.entity(), name.key) {
            (Some(Entity::Attribute), "name") => written.text(TEXT_OR_LIST).map(RegisteredModelClause::Name),
            (Some(Entity::Tag), key) => {
                Ok(RegisteredModelClause::Tag { key: key.to_owned(), test: written.text(TEXT)? })
            }
            _ => Err(name.unknown(Self::NAME, "name and tags.… in filters")),
        }
    }

    fn key(name: &Name<'_>) -> Result<RegisteredModelKey, FilterError> {
        match (name.entity(), name.key) {
            (Some(Entity::Attribute), "name") => Ok(RegisteredModelKey::Name),
            (Some(Entity::Attribute), "creation_timestamp") => Ok(RegisteredModelKey::Creation),
            (Some(Entity::Attribute), "last_updated_timestamp" | "timestamp") => {
                Ok(RegisteredModelKey::LastUpdated)
            }
            _ => {
                Err(name.unknown(Self::NAME, "name, creation_timestamp and last_updated_timestamp in orders"))
            }
        }
    }

    fn close(clauses: &mut Vec<RegisteredModelClause>) {
        prompts::close(clauses, RegisteredModelClause::NotPrompt, |clause| match clause {
            RegisteredModelClause::Tag { key, test } => Some((key, test)),
            _ => None,
        });
    }

    fn tie_breakers() -> Vec<Ordering<RegisteredModelKey>> {
        vec![Ordering::ascending(RegisteredModelKey::Name)]
    }

    fn identity() -> Vec<RegisteredModelKey> {
        vec![RegisteredModelKey::Name]
    }
}
