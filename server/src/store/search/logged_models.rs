//! The search of logged models, over `logged_models`, and their parameters, tags and metrics.

use super::keys::Kind;
use super::narrow::Narrowing;
use super::page::{Conditions, Narrowings, OrderColumns, Tables};
use super::predicate::{self, Keyed};
use super::sql::Sql;
use crate::filter::{
    Direction, LoggedModelClause, LoggedModelKey, LoggedModelText, LoggedModelTime, LoggedModels, TextTest,
};

/// Which logged models are searched. Deleted ones never are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedModelScope {
    /// The experiments whose models are searched; none finds none.
    pub experiment_ids: Vec<i64>,
    /// When there are any, only metrics on one of them count in the filter; without a metric in the filter, a
    /// model is found that has any metric on one of them.
    pub datasets: Vec<DatasetFilter>,
}

/// A dataset that metrics are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetFilter {
    /// Its name.
    pub name: String,
    /// Its digest, when only one of that name counts.
    pub digest: Option<String>,
}

const METRICS: Keyed = Keyed { table: "logged_model_metrics", of: "model", id: "l.id" };
const PARAMS: Keyed = Keyed { table: "logged_model_params", of: "model", id: "l.id" };
const TAGS: Keyed = Keyed { table: "logged_model_tags", of: "model", id: "l.id" };

impl Tables for LoggedModels {
    type Scope = LoggedModelScope;
    const FROM: &'static str = "logged_models AS l";
    const ID: &'static str = "l.id";

    fn conditions(scope: &LoggedModelScope, clauses: &[LoggedModelClause]) -> Conditions {
        let mut conditions = vec![
            predicate::among("l.experiment_id", &scope.experiment_ids),
            Sql::new("l.lifecycle_stage = 'active'"),
        ];
        let has_metric = clauses.iter().any(|clause| matches!(clause, LoggedModelClause::Metric { .. }));
        if let Some(datasets) = on_datasets(&scope.datasets).filter(|_| !has_metric) {
            let metrics =
                Sql::new("EXISTS (SELECT 1 FROM logged_model_metrics AS k WHERE k.model = l.id AND ");
            conditions.push(metrics.then(datasets).text(")"));
        }
        conditions.extend(clauses.iter().map(|clause| condition(scope, clause)));
        Conditions(conditions)
    }

    fn narrowings(scope: &LoggedModelScope, clauses: &[LoggedModelClause]) -> Narrowings {
        Narrowings(clauses.iter().filter_map(|clause| narrowing(scope, clause)).collect())
    }

    fn columns(keys: &mut OrderColumns, key: &LoggedModelKey, direction: Direction) {
        let keys = &mut keys.0;
        match key {
            LoggedModelKey::ExperimentId => keys.required("l.experiment_id", Kind::Integer, direction),
            LoggedModelKey::Time(time) => keys.required(time_column(*time), Kind::Integer, direction),
            LoggedModelKey::Text(text @ (LoggedModelText::SourceRunId | LoggedModelText::StatusMessage)) => {
                keys.optional(text_column(*text), Kind::Text, direction);
            }
            LoggedModelKey::Text(text) => keys.required(text_column(*text), Kind::Text, direction),
            LoggedModelKey::Metric { key, dataset_name, dataset_digest } => {
                let on = |alias: &str| last(alias, key, dataset_name.as_deref(), dataset_digest.as_deref());
                keys.metric(METRICS.table, direction, on);
            }
        }
    }
}

fn text_column(text: LoggedModelText) -> &'static str {
    match text {
        LoggedModelText::ModelId => "l.model_id",
        LoggedModelText::Name => "l.name",
        LoggedModelText::ArtifactLocation => "l.artifact_uri",
        LoggedModelText::Status => "l.status",
        LoggedModelText::LifecycleStage => "l.lifecycle_stage",
        LoggedModelText::ModelType => "l.model_type",
        LoggedModelText::SourceRunId => "l.source_run_id",
        LoggedModelText::StatusMessage => "l.status_message",
    }
}

fn time_column(time: LoggedModelTime) -> &'static str {
    match time {
        LoggedModelTime::Creation => "l.created_at",
        LoggedModelTime::LastUpdated => "l.updated_at",
    }
}

fn narrowing(scope: &LoggedModelScope, clause: &LoggedModelClause) -> Option<Narrowing> {
    let (table, id) = ("logged_models", "l.id");
    let LoggedModelClause::Text(attribute, test) = clause else { return None };
    match attribute {
        LoggedModelText::ModelId => Narrowing::texts(table, id, "few.model_id", test),
        LoggedModelText::SourceRunId => Narrowing::texts(table, id, "few.source_run_id", test),
        LoggedModelText::Name if matches!(test, TextTest::Equal(_)) => {
            let name = predicate::among("few.experiment_id", &scope.experiment_ids).text(" AND ");
            Some(Narrowing::itself(table, id, name.then(predicate::text("few.name", test))))
        }
        _ => None,
    }
}

fn condition(scope: &LoggedModelScope, clause: &LoggedModelClause) -> Sql {
    match clause {
        LoggedModelClause::Text(attribute, test) => predicate::text(text_column(*attribute), test),
        LoggedModelClause::ExperimentId(test) => predicate::ids("l.experiment_id", test),
        LoggedModelClause::Time(time, test) => predicate::real(time_column(*time), *test),
        LoggedModelClause::Metric { key, test } => {
            let metric = METRICS.exists(key).text(" AND ").then(predicate::metric("k", *test));
            let on = on_datasets(&scope.datasets).map(|datasets| Sql::new(" AND ").then(datasets));
            metric.then(on.unwrap_or_default()).text(")")
        }
        LoggedModelClause::Param { key, test } => PARAMS.text(key, test),
        LoggedModelClause::Tag { key, test } => TAGS.text(key, test),
    }
}

/// Whether a metric `k` is on one of these datasets; `None` when any will do.
fn on_datasets(datasets: &[DatasetFilter]) -> Option<Sql> {
    let on = |dataset: &DatasetFilter| {
        let name = Sql::new("k.dataset_name = ").bind(dataset.name.clone());
        match &dataset.digest {
            None => name,
            Some(digest) => name.text(" AND k.dataset_digest = ").bind(digest.clone()),
        }
    };
    let on = Sql::join(datasets.iter().map(on), " OR ");
    (!datasets.is_empty()).then(|| Sql::new("(").then(on).text(")"))
}

/// Joins the last value of a metric: of the latest time, then the highest step, then the lowest run id.
fn last(alias: &str, key: &str, dataset_name: Option<&str>, dataset_digest: Option<&str>) -> Sql {
    let columns = |of: &str| {
        let names = ["run_id", "dataset_name", "dataset_digest", "timestamp", "step"];
        names.map(|name| format!("{of}.{name}")).join(", ")
    };
    let mut chosen = Sql::new(format!(
        "(SELECT {} FROM logged_model_metrics AS n WHERE n.model = l.id AND n.key = ",
        columns("n")
    ))
    .bind(key.to_owned());
    if let Some(name) = dataset_name {
        chosen = chosen.text(" AND n.dataset_name = ").bind(name.to_owned());
    }
    if let Some(digest) = dataset_digest {
        chosen = chosen.text(" AND n.dataset_digest = ").bind(digest.to_owned());
    }
    // The datasets' names tell the values of one run at one moment apart, so that the order is total.
    let chosen = chosen
        .text(" ORDER BY n.timestamp DESC, n.step DESC, n.run_id, n.dataset_name, n.dataset_digest LIMIT 1)");
    Sql::new(format!("{alias}.model = l.id AND {alias}.key = "))
        .bind(key.to_owned())
        .text(&format!(" AND ({}) = ", columns(alias)))
        .then(chosen)
}
