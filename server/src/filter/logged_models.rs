//! The search of logged models.

use super::comparison::{IdTest, NumberTest, TextTest};
use super::error::{FilterError, Source};
use super::search::{Direction, ORDER_BY, Order, Ordering, Search};
use super::syntax::{Clause, Name};
use super::typing::{Entity, TEXT_OR_LIST};

/// Logged models: by attributes, metrics, parameters and tags.
///
/// Unless the order says otherwise, the model created last comes first, and the lower `model_id` before the
/// higher among those created at once. A number may stand for a text (`params.lr = 0.01`): it means its digits.
///
/// The datasets that a request names beside its filter narrow the metrics that count; without a metric in
/// the filter they ask for models that have any metric on one of them. They are the SQL side's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedModels;

/// A logged model's attribute that is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedModelText {
    /// `model_id`
    ModelId,
    /// `name`
    Name,
    /// `artifact_location`
    ArtifactLocation,
    /// `status`: `PENDING`, `READY` or `FAILED`, as a text like any other. `MLflow` itself stores a number
    /// and finds nothing by these names.
    Status,
    /// `lifecycle_stage`: `active`; deleted models are never found.
    LifecycleStage,
    /// `model_type`; may be missing.
    ModelType,
    /// `source_run_id`; may be missing.
    SourceRunId,
    /// `status_message`; may be missing.
    StatusMessage,
}

/// A logged model's attribute that is a time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedModelTime {
    /// `creation_timestamp`, `creation_timestamp_ms` or `creation_time`
    Creation,
    /// `last_updated_timestamp` or `last_updated_timestamp_ms`
    LastUpdated,
}

/// One condition on a logged model. What is missing does not match, not even `!=`.
#[derive(Debug, Clone, PartialEq)]
pub enum LoggedModelClause {
    /// An attribute that is a text.
    Text(LoggedModelText, TextTest),
    /// `experiment_id`
    ExperimentId(IdTest),
    /// An attribute that is a time.
    Time(LoggedModelTime, NumberTest<f64>),
    /// Any value that was logged of a metric, not its latest only.
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
        test: TextTest,
    },
    /// A tag.
    Tag {
        /// The tag.
        key: String,
        /// What is asked of it.
        test: TextTest,
    },
}

/// What logged models are ordered by; what is missing comes last, whichever the direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoggedModelKey {
    /// An attribute that is a text.
    Text(LoggedModelText),
    /// `experiment_id`, as a number.
    ExperimentId,
    /// An attribute that is a time.
    Time(LoggedModelTime),
    /// A metric's latest value: that of the latest timestamp, then the highest step, then the lowest run id,
    /// among those on the dataset when one is named.
    Metric {
        /// The metric.
        key: String,
        /// The dataset's name.
        dataset_name: Option<String>,
        /// The dataset's digest.
        dataset_digest: Option<String>,
    },
}

/// One entry of `order_by` in a search of logged models, which are objects there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderField<'a> {
    /// An attribute, or a metric with `metrics.` before it, without quotes.
    pub field_name: &'a str,
    /// Lowest first.
    pub ascending: bool,
    /// Only values of this dataset count; of no effect on attributes, as in `MLflow`. Empty is none.
    pub dataset_name: &'a str,
    /// As `dataset_name`, of its digest.
    pub dataset_digest: &'a str,
}

const KNOWN: &str = "model_id, name, experiment_id, artifact_location, status, lifecycle_stage, model_type, \
                     source_run_id, status_message, creation_timestamp, last_updated_timestamp, metrics.…, \
                     and in filters params.… and tags.…";

impl Order<LoggedModels> {
    /// Reads the order of a request, and completes it as `MLflow` does.
    pub fn from_fields(order_by: &[OrderField<'_>]) -> Result<Self, FilterError> {
        let mut keys = Vec::with_capacity(order_by.len());
        for (index, field) in order_by.iter().enumerate() {
            let text = field.field_name;
            let source = Source::entry(ORDER_BY, index, text);
            let (entity, key) = text.split_once('.').map_or((None, text), |(e, key)| (Some(e), key));
            let mut key = LoggedModels::key(&Name { source, at: 0, entity, key, end: text.len() })?;
            if let LoggedModelKey::Metric { dataset_name, dataset_digest, .. } = &mut key {
                *dataset_name = Some(field.dataset_name.to_owned()).filter(|name| !name.is_empty());
                *dataset_digest = Some(field.dataset_digest.to_owned()).filter(|digest| !digest.is_empty());
            }
            let direction = if field.ascending { Direction::Ascending } else { Direction::Descending };
            keys.push((source, Ordering { key, direction }));
        }
        Self::complete(keys)
    }
}

impl Search for LoggedModels {
    const NAME: &'static str = "logged models";
    const REFUSES_REPEATED_KEYS: bool = false;

    type Clause = LoggedModelClause;
    type Key = LoggedModelKey;

    fn clause(written: Clause<'_>) -> Result<LoggedModelClause, FilterError> {
        let name = written.name;
        let key = name.key.to_owned();
        match name.entity() {
            Some(Entity::Param) => {
                let test = written.with_number_as_text().text(TEXT_OR_LIST)?;
                return Ok(LoggedModelClause::Param { key, test });
            }
            Some(Entity::Tag) => {
                let test = written.with_number_as_text().text(TEXT_OR_LIST)?;
                return Ok(LoggedModelClause::Tag { key, test });
            }
            _ => {}
        }
        match Self::key(&name)? {
            LoggedModelKey::Metric { key, .. } => {
                Ok(LoggedModelClause::Metric { key, test: written.number("a number")? })
            }
            LoggedModelKey::Time(time) => Ok(LoggedModelClause::Time(time, written.number("a number")?)),
            LoggedModelKey::ExperimentId => {
                written.with_number_as_text().ids().map(LoggedModelClause::ExperimentId)
            }
            LoggedModelKey::Text(text) => {
                Ok(LoggedModelClause::Text(text, written.with_number_as_text().text(TEXT_OR_LIST)?))
            }
        }
    }

    fn key(name: &Name<'_>) -> Result<LoggedModelKey, FilterError> {
        use LoggedModelText as Text;
        let text = match (name.entity(), name.key) {
            (Some(Entity::Metric), key) if !key.is_empty() => {
                let key = key.to_owned();
                return Ok(LoggedModelKey::Metric { key, dataset_name: None, dataset_digest: None });
            }
            (Some(Entity::Attribute), "experiment_id") => return Ok(LoggedModelKey::ExperimentId),
            (Some(Entity::Attribute), "creation_timestamp" | "creation_timestamp_ms" | "creation_time") => {
                return Ok(LoggedModelKey::Time(LoggedModelTime::Creation));
            }
            (Some(Entity::Attribute), "last_updated_timestamp" | "last_updated_timestamp_ms") => {
                return Ok(LoggedModelKey::Time(LoggedModelTime::LastUpdated));
            }
            (Some(Entity::Attribute), "model_id") => Text::ModelId,
            (Some(Entity::Attribute), "name") => Text::Name,
            (Some(Entity::Attribute), "artifact_location") => Text::ArtifactLocation,
            (Some(Entity::Attribute), "status") => Text::Status,
            (Some(Entity::Attribute), "lifecycle_stage") => Text::LifecycleStage,
            (Some(Entity::Attribute), "model_type") => Text::ModelType,
            (Some(Entity::Attribute), "source_run_id") => Text::SourceRunId,
            (Some(Entity::Attribute), "status_message") => Text::StatusMessage,
            _ => return Err(name.unknown(Self::NAME, KNOWN)),
        };
        Ok(LoggedModelKey::Text(text))
    }

    fn tie_breakers() -> Vec<Ordering<LoggedModelKey>> {
        vec![
            Ordering::descending(LoggedModelKey::Time(LoggedModelTime::Creation)),
            Ordering::ascending(LoggedModelKey::Text(LoggedModelText::ModelId)),
        ]
    }

    fn identity() -> Vec<LoggedModelKey> {
        vec![LoggedModelKey::Text(LoggedModelText::ModelId)]
    }
}
