//! Logged models by going through them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use rusqlite::Connection;

use super::runs::insert_experiments;
use super::{Naive, database, law, naive, words};
use crate::filter::{
    Direction, LoggedModelClause, LoggedModelKey, LoggedModelText, LoggedModelTime, LoggedModels, Order,
    OrderField,
};
use crate::store::search::{DatasetFilter, LoggedModelScope};

#[derive(Debug, Clone)]
struct Metric {
    key: &'static str,
    run: &'static str,
    dataset: (&'static str, &'static str),
    timestamp: i64,
    step: i64,
    value: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    /// `model_id`
    id: String,
    experiment: i64,
    deleted: bool,
    texts: [String; 4],
    run: Option<String>,
    message: Option<String>,
    created: i64,
    updated: i64,
    params: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    metrics: Vec<Metric>,
}

fn metric() -> impl Strategy<Value = Metric> {
    let key = prop::sample::select(&words::KEYS[..]);
    let dataset = prop::sample::select(vec![("", ""), ("a", "1"), ("a", "2"), ("b", "1")]);
    // Few moments, so that some metrics tie on them.
    let at = (prop::sample::select(vec!["r", "s"]), 0_i64..2, 0_i64..2);
    (key, dataset, at, words::metric()).prop_map(|(key, dataset, (run, timestamp, step), value)| Metric {
        key,
        run,
        dataset,
        timestamp,
        step,
        value,
    })
}

fn model() -> impl Strategy<Value = Model> {
    let attributes = (
        (1_i64..4, prop::bool::weighted(0.2)),
        [words::text(), words::text(), words::text(), words::text()],
        (prop::option::of(words::text()), prop::option::of(words::text())),
        (words::time(), words::time()),
    );
    let keyed = (words::keyed(words::text()), words::keyed(words::text()));
    (attributes, keyed, vec(metric(), 0..10)).prop_map(|(attributes, (params, tags), metrics)| {
        let ((experiment, deleted), texts, (run, message), (created, updated)) = attributes;
        let mut seen = BTreeSet::new();
        let metrics = metrics
            .into_iter()
            .filter(|m| seen.insert((m.key, m.run, m.dataset, m.timestamp, m.step)))
            .collect();
        let id = String::new();
        Model { id, experiment, deleted, texts, run, message, created, updated, params, tags, metrics }
    })
}

fn insert(connection: &Connection, id: i64, model: &Model) {
    let sql =
        "INSERT INTO logged_models (id, model_id, experiment_id, name, artifact_uri, status, status_message,
                                          model_type, source_run_id, lifecycle_stage, created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let stage = if model.deleted { "deleted" } else { "active" };
    let Model { id: model_id, experiment, texts, run, message, created, updated, .. } = model;
    let [name, uri, status, kind] = texts;
    connection
        .execute(
            sql,
            (id, model_id, experiment, name, uri, status, message, kind, run, stage, created, updated),
        )
        .unwrap();
    for (table, values) in [("logged_model_params", &model.params), ("logged_model_tags", &model.tags)] {
        for (key, value) in values {
            let sql = format!("INSERT INTO {table} (model, key, value) VALUES (?1, ?2, ?3)");
            connection.execute(&sql, (id, key, value)).unwrap();
        }
    }
    for Metric { key, run, dataset: (name, digest), timestamp, step, value } in &model.metrics {
        let (stored, is_nan) = if value.is_nan() { (0.0, 1) } else { (*value, 0) };
        let sql = "INSERT INTO logged_model_metrics (model, run_id, key, timestamp, step, value, is_nan, dataset_name,
                                                     dataset_digest)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        connection.execute(sql, (id, run, key, timestamp, step, stored, is_nan, name, digest)).unwrap();
    }
}

impl Model {
    fn text(&self, text: LoggedModelText) -> Option<&str> {
        match text {
            LoggedModelText::ModelId => Some(&self.id),
            LoggedModelText::Name => Some(&self.texts[0]),
            LoggedModelText::ArtifactLocation => Some(&self.texts[1]),
            LoggedModelText::Status => Some(&self.texts[2]),
            LoggedModelText::ModelType => Some(&self.texts[3]),
            LoggedModelText::LifecycleStage => Some("active"),
            LoggedModelText::SourceRunId => self.run.as_deref(),
            LoggedModelText::StatusMessage => self.message.as_deref(),
        }
    }

    fn time(&self, time: LoggedModelTime) -> i64 {
        match time {
            LoggedModelTime::Creation => self.created,
            LoggedModelTime::LastUpdated => self.updated,
        }
    }

    fn last(&self, key: &str, name: Option<&str>, digest: Option<&str>) -> Option<f64> {
        let on = |m: &&Metric| {
            m.key == key
                && name.is_none_or(|name| name == m.dataset.0)
                && digest.is_none_or(|digest| digest == m.dataset.1)
        };
        let last = |m: &&Metric| (-m.timestamp, -m.step, m.run, m.dataset);
        self.metrics.iter().filter(on).min_by_key(last).map(|m| m.value)
    }

    fn passes(&self, scope: &LoggedModelScope, clause: &LoggedModelClause) -> bool {
        match clause {
            LoggedModelClause::Text(attribute, test) => naive::text(test, self.text(*attribute)),
            LoggedModelClause::ExperimentId(test) => naive::id(test, self.experiment),
            LoggedModelClause::Time(time, test) => naive::number(test, Some(self.time(*time) as f64)),
            LoggedModelClause::Metric { key, test } => self
                .metrics
                .iter()
                .any(|m| m.key == key && m.is_on(&scope.datasets) && naive::number(test, Some(m.value))),
            LoggedModelClause::Param { key, test } => naive::text(test, naive::get(&self.params, key)),
            LoggedModelClause::Tag { key, test } => naive::text(test, naive::get(&self.tags, key)),
        }
    }
}

impl Metric {
    fn is_on(&self, datasets: &[DatasetFilter]) -> bool {
        let (name, digest) = self.dataset;
        let on = |dataset: &DatasetFilter| {
            dataset.name == name && dataset.digest.as_deref().is_none_or(|other| other == digest)
        };
        datasets.is_empty() || datasets.iter().any(on)
    }
}

impl Naive for LoggedModels {
    type Row = Model;

    fn finds(
        scope: &LoggedModelScope,
        clauses: &[LoggedModelClause],
        model: &Model,
        _: &[(i64, Model)],
    ) -> bool {
        let has_metric = clauses.iter().any(|clause| matches!(clause, LoggedModelClause::Metric { .. }));
        !model.deleted
            && scope.experiment_ids.contains(&model.experiment)
            && (has_metric
                || scope.datasets.is_empty()
                || model.metrics.iter().any(|m| m.is_on(&scope.datasets)))
            && clauses.iter().all(|clause| model.passes(scope, clause))
    }

    fn compare(key: &LoggedModelKey, direction: Direction, one: &Model, other: &Model) -> Ordering {
        match key {
            LoggedModelKey::Text(text) => naive::optional(one.text(*text), other.text(*text), direction),
            LoggedModelKey::ExperimentId => naive::directed(&one.experiment, &other.experiment, direction),
            LoggedModelKey::Time(time) => naive::directed(&one.time(*time), &other.time(*time), direction),
            LoggedModelKey::Metric { key, dataset_name, dataset_digest } => {
                let last =
                    |model: &Model| model.last(key, dataset_name.as_deref(), dataset_digest.as_deref());
                naive::metric(last(one), last(other), direction)
            }
        }
    }
}

fn clause() -> impl Strategy<Value = String> {
    let texts = || {
        words::names(&[
            "model_id",
            "name",
            "artifact_location",
            "status",
            "model_type",
            "source_run_id",
            "status_message",
            "lifecycle_stage",
        ])
    };
    prop_oneof![
        words::text_clause(texts()),
        words::list_clause(texts()),
        words::id_clause(),
        words::number_clause(words::names(&["creation_time", "last_updated_timestamp"])),
        words::number_clause(words::name("metrics")),
        words::text_clause(words::name("params")),
        words::list_clause(words::name("tags")),
    ]
}

fn fields() -> impl Strategy<Value = Vec<(&'static str, bool, &'static str, &'static str)>> {
    let names = vec![
        "model_id",
        "name",
        "status",
        "source_run_id",
        "status_message",
        "experiment_id",
        "creation_time",
        "last_updated_timestamp",
        "lifecycle_stage",
        "metrics.a",
        "metrics.b c",
        "metrics.a",
        "metrics.b c",
    ];
    let field = (
        prop::sample::select(names),
        any::<bool>(),
        prop::sample::select(vec!["", "a", "b"]),
        prop::sample::select(vec!["", "1"]),
    );
    vec(field, 0..4)
}

fn datasets() -> impl Strategy<Value = Vec<DatasetFilter>> {
    let dataset =
        (prop::sample::select(vec!["a", "b"]), prop::option::of(prop::sample::select(vec!["1", "2"])));
    vec(dataset, 0..3).prop_map(|datasets| {
        datasets
            .into_iter()
            .map(|(name, digest)| DatasetFilter { name: name.to_owned(), digest: digest.map(str::to_owned) })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_logged_model_that_matches_is_found_once_in_its_order(
        models in vec(model(), 0..14),
        experiment_ids in prop::sample::subsequence(vec![1, 2, 3], 0..=3),
        datasets in datasets(),
        searches in vec((words::filter(clause()), fields(), 1_usize..5), 4),
    ) {
        let connection = database();
        insert_experiments(&connection);
        let rows: Vec<(i64, Model)> = models
            .into_iter()
            .zip(1..)
            .map(|(model, id)| (id, Model { id: format!("m-{:02}", id * 7 % 31), ..model }))
            .collect();
        for (id, model) in &rows {
            insert(&connection, *id, model);
        }
        let scope = LoggedModelScope { experiment_ids, datasets };
        for (filter, fields, size) in searches {
            let fields: Vec<OrderField<'_>> = fields
                .iter()
                .map(|(field_name, ascending, dataset_name, dataset_digest)| OrderField {
                    field_name,
                    ascending: *ascending,
                    dataset_name,
                    dataset_digest,
                })
                .collect();
            let order = Order::from_fields(&fields).unwrap();
            law::<LoggedModels>(&connection, &scope, &rows, &filter, &order, size);
        }
    }
}
