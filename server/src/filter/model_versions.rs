//! The search of model versions.

use super::comparison::{NumberTest, TextTest};
use super::error::FilterError;
use super::prompts;
use super::search::{Ordering, Search};
use super::syntax::{Clause, Name};
use super::typing::{Entity, TEXT, TEXT_OR_LIST};

/// Model versions: by attributes and tags.
///
/// Unless the order says otherwise, the version updated last comes first. Ties go by name, lowest first, then
/// by version number, *highest* first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelVersions;

/// A version's attribute that is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionText {
    /// `name`: the registered model's.
    Name,
    /// `run_id`: of the run that made it; empty when it was registered without one.
    RunId,
    /// `source_path`: its source; takes no lists.
    SourcePath,
}

/// One condition on a version. A missing tag does not match, not even `!=`.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelVersionClause {
    /// An attribute that is a text.
    Text(VersionText, TextTest),
    /// `version_number`
    Number(NumberTest<i64>),
    /// A tag.
    Tag {
        /// The tag.
        key: String,
        /// What is asked of it.
        test: TextTest,
    },
    /// No version of the same model has the tag [`prompts::IS_PROMPT`] with the value `true`: in every filter
    /// that does not search prompts.
    NotPrompt,
}

/// What versions are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelVersionKey {
    /// `name`: the registered model's.
    Name,
    /// `version_number`
    Number,
    /// `creation_timestamp`
    Creation,
    /// `last_updated_timestamp`
    LastUpdated,
}

const FILTERS: &str = "name, run_id, source_path, version_number and tags.… in filters";
const ORDERS: &str = "name, version_number, creation_timestamp and last_updated_timestamp in orders";

impl Search for ModelVersions {
    const NAME: &'static str = "model versions";
    const REFUSES_REPEATED_KEYS: bool = true;

    type Clause = ModelVersionClause;
    type Key = ModelVersionKey;

    fn clause(written: Clause<'_>) -> Result<ModelVersionClause, FilterError> {
        let name = written.name;
        let text = |text, takes| Ok(ModelVersionClause::Text(text, written.text(takes)?));
        match (name.entity(), name.key) {
            (Some(Entity::Attribute), "name") => text(VersionText::Name, TEXT_OR_LIST),
            (Some(Entity::Attribute), "run_id") => text(VersionText::RunId, TEXT_OR_LIST),
            (Some(Entity::Attribute), "source_path") => text(VersionText::SourcePath, TEXT),
            (Some(Entity::Attribute), "version_number") => {
                written.with_text_as_number().number("an integer").map(ModelVersionClause::Number)
            }
            (Some(Entity::Tag), key) => {
                Ok(ModelVersionClause::Tag { key: key.to_owned(), test: written.text(TEXT)? })
            }
            _ => Err(name.unknown(Self::NAME, FILTERS)),
        }
    }

    fn key(name: &Name<'_>) -> Result<ModelVersionKey, FilterError> {
        match (name.entity(), name.key) {
            (Some(Entity::Attribute), "name") => Ok(ModelVersionKey::Name),
            (Some(Entity::Attribute), "version_number") => Ok(ModelVersionKey::Number),
            (Some(Entity::Attribute), "creation_timestamp") => Ok(ModelVersionKey::Creation),
            (Some(Entity::Attribute), "last_updated_timestamp") => Ok(ModelVersionKey::LastUpdated),
            _ => Err(name.unknown(Self::NAME, ORDERS)),
        }
    }

    fn close(clauses: &mut Vec<ModelVersionClause>) {
        prompts::close(clauses, ModelVersionClause::NotPrompt, |clause| match clause {
            ModelVersionClause::Tag { key, test } => Some((key, test)),
            _ => None,
        });
    }

    fn default_order() -> Vec<Ordering<ModelVersionKey>> {
        vec![Ordering::descending(ModelVersionKey::LastUpdated)]
    }

    fn tie_breakers() -> Vec<Ordering<ModelVersionKey>> {
        vec![Ordering::ascending(ModelVersionKey::Name), Ordering::descending(ModelVersionKey::Number)]
    }

    fn identity() -> Vec<ModelVersionKey> {
        vec![ModelVersionKey::Name, ModelVersionKey::Number]
    }
}
