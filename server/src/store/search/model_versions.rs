//! The search of model versions, over `model_versions`, their models' names and `model_version_tags`.

use super::keys::Kind;
use super::narrow::Narrowing;
use super::page::{Conditions, Narrowings, OrderColumns, Tables};
use super::predicate::{self, Keyed};
use super::sql::Sql;
use crate::filter::{
    Direction, ModelVersionClause, ModelVersionKey, ModelVersions, TextTest, VersionText, prompts,
};

const TAGS: Keyed = Keyed { table: "model_version_tags", of: "version_id", id: "v.id" };

/// Not a join: versions are read in the order of their own index, and models looked up.
const NAME: &str = "(SELECT m.name FROM registered_models AS m WHERE m.id = v.model_id)";

impl Tables for ModelVersions {
    type Scope = ();
    const FROM: &'static str = "model_versions AS v";
    const ID: &'static str = "v.id";

    fn conditions((): &(), clauses: &[ModelVersionClause]) -> Conditions {
        Conditions(clauses.iter().map(clause).collect())
    }

    fn narrowings((): &(), clauses: &[ModelVersionClause]) -> Narrowings {
        Narrowings(clauses.iter().filter_map(narrowing).collect())
    }

    fn columns(keys: &mut OrderColumns, key: &ModelVersionKey, direction: Direction) {
        match key {
            ModelVersionKey::Name => keys.0.required(NAME, Kind::Text, direction),
            ModelVersionKey::Number => keys.0.required("v.version", Kind::Integer, direction),
            ModelVersionKey::Creation => keys.0.required("v.created_at", Kind::Integer, direction),
            ModelVersionKey::LastUpdated => keys.0.required("v.updated_at", Kind::Integer, direction),
        }
    }
}

fn clause(clause: &ModelVersionClause) -> Sql {
    match clause {
        ModelVersionClause::Text(VersionText::Name, test @ TextTest::Equal(_)) => {
            // The index of one model's versions has them in order.
            Sql::new("v.model_id = (SELECT m.id FROM registered_models AS m WHERE ")
                .then(predicate::text("m.name", test))
                .text(")")
        }
        // These have no columns but expressions, which no index serves: it is the narrowing that tells whether
        // one is to be asked, and otherwise versions are read in their order.
        ModelVersionClause::Text(VersionText::Name, test) => predicate::text(NAME, test),
        ModelVersionClause::Text(VersionText::RunId, test) => predicate::text("COALESCE(v.run_id, '')", test),
        ModelVersionClause::Text(VersionText::SourcePath, test) => predicate::text("(v.source || '')", test),
        ModelVersionClause::Number(test) => predicate::integer("v.version", *test),
        ModelVersionClause::Tag { key, test } => TAGS.text(key, test),
        ModelVersionClause::NotPrompt => {
            // Does not depend on the row, so it is computed once: of no rows, where there are no prompts.
            Sql::new(
                "v.model_id NOT IN (SELECT p.model_id FROM model_version_tags AS k
                                    JOIN model_versions AS p ON p.id = k.version_id
                                    WHERE k.key = ",
            )
            .bind(prompts::IS_PROMPT.to_owned())
            .text(" AND k.value = 'true')")
        }
    }
}

fn narrowing(clause: &ModelVersionClause) -> Option<Narrowing> {
    let (table, id) = ("model_versions", "v.id");
    match clause {
        ModelVersionClause::Text(VersionText::Name, TextTest::Equal(_)) => None,
        ModelVersionClause::Text(VersionText::Name, test) => {
            let models = Sql::new("few.model_id IN (SELECT m.id FROM registered_models AS m WHERE ");
            Some(Narrowing::itself(table, id, models.then(predicate::text("m.name", test)).text(")")))
        }
        // An empty run id stands for none.
        ModelVersionClause::Text(VersionText::RunId, test @ TextTest::Equal(run)) if !run.is_empty() => {
            Narrowing::texts(table, id, "few.run_id", test)
        }
        ModelVersionClause::Text(VersionText::RunId, test @ TextTest::In(runs))
            if runs.iter().all(|run| !run.is_empty()) =>
        {
            Narrowing::texts(table, id, "few.run_id", test)
        }
        ModelVersionClause::Text(VersionText::SourcePath, test) => {
            Narrowing::texts(table, id, "few.source", test)
        }
        ModelVersionClause::Tag { key, test } => Some(TAGS.texts(key, test)),
        ModelVersionClause::Text(VersionText::RunId, _)
        | ModelVersionClause::Number(_)
        | ModelVersionClause::NotPrompt => None,
    }
}
