//! A version is made only of what its maker can name the owner of, and downloads from where its files lie.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Mlflow, publish};
use reqwest::Method;
use serde_json::{Value, json};

const ROOT: &str = "mlflow-artifacts:/9/abc/artifacts";

async fn with_sources() -> Mlflow {
    let mlflow = Mlflow::start().await;
    mlflow.run("abc");
    mlflow.run("other");
    mlflow.logged_model("m-1", "model", "abc");
    mlflow.logged_model("m-gone", "gone", "abc");
    let sql = "UPDATE logged_models SET lifecycle_stage = 'deleted' WHERE model_id = 'm-gone'";
    mlflow.database().execute(sql, []).unwrap();
    mlflow.model("RUL").await;
    mlflow
}

fn body(source: &str, more: &Value) -> Value {
    let mut body = more.clone();
    body["name"] = json!("RUL");
    body["source"] = json!(source);
    body
}

#[tokio::test]
async fn a_version_downloads_from_where_its_source_lies() {
    let mlflow = with_sources().await;
    let model = "mlflow-artifacts:/9/models/m-1/artifacts";
    for (source, more, uri, run) in [
        ("runs:/abc", json!({"run_id": "abc"}), ROOT.to_owned(), "abc"),
        ("runs:/abc/a//b/", json!({"run_id": "abc"}), format!("{ROOT}/a/b"), "abc"),
        ("runs:/abc/model", json!({"run_id": "abc"}), model.to_owned(), "abc"),
        ("runs:/abc/model/data", json!({"run_id": "abc"}), format!("{model}/data"), "abc"),
        ("runs:/abc/gone", json!({"run_id": "abc"}), format!("{ROOT}/gone"), "abc"),
        ("models:/m-1", json!({"model_id": "m-1"}), model.to_owned(), "abc"),
        ("models:/m-1", json!({"model_id": "m-1", "run_id": "mine"}), model.to_owned(), "mine"),
        (ROOT, json!({"run_id": "abc"}), ROOT.to_owned(), "abc"),
        ("MLFLOW-ARTIFACTS:///9/abc/artifacts/x", json!({"run_id": "abc"}), format!("{ROOT}/x"), "abc"),
        (&*format!("{model}/data"), json!({"model_id": "m-1"}), format!("{model}/data"), "abc"),
        ("s3://bucket/x", json!({}), "s3://bucket/x".to_owned(), ""),
        ("gs://bucket/x", json!({"run_id": "mine"}), "gs://bucket/x".to_owned(), "mine"),
    ] {
        let made = mlflow.post("model-versions/create", body(source, &more)).await;
        let version = &made["model_version"];
        assert_eq!(
            (version["source"].as_str(), version["run_id"].as_str()),
            (Some(source), Some(run)),
            "{source}"
        );
        let number = version["version"].as_str().unwrap();
        let path = format!("model-versions/get-download-uri?name=RUL&version={number}");
        assert_eq!(mlflow.get(&path).await, json!({"artifact_uri": uri}), "{source}");
    }
}

#[tokio::test]
async fn who_does_not_name_the_owner_is_refused() {
    let mlflow = with_sources().await;
    for (source, more, wanted) in [
        ("runs:/abc/model", json!({}), "run_id"),
        ("runs:/abc/model", json!({"run_id": "other"}), "run_id"),
        ("runs:/nobody/model", json!({"run_id": "nobody"}), "run_id"),
        ("runs:/abc/model", json!({"run_id": "abc", "model_id": "m-1"}), "model_id"),
        ("models:/m-1", json!({}), "model_id"),
        ("models:/m-1", json!({"run_id": "abc"}), "model_id"),
        ("models:/m-1", json!({"model_id": "m-2"}), "model_id"),
        ("models:/m-2", json!({"model_id": "m-2"}), "model_id"),
        ("models:/m-gone", json!({"model_id": "m-gone"}), "model_id"),
        (ROOT, json!({}), "run_id"),
        (ROOT, json!({"run_id": "other"}), "run_id"),
        (ROOT, json!({"run_id": "nobody"}), "run_id"),
        (ROOT, json!({"run_id": "abc", "model_id": "m-1"}), "model_id"),
        ("mlflow-artifacts:/9/abc", json!({"run_id": "abc"}), "run_id"),
        ("mlflow-artifacts:/9/abc/artifacts2", json!({"run_id": "abc"}), "run_id"),
        ("mlflow-artifacts:/9/models/m-1/artifacts", json!({"run_id": "abc"}), "run_id"),
        ("s3://bucket/x", json!({"model_id": "m-2"}), "model_id"),
    ] {
        let refused = mlflow.refused(Method::POST, "model-versions/create", Some(body(source, &more))).await;
        let starts = format!("400 INVALID_PARAMETER_VALUE: Invalid model version source: '{source}'.");
        assert!(refused.starts_with(&starts) && refused.contains(wanted), "{source} {more}: {refused}");
    }
}

#[tokio::test]
async fn a_source_that_climbs_or_leads_elsewhere_is_refused() {
    let mlflow = with_sources().await;
    for source in [
        format!("{ROOT}/../x"),
        format!("{ROOT}/%2e%2e/x"),
        format!("{ROOT}/%252e%252e/x"),
        format!("{ROOT}/..%2fx"),
        format!("{ROOT}/..\\x"),
        format!("{ROOT}/x\0"),
        format!("{ROOT}/x%00"),
        format!("{ROOT}#/../../x"),
        format!("{ROOT}/x?y=/../z"),
        "runs:/abc/../other".to_owned(),
        "mlflow-artifacts://elsewhere/9/abc/artifacts".to_owned(),
        "/etc/passwd".to_owned(),
        "x/y".to_owned(),
        "file:///etc/passwd".to_owned(),
        "file://host/etc".to_owned(),
        "http://169.254.169.254/latest".to_owned(),
        "hdfs://host/x".to_owned(),
        "s3://bucket/../x".to_owned(),
        "dummy-source".to_owned(),
    ] {
        let asked = body(&source, &json!({"run_id": "abc"}));
        let refused = mlflow.refused(Method::POST, "model-versions/create", Some(asked)).await;
        assert!(
            refused.starts_with("400 INVALID_PARAMETER_VALUE: Invalid model version source"),
            "{refused}"
        );
    }
    let missing = mlflow.refused(Method::POST, "model-versions/create", Some(json!({"name": "RUL"}))).await;
    assert_eq!(missing, "400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'source'.");
    assert_eq!(mlflow.version("RUL").await, "1");
}

#[tokio::test]
async fn a_copy_lies_where_its_original_lies_and_outlives_it() {
    let mlflow = with_sources().await;
    mlflow.post("model-versions/create", body("models:/m-1", &json!({"model_id": "m-1"}))).await;
    mlflow.alias("RUL", "best", "1").await;
    mlflow.stage("RUL", "1", "Staging").await;
    mlflow.model("Copy").await;
    for (number, source) in
        ["1", "latest", "staging"].map(|which| format!("models:/RUL/{which}")).iter().enumerate()
    {
        let made = mlflow
            .post("model-versions/create", json!({"name": "Copy", "source": source, "run_id": "abc"}))
            .await;
        let version = &made["model_version"];
        assert_eq!((&version["source"], &version["run_id"]), (&json!("models:/RUL/1"), &json!("abc")));
        assert_eq!(version["version"], (number + 1).to_string());
    }
    let made =
        mlflow.post("model-versions/create", json!({"name": "Copy", "source": "models:/RUL@best"})).await;
    assert_eq!(
        (&made["model_version"]["source"], &made["model_version"]["run_id"]),
        (&json!("models:/RUL/1"), &json!("abc"))
    );
    mlflow.delete("model-versions/delete", json!({"name": "RUL", "version": "1"})).await;
    let uri = mlflow.get("model-versions/get-download-uri?name=Copy&version=4").await;
    assert_eq!(uri["artifact_uri"], "mlflow-artifacts:/9/models/m-1/artifacts");
    for (source, more, wanted) in [
        ("models:/RUL/1", json!({}), "404"),
        ("models:/RUL@best", json!({}), "404"),
        ("models:/Nobody/1", json!({}), "404"),
        ("models:/Copy/Nowhere", json!({}), "400"),
        ("models:/Copy/1", json!({"run_id": "other"}), "400"),
        ("models:/Copy/1", json!({"run_id": ""}), "400"),
        ("models:/Copy/1", json!({"model_id": "m-2"}), "400"),
    ] {
        let refused = mlflow.refused(Method::POST, "model-versions/create", Some(body(source, &more))).await;
        assert!(refused.starts_with(wanted), "{source}: {refused}");
    }
}

#[tokio::test]
async fn a_published_bundle_is_copied_by_its_name_only() {
    let mlflow = Mlflow::start().await;
    let published = publish(&mlflow.server.registry, b"model").await;
    let files = format!("mlflow-artifacts:/bundles/{}", published.bundle_sha256);
    mlflow.model("RUL").await;
    let refused = mlflow.refused(Method::POST, "model-versions/create", Some(body(&files, &json!({})))).await;
    assert!(refused.contains("run_id"), "{refused}");
    let source = format!("models:/{}/1", common::MODEL);
    mlflow.post("model-versions/create", body(&source, &json!({"run_id": ""}))).await;
    let uri = mlflow.get("model-versions/get-download-uri?name=RUL&version=1").await;
    assert_eq!(uri["artifact_uri"], files);
}

#[tokio::test]
async fn a_prompt_has_no_files() {
    let mlflow = Mlflow::start().await;
    let tags = json!([{"key": "mlflow.prompt.is_prompt", "value": "true"}]);
    mlflow.post("registered-models/create", json!({"name": "RUL", "tags": tags})).await;
    let mut more = json!({"tags": tags});
    mlflow.post("model-versions/create", body("prompt-template", &more)).await;
    let refused =
        mlflow.refused(Method::POST, "model-versions/create", Some(body("s3://bucket/x", &more))).await;
    assert!(refused.starts_with("400"), "{refused}");
    more = json!({});
    let refused =
        mlflow.refused(Method::POST, "model-versions/create", Some(body("models:/RUL/1", &more))).await;
    assert!(refused.contains("prompt"), "{refused}");
}
