//! Registered models by going through them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use rusqlite::Connection;

use super::{Naive, database, law, naive, words};
use crate::filter::prompts::IS_PROMPT;
use crate::filter::{Direction, Order, RegisteredModelClause, RegisteredModelKey, RegisteredModels};

#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) tags: BTreeMap<String, String>,
}

/// Tags, among them now and then the one that marks prompts.
pub(super) fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let prompt = prop::option::weighted(0.3, prop::sample::select(vec!["true", "false", "True"]));
    (words::keyed(words::text()), prompt).prop_map(|(mut tags, prompt)| {
        tags.extend(prompt.map(|value| (IS_PROMPT.to_owned(), value.to_owned())));
        tags
    })
}

/// Clauses on tags, among them some on the one that marks prompts.
pub(super) fn tag_clause() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => words::text_clause(words::name("tags")),
        1 => words::names(&[
            "tag.`mlflow.prompt.is_prompt` != 'true'",
            "tag.`mlflow.prompt.is_prompt` != 'false'",
            "tag.`mlflow.prompt.is_prompt` = 'true'",
            "tag.`mlflow.prompt.is_prompt` = 'TRUE'",
            "tag.`mlflow.prompt.is_prompt` LIKE 't%'",
        ]),
    ]
}

fn model() -> impl Strategy<Value = Model> {
    (words::text(), words::time(), words::time(), tags()).prop_map(|(name, created, updated, tags)| Model {
        name,
        created,
        updated,
        tags,
    })
}

/// Models, no two of one name.
pub(super) fn models() -> impl Strategy<Value = Vec<(i64, Model)>> {
    vec(model(), 0..12).prop_map(|models| {
        let mut rows: Vec<(i64, Model)> = Vec::new();
        for model in models {
            if rows.iter().all(|(_, other)| other.name != model.name) {
                rows.push(((rows.len() as i64 + 1) * 7 % 31, model));
            }
        }
        rows
    })
}

pub(super) fn insert(connection: &Connection, id: i64, model: &Model) {
    let sql = "INSERT INTO registered_models (id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?4)";
    connection.execute(sql, (id, &model.name, model.created, model.updated)).unwrap();
    for (key, value) in &model.tags {
        let sql = "INSERT INTO registered_model_tags (model_id, key, value) VALUES (?1, ?2, ?3)";
        connection.execute(sql, (id, key, value)).unwrap();
    }
}

impl Naive for RegisteredModels {
    type Row = Model;

    fn finds((): &(), clauses: &[RegisteredModelClause], model: &Model, _: &[(i64, Model)]) -> bool {
        clauses.iter().all(|clause| match clause {
            RegisteredModelClause::Name(test) => naive::text(test, Some(&model.name)),
            RegisteredModelClause::Tag { key, test } => naive::text(test, naive::get(&model.tags, key)),
            RegisteredModelClause::NotPrompt => naive::get(&model.tags, IS_PROMPT) != Some("true"),
        })
    }

    fn compare(key: &RegisteredModelKey, direction: Direction, one: &Model, other: &Model) -> Ordering {
        match key {
            RegisteredModelKey::Name => naive::directed(&one.name, &other.name, direction),
            RegisteredModelKey::Creation => naive::directed(&one.created, &other.created, direction),
            RegisteredModelKey::LastUpdated => naive::directed(&one.updated, &other.updated, direction),
        }
    }
}

fn clause() -> impl Strategy<Value = String> {
    prop_oneof![
        words::text_clause(words::names(&["name"])),
        words::list_clause(words::names(&["name"])),
        tag_clause(),
    ]
}

const ORDERS: [&str; 3] = ["name", "creation_timestamp", "last_updated_timestamp"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_registered_model_that_matches_is_found_once_in_its_order(
        rows in models(),
        searches in vec((words::filter(clause()), words::order(&ORDERS), 1_usize..5), 4),
    ) {
        let connection = database();
        for (id, model) in &rows {
            insert(&connection, *id, model);
        }
        for (filter, order, size) in searches {
            law::<RegisteredModels>(&connection, &(), &rows, &filter, &Order::parse(&order).unwrap(), size);
        }
    }
}
