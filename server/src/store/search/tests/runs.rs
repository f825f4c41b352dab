//! Runs by going through them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use rusqlite::Connection;

use super::{Naive, database, law, naive, words};
use crate::filter::{DatasetText, Direction, Order, RunClause, RunKey, RunText, RunTime, Runs};
use crate::store::search::{RunScope, View};

#[derive(Debug, Clone)]
pub(super) struct Run {
    /// `run_id`
    id: String,
    experiment: i64,
    deleted: bool,
    name: String,
    user: String,
    status: &'static str,
    uri: String,
    start: i64,
    end: Option<i64>,
    metrics: BTreeMap<String, f64>,
    params: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    /// Name, digest and context, which is empty when there is none.
    datasets: BTreeSet<(String, String, String)>,
}

fn run() -> impl Strategy<Value = Run> {
    let attributes = (
        (1_i64..4, any::<bool>(), words::text(), words::text(), words::text()),
        prop::sample::select(vec!["RUNNING", "FINISHED", "FAILED"]),
        words::time(),
        prop::option::of(words::time()),
    );
    let keyed = (words::keyed(words::metric()), words::keyed(words::text()), words::keyed(words::text()));
    let dataset = (words::text(), prop::sample::select(vec!["a", "b"]), words::text());
    let datasets =
        btree_set(dataset.prop_map(|(name, digest, context)| (name, digest.to_owned(), context)), 0..3);
    (attributes, keyed, datasets).prop_map(|(attributes, keyed, datasets)| {
        let ((experiment, deleted, name, user, uri), status, start, end) = attributes;
        let (metrics, params, tags) = keyed;
        // A run takes a dataset once.
        let mut seen = BTreeSet::new();
        let datasets = datasets
            .into_iter()
            .filter(|(name, digest, _)| seen.insert((name.clone(), digest.clone())))
            .collect();
        let id = String::new();
        Run { id, experiment, deleted, name, user, status, uri, start, end, metrics, params, tags, datasets }
    })
}

/// Experiments 1 to 3, which runs and logged models belong to.
pub(super) fn insert_experiments(connection: &Connection) {
    let sql = "INSERT INTO experiments (id, name, artifact_location, created_at, updated_at)
               VALUES (?1, ?1 || '', '', 0, 0)";
    for id in 1..=3_i64 {
        connection.execute(sql, [id]).unwrap();
    }
}

fn insert(connection: &Connection, id: i64, run: &Run) {
    let sql = "INSERT INTO runs (id, run_id, experiment_id, name, user_id, status, start_time, end_time,
                                 artifact_uri, lifecycle_stage)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let stage = if run.deleted { "deleted" } else { "active" };
    let Run { id: run_id, experiment, name, user, status, start, end, uri, .. } = run;
    connection.execute(sql, (id, run_id, experiment, name, user, status, start, end, uri, stage)).unwrap();
    for (key, value) in &run.metrics {
        let (stored, is_nan) = if value.is_nan() { (0.0, 1) } else { (*value, 0) };
        let sql = "INSERT INTO latest_metrics (run, key, timestamp, step, value, is_nan) VALUES (?1, ?2, 0, 0, ?3, ?4)";
        connection.execute(sql, (id, key, stored, is_nan)).unwrap();
    }
    for (table, values) in [("params", &run.params), ("run_tags", &run.tags)] {
        for (key, value) in values {
            let sql = format!("INSERT INTO {table} (run, key, value) VALUES (?1, ?2, ?3)");
            connection.execute(&sql, (id, key, value)).unwrap();
        }
    }
    for (name, digest, context) in &run.datasets {
        let sql = "INSERT INTO datasets (experiment_id, name, digest, source_type, source) VALUES (?1, ?2, ?3, '', '')
                   ON CONFLICT DO UPDATE SET source = '' RETURNING id";
        let dataset: i64 =
            connection.query_row(sql, (run.experiment, name, digest), |row| row.get(0)).unwrap();
        let sql = "INSERT INTO run_datasets (run, dataset) VALUES (?1, ?2)";
        connection.execute(sql, (id, dataset)).unwrap();
        let tags = [("mlflow.data.context", context.as_str()), ("other", "a")];
        for (key, value) in tags.into_iter().filter(|(_, value)| !value.is_empty()) {
            let sql = "INSERT INTO run_dataset_tags (run, dataset, key, value) VALUES (?1, ?2, ?3, ?4)";
            connection.execute(sql, (id, dataset, key, value)).unwrap();
        }
    }
}

impl Run {
    fn text(&self, text: RunText) -> &str {
        match text {
            RunText::RunId => &self.id,
            RunText::RunName => &self.name,
            RunText::UserId => &self.user,
            RunText::Status => self.status,
            RunText::ArtifactUri => &self.uri,
        }
    }

    fn passes(&self, clause: &RunClause) -> bool {
        match clause {
            RunClause::Text(attribute, test) => naive::text(test, Some(self.text(*attribute))),
            RunClause::Time(RunTime::Start, test) => naive::number(test, Some(self.start as f64)),
            RunClause::Time(RunTime::End, test) => naive::number(test, self.end.map(|end| end as f64)),
            RunClause::Metric { key, test } => naive::number(test, self.metrics.get(key).copied()),
            RunClause::Param { key, test } => naive::key(test, naive::get(&self.params, key)),
            RunClause::Tag { key, test } => naive::key(test, naive::get(&self.tags, key)),
            RunClause::Dataset(attribute, test) => self.datasets.iter().any(|(name, digest, context)| {
                let value = match attribute {
                    DatasetText::Name => Some(name),
                    DatasetText::Digest => Some(digest),
                    DatasetText::Context => Some(context).filter(|context| !context.is_empty()),
                };
                naive::text(test, value.map(String::as_str))
            }),
        }
    }
}

impl Naive for Runs {
    type Row = Run;

    fn finds(scope: &RunScope, clauses: &[RunClause], run: &Run, _: &[(i64, Run)]) -> bool {
        let viewed = match scope.view {
            View::Active => !run.deleted,
            View::Deleted => run.deleted,
            View::All => true,
        };
        viewed
            && scope.experiment_ids.contains(&run.experiment)
            && clauses.iter().all(|clause| run.passes(clause))
    }

    fn compare(key: &RunKey, direction: Direction, one: &Run, other: &Run) -> Ordering {
        match key {
            RunKey::Text(text) => naive::directed(one.text(*text), other.text(*text), direction),
            RunKey::Time(RunTime::Start) => naive::directed(&one.start, &other.start, direction),
            RunKey::Time(RunTime::End) => naive::optional(one.end, other.end, direction),
            RunKey::Metric(key) => {
                naive::metric(one.metrics.get(key).copied(), other.metrics.get(key).copied(), direction)
            }
            RunKey::Param(key) => {
                naive::optional(naive::get(&one.params, key), naive::get(&other.params, key), direction)
            }
            RunKey::Tag(key) => {
                naive::optional(naive::get(&one.tags, key), naive::get(&other.tags, key), direction)
            }
        }
    }
}

fn clause() -> impl Strategy<Value = String> {
    let texts = || words::names(&["run_id", "run_name", "user_id", "status", "artifact_uri"]);
    let datasets = || words::names(&["dataset.name", "dataset.digest", "dataset.context"]);
    prop_oneof![
        words::text_clause(texts()),
        words::names(&["run_id IN ('r00', 'r07')", "run_id NOT IN ('r00', 'r14')", "status = 'FINISHED'"]),
        words::number_clause(words::names(&["start_time", "end_time"])),
        words::number_clause(words::name("metrics")),
        words::text_clause(words::name("params")),
        words::null_clause(words::name("params")),
        words::text_clause(words::name("tags")),
        words::null_clause(words::name("tags")),
        words::text_clause(datasets()),
        words::list_clause(datasets()),
    ]
}

const ORDERS: [&str; 9] = [
    "run_id",
    "run_name",
    "status",
    "start_time",
    "end_time",
    "metrics.a",
    "metrics.`b c`",
    "params.a",
    "tags.`b c`",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_run_that_matches_is_found_once_in_its_order(
        runs in vec(run(), 0..16),
        view in prop::sample::select(vec![View::Active, View::Deleted, View::All]),
        experiment_ids in prop::sample::subsequence(vec![1, 2, 3], 0..=3),
        searches in vec((words::filter(clause()), words::order(&ORDERS), 1_usize..5), 4),
    ) {
        let connection = database();
        insert_experiments(&connection);
        let rows: Vec<(i64, Run)> = runs
            .into_iter()
            .zip(1..)
            // Neither the order that they were made in nor the reverse of it.
            .map(|(run, id)| (id, Run { id: format!("r{:02}", id * 7 % 31), ..run }))
            .collect();
        for (id, run) in &rows {
            insert(&connection, *id, run);
        }
        let scope = RunScope { experiment_ids, view };
        for (filter, order, size) in searches {
            law::<Runs>(&connection, &scope, &rows, &filter, &Order::parse(&order).unwrap(), size);
        }
    }
}
