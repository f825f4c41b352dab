//! Registered models over MLflow's protocol: made, read, described, tagged, renamed.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::Mlflow;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn whole_answers_look_as_mlflows() {
    let mlflow = Mlflow::ticking().await;
    let tags =
        json!([{"key": "k", "value": "1"}, {"key": "größe", "value": "✓"}, {"key": "k", "value": "2"}]);
    let body = json!({"name": "Pumpe Nord 3", "tags": tags, "description": "a *model*"});
    insta::assert_json_snapshot!("created", mlflow.post("registered-models/create", body).await);
    mlflow.model("bare").await;
    insta::assert_json_snapshot!("bare", mlflow.get("registered-models/get?name=bare").await);
    for _ in 0..3 {
        mlflow.version("Pumpe Nord 3").await;
    }
    mlflow.stage("Pumpe Nord 3", "1", "Staging").await;
    mlflow.alias("Pumpe Nord 3", "champion", "2").await;
    insta::assert_json_snapshot!("full", mlflow.get("registered-models/get?name=Pumpe%20Nord%203").await);
    let body = json!({"name": "Pumpe Nord 3", "new_name": "Pumpe Süd"});
    insta::assert_json_snapshot!("renamed", mlflow.post("registered-models/rename", body).await);
    let body = json!({"name": "Pumpe Süd", "description": ""});
    let described = mlflow.patch("registered-models/update", body).await;
    assert_eq!(described["registered_model"].get("description"), None);
    let nobody = mlflow.refused(Method::GET, "registered-models/get?name=Pumpe%20Nord%203", None).await;
    assert_eq!(nobody, "404 RESOURCE_DOES_NOT_EXIST: Registered Model with name=Pumpe Nord 3 not found");
    insta::assert_snapshot!("audit", mlflow.audit().join("\n"));
}

#[tokio::test]
async fn both_prefixes_answer() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    let url = mlflow.server.at("/ajax-api/2.0/mlflow/registered-models/get?name=RUL");
    let model: Value = common::get(url).await.json().await.unwrap();
    assert_eq!(model["registered_model"]["name"], "RUL");
}

#[tokio::test]
async fn a_name_belongs_to_one_model() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    mlflow.model("Other").await;
    mlflow.model("rul").await;
    let again = mlflow.refused(Method::POST, "registered-models/create", Some(json!({"name": "RUL"}))).await;
    assert_eq!(again, "400 RESOURCE_ALREADY_EXISTS: Registered Model (name=RUL) already exists.");
    let body = json!({"name": "Other", "new_name": "RUL"});
    let renamed = mlflow.refused(Method::POST, "registered-models/rename", Some(body)).await;
    assert_eq!(renamed, again);
    mlflow.get("registered-models/get?name=Other").await;
    let own = json!({"name": "RUL", "new_name": "RUL"});
    assert_eq!(mlflow.post("registered-models/rename", own).await["registered_model"]["name"], "RUL");
    mlflow.delete("registered-models/delete", json!({"name": "RUL"})).await;
    mlflow.model("RUL").await;
}

#[tokio::test]
async fn a_bad_name_is_refused_wherever_it_comes() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    mlflow.model(&"x".repeat(256)).await;
    for bad in ["", " ", "a/b", "a:b", ".", "..", "a\nb", &"x".repeat(257)] {
        for (path, body) in [
            ("registered-models/create", json!({"name": bad})),
            ("registered-models/rename", json!({"name": "RUL", "new_name": bad})),
            ("model-versions/create", json!({"name": bad, "source": "s3://bucket/x"})),
        ] {
            let refused = mlflow.refused(Method::POST, path, Some(body)).await;
            let named = refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains("name");
            assert!(named, "{path} {bad:?}: {refused}");
        }
    }
    for missing in [json!({}), json!({"name": null}), json!({"name": 5})] {
        let refused = mlflow.refused(Method::POST, "registered-models/create", Some(missing)).await;
        assert!(
            refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains("'name'"),
            "{refused}"
        );
    }
    assert_eq!(mlflow.audit().len(), 2);
}

#[tokio::test]
async fn tags_are_set_and_deleted_and_do_not_count_as_updates() {
    let mlflow = Mlflow::ticking().await;
    mlflow.model("RUL").await;
    let before = mlflow.get("registered-models/get?name=RUL").await;
    for (key, value) in
        [("k", json!("v")), ("k", json!("other")), ("empty", Value::Null), ("a/b c:d", json!(""))]
    {
        mlflow.post("registered-models/set-tag", json!({"name": "RUL", "key": key, "value": value})).await;
    }
    mlflow.delete("registered-models/delete-tag", json!({"name": "RUL", "key": "empty"})).await;
    mlflow.delete("registered-models/delete-tag", json!({"name": "RUL", "key": "never there"})).await;
    let after = mlflow.get("registered-models/get?name=RUL").await;
    let tags = json!([{"key": "a/b c:d", "value": ""}, {"key": "k", "value": "other"}]);
    assert_eq!(after["registered_model"]["tags"], tags);
    let updated = |model: &Value| model["registered_model"]["last_updated_timestamp"].clone();
    assert_eq!(updated(&after), updated(&before));
    assert_eq!(
        mlflow.audit()[1..3],
        ["anonymous set_tag model RUL RUL: - -> k=v", "anonymous set_tag model RUL RUL: k=v -> k=other"]
    );
    for (key, value) in [
        ("", ""),
        ("..", ""),
        ("/abs", ""),
        ("a*b", ""),
        (&*"x".repeat(251), ""),
        ("k", &*"v".repeat(100_001)),
    ] {
        let body = json!({"name": "RUL", "key": key, "value": value});
        let refused = mlflow.refused(Method::POST, "registered-models/set-tag", Some(body)).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE:"), "{key:.20}: {refused}");
    }
    let body = json!({"name": "Nobody", "key": "k", "value": "v"});
    for path in ["registered-models/set-tag"] {
        let refused = mlflow.refused(Method::POST, path, Some(body.clone())).await;
        assert_eq!(refused, "404 RESOURCE_DOES_NOT_EXIST: Registered Model with name=Nobody not found");
    }
}

#[tokio::test]
async fn the_newest_of_each_stage_is_the_latest() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    for _ in 0..5 {
        mlflow.version("RUL").await;
    }
    for (version, stage) in [("1", "Production"), ("2", "production"), ("3", "Staging"), ("4", "Archived")] {
        mlflow.stage("RUL", version, stage).await;
    }
    mlflow.alias("RUL", "champion", "2").await;
    let latest = async |body: Value| -> Vec<String> {
        let found = mlflow.post("registered-models/get-latest-versions", body).await;
        let versions = found.get("model_versions").and_then(Value::as_array).cloned().unwrap_or_default();
        let shown =
            |v: Value| format!("{} {}", v["version"].as_str().unwrap(), v["current_stage"].as_str().unwrap());
        versions.into_iter().map(shown).collect()
    };
    let all = ["2 Production", "3 Staging", "4 Archived", "5 None"];
    assert_eq!(latest(json!({"name": "RUL"})).await, all);
    assert_eq!(latest(json!({"name": "RUL", "stages": []})).await, all);
    assert_eq!(latest(json!({"name": "RUL", "stages": ["PRODUCTION"]})).await, all[..1]);
    assert_eq!(latest(json!({"name": "RUL", "stages": ["None", "Staging"]})).await, [all[1], all[3]]);
    let path = "registered-models/get-latest-versions?name=RUL&stages=Production&stages=None";
    let by_get = mlflow.get(path).await;
    assert_eq!(by_get["model_versions"][0]["aliases"], json!(["champion"]));
    assert_eq!(by_get["model_versions"][1]["version"], "5");
    // In a model they come without their aliases, which the model has.
    let model = mlflow.get("registered-models/get?name=RUL").await;
    assert_eq!(model["registered_model"]["latest_versions"][0].get("aliases"), None);
    let body = json!({"name": "RUL", "stages": ["Nowhere"]});
    let refused = mlflow.refused(Method::POST, "registered-models/get-latest-versions", Some(body)).await;
    assert!(
        refused.starts_with("400 INVALID_PARAMETER_VALUE: Invalid Model Version stage: Nowhere."),
        "{refused}"
    );
    let body = json!({"name": "Nobody"});
    let refused = mlflow.refused(Method::POST, "registered-models/get-latest-versions", Some(body)).await;
    assert!(refused.starts_with("404 RESOURCE_DOES_NOT_EXIST"), "{refused}");
}
