//! What is in production is deleted only by force.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{MODEL, Mlflow, publish};
use reqwest::Method;
use serde_json::{Value, json};

const VERSION: &str = "model-versions/delete";
const MODELS: &str = "registered-models/delete";

/// Version 1 has the alias, version 2 the stage, version 3 neither.
async fn in_production() -> Mlflow {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    for _ in 0..3 {
        mlflow.version("RUL").await;
    }
    mlflow.alias("RUL", "production", "1").await;
    mlflow.alias("RUL", "champion", "1").await;
    mlflow.stage("RUL", "2", "Production").await;
    mlflow
}

fn version(number: &str) -> Value {
    json!({"name": "RUL", "version": number})
}

#[tokio::test]
async fn what_is_in_production_is_not_deleted() {
    let mlflow = in_production().await;
    let rows = mlflow.audit().len();
    for (path, body, named) in
        [(VERSION, version("1"), 1), (VERSION, version("2"), 2), (MODELS, json!({"name": "RUL"}), 1)]
    {
        for body in [body.clone(), {
            let mut refused = body.clone();
            refused["force"] = json!(false);
            refused
        }] {
            assert_eq!(
                mlflow.refused(Method::DELETE, path, Some(body)).await,
                format!(
                    "400 INVALID_PARAMETER_VALUE: version {named} of \"RUL\" is in production: move the alias \
                     production to another version and the version out of the stage Production, or send \"force\": true"
                )
            );
        }
    }
    assert_eq!(mlflow.audit().len(), rows);
    mlflow.delete(VERSION, version("3")).await;
}

#[tokio::test]
async fn what_left_production_is_deleted() {
    let mlflow = in_production().await;
    mlflow.alias("RUL", "production", "3").await;
    mlflow.delete(VERSION, version("1")).await;
    mlflow.stage("RUL", "2", "Archived").await;
    mlflow.delete(VERSION, version("2")).await;
    mlflow.delete("registered-models/alias", json!({"name": "RUL", "alias": "production"})).await;
    mlflow.delete(MODELS, json!({"name": "RUL"})).await;
}

#[tokio::test]
async fn force_deletes_a_version_with_its_aliases_and_the_trail_stays() {
    let mlflow = in_production().await;
    let rows = mlflow.audit().len();
    mlflow.delete(VERSION, json!({"name": "RUL", "version": "1", "force": true})).await;
    mlflow.delete(&format!("{VERSION}?force=true"), version("2")).await;
    let model = mlflow.get("registered-models/get?name=RUL").await;
    assert_eq!(model["registered_model"].get("aliases"), None);
    insta::assert_snapshot!("deleted_versions", mlflow.audit()[rows..].join("\n"));
    for number in ["1", "2"] {
        let path = format!("model-versions/get?name=RUL&version={number}");
        assert!(mlflow.refused(Method::GET, &path, None).await.starts_with("404"), "{number}");
    }
}

#[tokio::test]
async fn force_deletes_a_model_with_everything_but_the_trail() {
    let mlflow = in_production().await;
    publish(&mlflow.server.registry, b"model").await;
    mlflow.alias(MODEL, "production", "1").await;
    mlflow.delete(MODELS, json!({"name": "RUL", "force": true})).await;
    mlflow.delete(&format!("{MODELS}?force=true"), json!({"name": MODEL})).await;
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        mlflow.database().query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    for table in ["registered_models", "model_versions", "model_aliases", "bundles"] {
        assert_eq!(count(table), 0, "{table}");
    }
    assert!(mlflow.audit().iter().any(|row| row.contains("set_alias alias production RUL: - -> 1")));
    let body = json!({"name": "RUL", "version": "1", "force": "yes"});
    let refused = mlflow.refused(Method::DELETE, VERSION, Some(body)).await;
    assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains("'force'"), "{refused}");
}
