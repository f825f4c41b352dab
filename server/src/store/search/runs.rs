//! The search of runs, over `runs`, `params`, `run_tags`, `latest_metrics` and the datasets of runs.

use super::View;
use super::keys::Kind;
use super::narrow::Narrowing;
use super::page::{Conditions, Narrowings, OrderColumns, Tables};
use super::predicate::{self, Keyed};
use super::sql::Sql;
use crate::filter::{DatasetText, Direction, RunClause, RunKey, RunText, RunTime, Runs, TextTest};

/// The tag of a run's dataset that says what it was for.
const CONTEXT: &str = "mlflow.data.context";

/// Which runs are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunScope {
    /// The experiments whose runs are searched; none finds none.
    pub experiment_ids: Vec<i64>,
    /// Deleted ones or not.
    pub view: View,
}

const METRICS: Keyed = Keyed { table: "latest_metrics", of: "run", id: "r.id" };
const PARAMS: Keyed = Keyed { table: "params", of: "run", id: "r.id" };
const TAGS: Keyed = Keyed { table: "run_tags", of: "run", id: "r.id" };

impl Tables for Runs {
    type Scope = RunScope;
    const FROM: &'static str = "runs AS r";
    const ID: &'static str = "r.id";

    fn conditions(scope: &RunScope, clauses: &[RunClause]) -> Conditions {
        let mut conditions = vec![predicate::among("r.experiment_id", &scope.experiment_ids)];
        conditions.extend(scope.view.condition("r.lifecycle_stage"));
        conditions.extend(clauses.iter().map(clause));
        Conditions(conditions)
    }

    fn narrowings(scope: &RunScope, clauses: &[RunClause]) -> Narrowings {
        Narrowings(clauses.iter().filter_map(|clause| narrowing(scope, clause)).collect())
    }

    fn columns(keys: &mut OrderColumns, key: &RunKey, direction: Direction) {
        let keys = &mut keys.0;
        let on = |name: &str| {
            let name = name.to_owned();
            move |alias: &str| Sql::new(format!("{alias}.run = r.id AND {alias}.key = ")).bind(name)
        };
        match key {
            RunKey::Text(text) => keys.required(column(*text), Kind::Text, direction),
            RunKey::Time(RunTime::Start) => keys.required("r.start_time", Kind::Integer, direction),
            RunKey::Time(RunTime::End) => keys.optional("r.end_time", Kind::Integer, direction),
            RunKey::Metric(name) => keys.metric(METRICS.table, direction, on(name)),
            RunKey::Param(name) => keys.joined(PARAMS.table, direction, on(name)),
            RunKey::Tag(name) => keys.joined(TAGS.table, direction, on(name)),
        }
    }
}

fn column(text: RunText) -> &'static str {
    match text {
        RunText::RunId => "r.run_id",
        RunText::RunName => "r.name",
        RunText::UserId => "r.user_id",
        RunText::Status => "r.status",
        RunText::ArtifactUri => "r.artifact_uri",
    }
}

fn clause(clause: &RunClause) -> Sql {
    match clause {
        RunClause::Text(attribute, test) => predicate::text(column(*attribute), test),
        RunClause::Time(RunTime::Start, test) => predicate::real("r.start_time", *test),
        RunClause::Time(RunTime::End, test) => predicate::real("r.end_time", *test),
        RunClause::Metric { key, test } => METRICS.metric(key, *test),
        RunClause::Param { key, test } => PARAMS.test(key, test),
        RunClause::Tag { key, test } => TAGS.test(key, test),
        RunClause::Dataset(attribute, test) => {
            let (from, of) = match attribute {
                DatasetText::Name => ("run_datasets AS i JOIN datasets AS d ON d.id = i.dataset", "d.name"),
                DatasetText::Digest => {
                    ("run_datasets AS i JOIN datasets AS d ON d.id = i.dataset", "d.digest")
                }
                DatasetText::Context => ("run_dataset_tags AS i", "i.value"),
            };
            let mut inputs = Sql::new(format!("EXISTS (SELECT 1 FROM {from} WHERE i.run = r.id AND "));
            if *attribute == DatasetText::Context {
                inputs = inputs.text("i.key = ").bind(CONTEXT.to_owned()).text(" AND ");
            }
            inputs.then(predicate::text(of, test)).text(")")
        }
    }
}

fn narrowing(scope: &RunScope, clause: &RunClause) -> Option<Narrowing> {
    match clause {
        RunClause::Text(RunText::RunId, test) => Narrowing::texts("runs", "r.id", "few.run_id", test),
        RunClause::Text(RunText::RunName, test @ TextTest::Equal(_)) => {
            let name = predicate::among("few.experiment_id", &scope.experiment_ids).text(" AND ");
            Some(Narrowing::itself("runs", "r.id", name.then(predicate::text("few.name", test))))
        }
        RunClause::Metric { key, test } => Some(METRICS.range(key, *test)),
        RunClause::Param { key, test } => PARAMS.tests(key, test),
        RunClause::Tag { key, test } => TAGS.tests(key, test),
        RunClause::Text(..) | RunClause::Time(..) | RunClause::Dataset(..) => None,
    }
}
