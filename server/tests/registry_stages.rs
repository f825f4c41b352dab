//! Stages, which MLflow deprecated and scripts still use.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::Mlflow;
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "model-versions/transition-stage";

async fn stages(mlflow: &Mlflow) -> Vec<String> {
    let mut stages = Vec::new();
    for version in 1..=4 {
        let found = mlflow.get(&format!("model-versions/get?name=RUL&version={version}")).await;
        stages.push(found["model_version"]["current_stage"].as_str().unwrap().to_owned());
    }
    stages
}

async fn started() -> Mlflow {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    for _ in 0..4 {
        mlflow.version("RUL").await;
    }
    mlflow
}

fn to(version: &str, stage: &str, archive: bool) -> Value {
    json!({"name": "RUL", "version": version, "stage": stage, "archive_existing_versions": archive})
}

#[tokio::test]
async fn a_version_takes_the_place_of_the_others_when_asked_to() {
    let mlflow = started().await;
    let moved = mlflow.post(PATH, to("1", "Staging", false)).await;
    assert_eq!(moved, mlflow.get("model-versions/get?name=RUL&version=1").await);
    mlflow.post(PATH, to("2", "staging", false)).await;
    assert_eq!(stages(&mlflow).await, ["Staging", "Staging", "None", "None"]);
    mlflow.post(PATH, to("3", "STAGING", true)).await;
    assert_eq!(stages(&mlflow).await, ["Archived", "Archived", "Staging", "None"]);
    mlflow.post(PATH, to("3", "Staging", true)).await;
    assert_eq!(stages(&mlflow).await, ["Archived", "Archived", "Staging", "None"]);
    mlflow.post(PATH, to("3", "Production", true)).await;
    mlflow.post(PATH, to("4", "Production", true)).await;
    mlflow.post(PATH, to("1", "None", false)).await;
    assert_eq!(stages(&mlflow).await, ["None", "Archived", "Archived", "Production"]);
    insta::assert_snapshot!("audit", mlflow.audit()[5..].join("\n"));
}

#[tokio::test]
async fn a_bad_stage_is_refused_and_changes_nothing() {
    let mlflow = started().await;
    mlflow.post(PATH, to("1", "Staging", false)).await;
    for (body, wanted) in [
        (to("1", "Nowhere", false), "stage: Nowhere"),
        (to("1", "", false), "'stage'"),
        (json!({"name": "RUL", "version": "1"}), "'stage'"),
        (to("1", "Archived", true), "archive_existing_versions"),
        (to("1", "None", true), "archive_existing_versions"),
        (
            json!({"name": "RUL", "version": "1", "stage": "None", "archive_existing_versions": "yes"}),
            "archive_existing_versions",
        ),
    ] {
        let refused = mlflow.refused(Method::POST, PATH, Some(body)).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains(wanted), "{refused}");
    }
    let refused = mlflow.refused(Method::POST, PATH, Some(to("9", "Staging", true))).await;
    assert!(refused.starts_with("404 RESOURCE_DOES_NOT_EXIST"), "{refused}");
    assert_eq!(stages(&mlflow).await, ["Staging", "None", "None", "None"]);
}
