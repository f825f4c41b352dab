//! The search of experiments, over `experiments` and `experiment_tags`.

use super::View;
use super::keys::Kind;
use super::page::{Conditions, OrderColumns, Tables};
use super::predicate::{self, Keyed};
use super::sql::Sql;
use crate::filter::{Direction, ExperimentClause, ExperimentKey, ExperimentTime, Experiments};

const TAGS: Keyed = Keyed { table: "experiment_tags", of: "experiment_id", id: "e.id" };

impl Tables for Experiments {
    type Scope = View;
    const FROM: &'static str = "experiments AS e";
    const ID: &'static str = "e.id";

    fn conditions(scope: &View, clauses: &[ExperimentClause]) -> Conditions {
        Conditions(
            scope.condition("e.lifecycle_stage").into_iter().chain(clauses.iter().map(clause)).collect(),
        )
    }

    fn columns(keys: &mut OrderColumns, key: &ExperimentKey, direction: Direction) {
        match key {
            ExperimentKey::Id => keys.0.required("e.id", Kind::Integer, direction),
            ExperimentKey::Name => keys.0.required("e.name", Kind::Text, direction),
            ExperimentKey::Time(time) => keys.0.required(column(*time), Kind::Integer, direction),
        }
    }
}

fn column(time: ExperimentTime) -> &'static str {
    match time {
        ExperimentTime::Creation => "e.created_at",
        ExperimentTime::LastUpdate => "e.updated_at",
    }
}

fn clause(clause: &ExperimentClause) -> Sql {
    match clause {
        ExperimentClause::Id(test) => predicate::ids("e.id", test),
        ExperimentClause::Name(test) => predicate::text("e.name", test),
        ExperimentClause::Time(time, test) => predicate::integer(column(*time), *test),
        ExperimentClause::Tag { key, test } => TAGS.test(key, test),
    }
}
