//! Filters and orders back to text, to see that reading them loses nothing.

use std::fmt::Display;

use crate::filter::quote::verbatim_end;
use crate::filter::{
    DatasetText, Direction, ExperimentClause, ExperimentKey, ExperimentTime, IdTest, KeyTest,
    LoggedModelClause, LoggedModelText, LoggedModelTime, ModelVersionClause, ModelVersionKey, NumberTest,
    Ordering, RegisteredModelClause, RegisteredModelKey, Relation, RunClause, RunKey, RunText, RunTime,
    TextTest, VersionText,
};

/// Something that has a text which reads as itself; `None` for what a filter means without saying it.
pub(super) trait Print {
    fn print(&self) -> Option<String>;
}

/// The text of a filter.
pub(super) fn filter<C: Print>(clauses: &[C]) -> String {
    clauses.iter().filter_map(Print::print).collect::<Vec<_>>().join(" AND ")
}

/// The text in quotes that mean it verbatim, wherever it stands; `None` when there are none.
pub(super) fn quoted(text: &str, quotes: &[char]) -> Option<String> {
    let fits = |quote: char| {
        verbatim_end(&format!("{text}{quote} {quote}{quote}{quote}"), quote) == Some(text.len())
    };
    quotes.iter().find(|&&quote| fits(quote)).map(|quote| format!("{quote}{text}{quote}"))
}

fn single(text: &str) -> String {
    quoted(text, &['\'', '"']).unwrap()
}

fn list<T: Display>(items: &[T]) -> String {
    let items =
        items.iter().map(|item| format!("'{}'", item.to_string().replace('\\', "\\\\").replace('\'', "\\'")));
    format!("({})", items.collect::<Vec<_>>().join(", "))
}

fn key(entity: &str, key: &str) -> String {
    format!("{entity}.{}", quoted(key, &['`', '"', '\'']).unwrap())
}

fn text(name: &str, test: &TextTest) -> String {
    match test {
        TextTest::Equal(value) => format!("{name} = {}", single(value)),
        TextTest::NotEqual(value) => format!("{name} != {}", single(value)),
        TextTest::Like(value) => format!("{name} LIKE {}", single(value)),
        TextTest::ILike(value) => format!("{name} ILIKE {}", single(value)),
        TextTest::In(texts) => format!("{name} IN {}", list(texts)),
        TextTest::NotIn(texts) => format!("{name} NOT IN {}", list(texts)),
    }
}

fn keyed(name: &str, test: &KeyTest) -> String {
    match test {
        KeyTest::Text(test) => text(name, test),
        KeyTest::IsNull => format!("{name} IS NULL"),
        KeyTest::IsNotNull => format!("{name} IS NOT NULL"),
    }
}

fn ids(name: &str, test: &IdTest) -> String {
    match test {
        IdTest::In(ids) => format!("{name} IN {}", list(ids)),
        IdTest::NotIn(ids) => format!("{name} NOT IN {}", list(ids)),
    }
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "=",
        Relation::NotEqual => "!=",
        Relation::Less => "<",
        Relation::LessOrEqual => "<=",
        Relation::Greater => ">",
        Relation::GreaterOrEqual => ">=",
    }
}

fn float(name: &str, test: NumberTest<f64>) -> String {
    let value = format!("{:?}", test.value).replace("inf", "1e999");
    format!("{name} {} {value}", relation(test.relation))
}

fn integer(name: &str, test: NumberTest<i64>) -> String {
    format!("{name} {} {}", relation(test.relation), test.value)
}

impl Print for RunText {
    fn print(&self) -> Option<String> {
        Some(
            match self {
                Self::RunId => "run_id",
                Self::RunName => "attr.`Run name`",
                Self::UserId => "run.user_id",
                Self::Status => "attributes.status",
                Self::ArtifactUri => "`artifact_uri`",
            }
            .to_owned(),
        )
    }
}

impl Print for RunTime {
    fn print(&self) -> Option<String> {
        Some(if *self == Self::Start { "start_time" } else { "attribute.\"end_time\"" }.to_owned())
    }
}

impl Print for RunClause {
    fn print(&self) -> Option<String> {
        Some(match self {
            Self::Text(attribute, test) => text(&attribute.print()?, test),
            Self::Time(attribute, test) => float(&attribute.print()?, *test),
            Self::Metric { key: name, test } => float(&key("metrics", name), *test),
            Self::Param { key: name, test } => keyed(&key("param", name), test),
            Self::Tag { key: name, test } => keyed(&key("tags", name), test),
            Self::Dataset(DatasetText::Name, test) => text("dataset.name", test),
            Self::Dataset(DatasetText::Digest, test) => text("datasets.digest", test),
            Self::Dataset(DatasetText::Context, test) => text("dataset.`context`", test),
        })
    }
}

impl Print for ExperimentTime {
    fn print(&self) -> Option<String> {
        Some(if *self == Self::Creation { "creation_time" } else { "last_update_time" }.to_owned())
    }
}

impl Print for ExperimentClause {
    fn print(&self) -> Option<String> {
        Some(match self {
            Self::Id(test) => ids("experiment_id", test),
            Self::Name(test) => text("name", test),
            Self::Time(attribute, test) => integer(&attribute.print()?, *test),
            Self::Tag { key: name, test } => keyed(&key("tag", name), test),
        })
    }
}

impl Print for RegisteredModelClause {
    fn print(&self) -> Option<String> {
        match self {
            Self::Name(test) => Some(text("name", test)),
            Self::Tag { key: name, test } => Some(text(&key("tag", name), test)),
            Self::NotPrompt => None,
        }
    }
}

impl Print for ModelVersionClause {
    fn print(&self) -> Option<String> {
        match self {
            Self::Text(VersionText::Name, test) => Some(text("name", test)),
            Self::Text(VersionText::RunId, test) => Some(text("run_id", test)),
            Self::Text(VersionText::SourcePath, test) => Some(text("source_path", test)),
            Self::Number(test) => Some(integer("version_number", *test)),
            Self::Tag { key: name, test } => Some(text(&key("tags", name), test)),
            Self::NotPrompt => None,
        }
    }
}

impl Print for LoggedModelClause {
    fn print(&self) -> Option<String> {
        Some(match self {
            Self::Text(LoggedModelText::ModelId, test) => text("model_id", test),
            Self::Text(LoggedModelText::Name, test) => text("name", test),
            Self::Text(LoggedModelText::ArtifactLocation, test) => text("artifact_location", test),
            Self::Text(LoggedModelText::Status, test) => text("status", test),
            Self::Text(LoggedModelText::LifecycleStage, test) => text("lifecycle_stage", test),
            Self::Text(LoggedModelText::ModelType, test) => text("model_type", test),
            Self::Text(LoggedModelText::SourceRunId, test) => text("source_run_id", test),
            Self::Text(LoggedModelText::StatusMessage, test) => text("status_message", test),
            Self::ExperimentId(test) => ids("experiment_id", test),
            Self::Time(LoggedModelTime::Creation, test) => float("creation_timestamp", *test),
            Self::Time(LoggedModelTime::LastUpdated, test) => float("last_updated_timestamp_ms", *test),
            Self::Metric { key: name, test } => float(&key("metrics", name), *test),
            Self::Param { key: name, test } => text(&key("params", name), test),
            Self::Tag { key: name, test } => text(&key("tags", name), test),
        })
    }
}

impl Print for RunKey {
    fn print(&self) -> Option<String> {
        match self {
            Self::Text(attribute) => attribute.print(),
            Self::Time(attribute) => attribute.print(),
            Self::Metric(name) => Some(key("metric", name)),
            Self::Param(name) => Some(key("params", name)),
            Self::Tag(name) => Some(key("tags", name)),
        }
    }
}

impl Print for ExperimentKey {
    fn print(&self) -> Option<String> {
        match self {
            Self::Id => Some("experiment_id".to_owned()),
            Self::Name => Some("name".to_owned()),
            Self::Time(attribute) => attribute.print(),
        }
    }
}

impl Print for RegisteredModelKey {
    fn print(&self) -> Option<String> {
        Some(
            match self {
                Self::Name => "name",
                Self::Creation => "creation_timestamp",
                Self::LastUpdated => "timestamp",
            }
            .to_owned(),
        )
    }
}

impl Print for ModelVersionKey {
    fn print(&self) -> Option<String> {
        Some(
            match self {
                Self::Name => "name",
                Self::Number => "version_number",
                Self::Creation => "creation_timestamp",
                Self::LastUpdated => "last_updated_timestamp",
            }
            .to_owned(),
        )
    }
}

/// The texts of an order.
pub(super) fn order<K: Print>(keys: &[Ordering<K>]) -> Vec<String> {
    keys.iter()
        .map(|ordering| {
            let key = ordering.key.print().unwrap();
            if ordering.direction == Direction::Ascending { key } else { format!("{key} DESC") }
        })
        .collect()
}
