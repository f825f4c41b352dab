//! The search of registered models, over `registered_models` and `registered_model_tags`.

use super::keys::Kind;
use super::page::{Conditions, OrderColumns, Tables};
use super::predicate::{self, Keyed};
use super::sql::Sql;
use crate::filter::{
    Direction, RegisteredModelClause, RegisteredModelKey, RegisteredModels, TextTest, prompts,
};

const TAGS: Keyed = Keyed { table: "registered_model_tags", of: "model_id", id: "m.id" };

impl Tables for RegisteredModels {
    type Scope = ();
    const FROM: &'static str = "registered_models AS m";
    const ID: &'static str = "m.id";

    fn conditions((): &(), clauses: &[RegisteredModelClause]) -> Conditions {
        Conditions(clauses.iter().map(clause).collect())
    }

    fn columns(keys: &mut OrderColumns, key: &RegisteredModelKey, direction: Direction) {
        match key {
            RegisteredModelKey::Name => keys.0.required("m.name", Kind::Text, direction),
            RegisteredModelKey::Creation => keys.0.required("m.created_at", Kind::Integer, direction),
            RegisteredModelKey::LastUpdated => keys.0.required("m.updated_at", Kind::Integer, direction),
        }
    }
}

fn clause(clause: &RegisteredModelClause) -> Sql {
    match clause {
        RegisteredModelClause::Name(test) => predicate::text("m.name", test),
        RegisteredModelClause::Tag { key, test } => TAGS.text(key, test),
        RegisteredModelClause::NotPrompt => {
            Sql::new("NOT ").then(TAGS.text(prompts::IS_PROMPT, &TextTest::Equal("true".to_owned())))
        }
    }
}
