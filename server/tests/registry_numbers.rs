//! A version's number is never used twice under a name, whatever was deleted, renamed or made anew.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::Mlflow;
use reqwest::Method;
use serde_json::json;

async fn rename(mlflow: &Mlflow, from: &str, to: &str) {
    mlflow.post("registered-models/rename", json!({"name": from, "new_name": to})).await;
}

#[tokio::test]
async fn a_deleted_versions_number_is_not_used_again() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    for expected in ["1", "2", "3"] {
        assert_eq!(mlflow.version("RUL").await, expected);
    }
    for version in ["3", "1", "2"] {
        mlflow.delete("model-versions/delete", json!({"name": "RUL", "version": version})).await;
    }
    assert_eq!(mlflow.version("RUL").await, "4");
}

#[tokio::test]
async fn a_model_made_anew_goes_on_counting() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    mlflow.version("RUL").await;
    mlflow.server.registry.reserve_version(&"RUL".parse().unwrap()).await.unwrap();
    mlflow.delete("registered-models/delete", json!({"name": "RUL"})).await;
    mlflow.model("RUL").await;
    assert_eq!(mlflow.version("RUL").await, "3");
}

#[tokio::test]
async fn a_renamed_model_goes_on_counting_and_so_does_its_old_name() {
    let mlflow = Mlflow::start().await;
    mlflow.model("old").await;
    mlflow.version("old").await;
    mlflow.version("old").await;
    rename(&mlflow, "old", "new").await;
    assert_eq!(mlflow.version("new").await, "3");
    // Back and forth it is the same model with the same versions.
    rename(&mlflow, "new", "old").await;
    rename(&mlflow, "old", "new").await;
    mlflow.model("old").await;
    assert_eq!(mlflow.version("old").await, "4");
    assert_eq!(mlflow.version("new").await, "4");
}

#[tokio::test]
async fn a_name_that_had_versions_takes_no_other_model_with_the_same_numbers() {
    let mlflow = Mlflow::start().await;
    for name in ["gone", "other", "empty"] {
        mlflow.model(name).await;
    }
    mlflow.version("gone").await;
    mlflow.version("gone").await;
    mlflow.version("other").await;
    mlflow.delete("registered-models/delete", json!({"name": "gone"})).await;
    let body = json!({"name": "other", "new_name": "gone"});
    let refused = mlflow.refused(Method::POST, "registered-models/rename", Some(body)).await;
    assert_eq!(
        refused,
        "400 INVALID_PARAMETER_VALUE: new_name \"gone\" was another model's, with versions up to 2, and numbers never \
         repeat: \"other\" has a version 1; choose another name"
    );
    rename(&mlflow, "empty", "gone").await;
    assert_eq!(mlflow.version("gone").await, "3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_at_once_get_sixteen_numbers() {
    let mlflow = Arc::new(Mlflow::start().await);
    mlflow.model("RUL").await;
    let creators: Vec<_> = (0..16)
        .map(|_| {
            let mlflow = Arc::clone(&mlflow);
            tokio::spawn(async move { [mlflow.version("RUL").await, mlflow.version("RUL").await] })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for creator in creators {
        numbers.extend(creator.await.unwrap().map(|number| number.parse::<u32>().unwrap()));
    }
    assert_eq!(numbers, (1..=32).collect());
}
