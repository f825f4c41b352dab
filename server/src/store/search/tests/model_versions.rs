//! Model versions by going through them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use rusqlite::Connection;

use super::registered_models::{insert as insert_model, models, tag_clause, tags};
use super::{Naive, database, law, naive, words};
use crate::filter::prompts::IS_PROMPT;
use crate::filter::{Direction, ModelVersionClause, ModelVersionKey, ModelVersions, Order, VersionText};

#[derive(Debug, Clone)]
pub(super) struct Version {
    model: i64,
    name: String,
    number: i64,
    created: i64,
    updated: i64,
    run: Option<String>,
    source: String,
    tags: BTreeMap<String, String>,
}

fn version() -> impl Strategy<Value = (prop::sample::Index, Version)> {
    let attributes = (words::time(), words::time(), prop::option::of(words::text()), words::text());
    (any::<prop::sample::Index>(), attributes, tags()).prop_map(|(model, attributes, tags)| {
        let (created, updated, run, source) = attributes;
        let version =
            Version { model: 0, name: String::new(), number: 0, created, updated, run, source, tags };
        (model, version)
    })
}

fn insert(connection: &Connection, id: i64, version: &Version) {
    let sql = "INSERT INTO model_versions (id, model_id, version, created_at, updated_at, source, storage_uri, run_id)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', ?7)";
    let Version { model, number, created, updated, run, source, .. } = version;
    connection.execute(sql, (id, model, number, created, updated, source, run)).unwrap();
    for (key, value) in &version.tags {
        let sql = "INSERT INTO model_version_tags (version_id, key, value) VALUES (?1, ?2, ?3)";
        connection.execute(sql, (id, key, value)).unwrap();
    }
}

impl Naive for ModelVersions {
    type Row = Version;

    fn finds((): &(), clauses: &[ModelVersionClause], version: &Version, all: &[(i64, Version)]) -> bool {
        clauses.iter().all(|clause| match clause {
            ModelVersionClause::Text(VersionText::Name, test) => naive::text(test, Some(&version.name)),
            ModelVersionClause::Text(VersionText::RunId, test) => {
                naive::text(test, Some(version.run.as_deref().unwrap_or("")))
            }
            ModelVersionClause::Text(VersionText::SourcePath, test) => {
                naive::text(test, Some(&version.source))
            }
            ModelVersionClause::Number(test) => naive::number(test, Some(version.number)),
            ModelVersionClause::Tag { key, test } => naive::text(test, naive::get(&version.tags, key)),
            ModelVersionClause::NotPrompt => all
                .iter()
                .filter(|(_, other)| other.model == version.model)
                .all(|(_, other)| naive::get(&other.tags, IS_PROMPT) != Some("true")),
        })
    }

    fn compare(key: &ModelVersionKey, direction: Direction, one: &Version, other: &Version) -> Ordering {
        match key {
            ModelVersionKey::Name => naive::directed(&one.name, &other.name, direction),
            ModelVersionKey::Number => naive::directed(&one.number, &other.number, direction),
            ModelVersionKey::Creation => naive::directed(&one.created, &other.created, direction),
            ModelVersionKey::LastUpdated => naive::directed(&one.updated, &other.updated, direction),
        }
    }
}

fn clause() -> impl Strategy<Value = String> {
    prop_oneof![
        words::text_clause(words::names(&["name", "run_id", "source_path"])),
        words::list_clause(words::names(&["name", "run_id"])),
        words::integer_clause(words::names(&["version_number"])),
        tag_clause(),
    ]
}

const ORDERS: [&str; 4] = ["name", "version_number", "creation_timestamp", "last_updated_timestamp"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_version_that_matches_is_found_once_in_its_order(
        models in models(),
        versions in vec(version(), 0..16),
        searches in vec((words::filter(clause()), words::order(&ORDERS), 1_usize..5), 4),
    ) {
        let connection = database();
        let mut rows: Vec<(i64, Version)> = Vec::new();
        for (id, model) in &models {
            insert_model(&connection, *id, model);
        }
        for (index, version) in versions.into_iter().filter(|_| !models.is_empty()) {
            let (model, of) = index.get(&models);
            let number = 1 + rows.iter().filter(|(_, other)| other.model == *model).count() as i64;
            let id = (rows.len() as i64 + 1) * 7 % 31;
            rows.push((id, Version { model: *model, name: of.name.clone(), number, ..version }));
        }
        for (id, version) in &rows {
            insert(&connection, *id, version);
        }
        for (filter, order, size) in searches {
            law::<ModelVersions>(&connection, &(), &rows, &filter, &Order::parse(&order).unwrap(), size);
        }
    }
}
