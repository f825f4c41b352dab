//! Experiments by going through them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use rusqlite::Connection;

use super::{Naive, database, law, naive, words};
use crate::filter::{Direction, ExperimentClause, ExperimentKey, ExperimentTime, Experiments, Order};
use crate::store::search::View;

#[derive(Debug, Clone)]
pub(super) struct Experiment {
    id: i64,
    name: String,
    deleted: bool,
    created: i64,
    updated: i64,
    tags: BTreeMap<String, String>,
}

fn experiment() -> impl Strategy<Value = Experiment> {
    let attributes = (words::text(), any::<bool>(), words::time(), words::time());
    (attributes, words::keyed(words::text())).prop_map(|((name, deleted, created, updated), tags)| {
        Experiment { id: 0, name, deleted, created, updated, tags }
    })
}

fn insert(connection: &Connection, row: &Experiment) {
    let sql = "INSERT INTO experiments (id, name, artifact_location, lifecycle_stage, created_at, updated_at)
               VALUES (?1, ?2, '', ?3, ?4, ?5)";
    let stage = if row.deleted { "deleted" } else { "active" };
    connection.execute(sql, (row.id, &row.name, stage, row.created, row.updated)).unwrap();
    for (key, value) in &row.tags {
        let sql = "INSERT INTO experiment_tags (experiment_id, key, value) VALUES (?1, ?2, ?3)";
        connection.execute(sql, (row.id, key, value)).unwrap();
    }
}

impl Experiment {
    fn time(&self, time: ExperimentTime) -> i64 {
        match time {
            ExperimentTime::Creation => self.created,
            ExperimentTime::LastUpdate => self.updated,
        }
    }
}

impl Naive for Experiments {
    type Row = Experiment;

    fn finds(view: &View, clauses: &[ExperimentClause], row: &Experiment, _: &[(i64, Experiment)]) -> bool {
        let viewed = match view {
            View::Active => !row.deleted,
            View::Deleted => row.deleted,
            View::All => true,
        };
        let passes = |clause: &ExperimentClause| match clause {
            ExperimentClause::Id(test) => naive::id(test, row.id),
            ExperimentClause::Name(test) => naive::text(test, Some(&row.name)),
            ExperimentClause::Time(time, test) => naive::number(test, Some(row.time(*time))),
            ExperimentClause::Tag { key, test } => naive::key(test, naive::get(&row.tags, key)),
        };
        viewed && clauses.iter().all(passes)
    }

    fn compare(key: &ExperimentKey, direction: Direction, one: &Experiment, other: &Experiment) -> Ordering {
        match key {
            ExperimentKey::Id => naive::directed(&one.id, &other.id, direction),
            ExperimentKey::Name => naive::directed(&one.name, &other.name, direction),
            ExperimentKey::Time(time) => naive::directed(&one.time(*time), &other.time(*time), direction),
        }
    }
}

fn clause() -> impl Strategy<Value = String> {
    prop_oneof![
        words::text_clause(words::names(&["name"])),
        words::id_clause(),
        words::integer_clause(words::names(&["creation_time", "last_update_time"])),
        words::text_clause(words::name("tags")),
        words::null_clause(words::name("tags")),
    ]
}

const ORDERS: [&str; 4] = ["experiment_id", "name", "creation_time", "last_update_time"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_experiment_that_matches_is_found_once_in_its_order(
        experiments in vec(experiment(), 0..12),
        view in prop::sample::select(vec![View::Active, View::Deleted, View::All]),
        searches in vec((words::filter(clause()), words::order(&ORDERS), 1_usize..5), 4),
    ) {
        let connection = database();
        let mut rows: Vec<(i64, Experiment)> = Vec::new();
        for experiment in experiments {
            // No two have one name.
            if rows.iter().all(|(_, other)| other.name != experiment.name) {
                let id = (rows.len() as i64 + 1) * 7 % 31;
                rows.push((id, Experiment { id, ..experiment }));
            }
        }
        for (_, row) in &rows {
            insert(&connection, row);
        }
        for (filter, order, size) in searches {
            law::<Experiments>(&connection, &view, &rows, &filter, &Order::parse(&order).unwrap(), size);
        }
    }
}
