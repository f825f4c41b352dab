//! The search of runs.

use super::comparison::{KeyTest, NumberTest, TextTest};
use super::error::FilterError;
use super::search::{Ordering, Search};
use super::syntax::{Clause, Name};
use super::typing::{Entity, TEXT, TEXT_OR_LIST};

/// Runs: by attributes, metrics, parameters, tags and datasets.
///
/// Unless the order says otherwise, the run that started last comes first, and the lower `run_id` before the
/// higher among those that started at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runs;

/// A run's attribute that is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunText {
    /// `run_id`; the one text that takes lists.
    RunId,
    /// `run_name`: the run's name, of which the tag `mlflow.runName` is a copy.
    RunName,
    /// `user_id`
    UserId,
    /// `status`: `RUNNING`, `SCHEDULED`, `FINISHED`, `FAILED` or `KILLED`, as a text like any other.
    Status,
    /// `artifact_uri`
    ArtifactUri,
}

/// A run's attribute that is a time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunTime {
    /// `start_time`
    Start,
    /// `end_time`; missing while a run goes on.
    End,
}

/// What is known of a dataset that a run took as an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatasetText {
    /// `dataset.name`
    Name,
    /// `dataset.digest`
    Digest,
    /// `dataset.context`: the input's tag `mlflow.data.context`.
    Context,
}

/// One condition on a run. Except for [`KeyTest::IsNull`], what is missing does not match, not even `!=`.
#[derive(Debug, Clone, PartialEq)]
pub enum RunClause {
    /// An attribute that is a text.
    Text(RunText, TextTest),
    /// An attribute that is a time.
    Time(RunTime, NumberTest<f64>),
    /// A metric's latest value.
    Metric {
        /// The metric.
        key: String,
        /// What is asked of it.
        test: NumberTest<f64>,
    },
    /// A parameter.
    Param {
        /// The parameter.
        key: String,
        /// What is asked of it.
        test: KeyTest,
    },
    /// A tag.
    Tag {
        /// The tag.
        key: String,
        /// What is asked of it.
        test: KeyTest,
    },
    /// At least one of the run's datasets passes; each clause may find another one.
    Dataset(DatasetText, TextTest),
}

/// What runs are ordered by. Metrics that are NaN come after all numbers, and what is missing comes last,
/// both whichever the direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunKey {
    /// An attribute that is a text.
    Text(RunText),
    /// An attribute that is a time.
    Time(RunTime),
    /// A metric's latest value.
    Metric(String),
    /// A parameter, as a text.
    Param(String),
    /// A tag, as a text.
    Tag(String),
}

enum Attribute {
    Text(RunText),
    Time(RunTime),
}

const KNOWN: &str = "run_id, run_name, user_id, status, artifact_uri, start_time, end_time, metrics.…, params.…, \
                     tags.…, and in filters dataset.name, dataset.digest and dataset.context";

fn attribute(name: &Name<'_>) -> Result<Attribute, FilterError> {
    match name.key {
        "run_id" => Ok(Attribute::Text(RunText::RunId)),
        "run_name" | "run name" | "Run name" | "Run Name" => Ok(Attribute::Text(RunText::RunName)),
        "user_id" => Ok(Attribute::Text(RunText::UserId)),
        "status" => Ok(Attribute::Text(RunText::Status)),
        "artifact_uri" => Ok(Attribute::Text(RunText::ArtifactUri)),
        "start_time" | "created" | "Created" => Ok(Attribute::Time(RunTime::Start)),
        "end_time" => Ok(Attribute::Time(RunTime::End)),
        _ => Err(name.unknown(Runs::NAME, KNOWN)),
    }
}

impl Search for Runs {
    const NAME: &'static str = "runs";
    const REFUSES_REPEATED_KEYS: bool = true;

    type Clause = RunClause;
    type Key = RunKey;

    fn clause(written: Clause<'_>) -> Result<RunClause, FilterError> {
        let name = written.name;
        let key = name.key.to_owned();
        match name.entity() {
            Some(Entity::Attribute) => match attribute(&name)? {
                Attribute::Text(RunText::RunId) => {
                    Ok(RunClause::Text(RunText::RunId, written.text(TEXT_OR_LIST)?))
                }
                Attribute::Text(text) => Ok(RunClause::Text(text, written.text(TEXT)?)),
                Attribute::Time(time) => Ok(RunClause::Time(time, written.number("a number")?)),
            },
            Some(Entity::Metric) => Ok(RunClause::Metric { key, test: written.number("a number")? }),
            Some(Entity::Param) => Ok(RunClause::Param { key, test: written.key()? }),
            Some(Entity::Tag) => Ok(RunClause::Tag { key, test: written.key()? }),
            Some(Entity::Dataset) => {
                let attribute = match name.key {
                    "name" => DatasetText::Name,
                    "digest" => DatasetText::Digest,
                    "context" => DatasetText::Context,
                    _ => return Err(name.unknown(Self::NAME, KNOWN)),
                };
                Ok(RunClause::Dataset(attribute, written.text(TEXT_OR_LIST)?))
            }
            None => Err(name.unknown(Self::NAME, KNOWN)),
        }
    }

    fn key(name: &Name<'_>) -> Result<RunKey, FilterError> {
        match name.entity() {
            Some(Entity::Attribute) => Ok(match attribute(name)? {
                Attribute::Text(text) => RunKey::Text(text),
                Attribute::Time(time) => RunKey::Time(time),
            }),
            Some(Entity::Metric) => Ok(RunKey::Metric(name.key.to_owned())),
            Some(Entity::Param) => Ok(RunKey::Param(name.key.to_owned())),
            Some(Entity::Tag) => Ok(RunKey::Tag(name.key.to_owned())),
            Some(Entity::Dataset) | None => Err(name.unknown(Self::NAME, KNOWN)),
        }
    }

    fn tie_breakers() -> Vec<Ordering<RunKey>> {
        vec![
            Ordering::descending(RunKey::Time(RunTime::Start)),
            Ordering::ascending(RunKey::Text(RunText::RunId)),
        ]
    }

    fn identity() -> Vec<RunKey> {
        vec![RunKey::Text(RunText::RunId)]
    }
}
