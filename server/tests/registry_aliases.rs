//! An alias moves in one way with one history, through MLflow's protocol and through the registry's own.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{MODEL, Mlflow, get, http, publish, refusal};
use overhaul_client::{AliasAnswer, MoveAlias};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_alias_leads_to_its_version() {
    let mlflow = Mlflow::ticking().await;
    mlflow.model("RUL").await;
    for _ in 0..3 {
        mlflow.version("RUL").await;
    }
    mlflow.alias("RUL", "champion", "1").await;
    mlflow.alias("RUL", "champion", "2").await;
    mlflow.alias("RUL", "a-second", "2").await;
    let found = mlflow.get("registered-models/alias?name=RUL&alias=champion").await;
    insta::assert_json_snapshot!("by_alias", found);
    assert_eq!(
        mlflow.get("model-versions/get?name=RUL&version=1").await["model_version"].get("aliases"),
        None
    );
    let model = mlflow.get("registered-models/get?name=RUL").await;
    let aliases = json!([{"alias": "a-second", "version": "2"}, {"alias": "champion", "version": "2"}]);
    assert_eq!(model["registered_model"]["aliases"], aliases);
    let latest = mlflow.get("registered-models/alias?name=RUL&alias=LATEST").await;
    assert_eq!(latest["model_version"]["version"], "3");
    for _ in 0..2 {
        mlflow.delete("registered-models/alias", json!({"name": "RUL", "alias": "champion"})).await;
    }
    let refused = mlflow.refused(Method::GET, "registered-models/alias?name=RUL&alias=champion", None).await;
    assert_eq!(refused, "400 INVALID_PARAMETER_VALUE: Registered model alias champion not found.");
    insta::assert_snapshot!("audit", mlflow.audit()[4..].join("\n"));
}

#[tokio::test]
async fn a_bad_alias_is_refused_and_changes_nothing() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    mlflow.version("RUL").await;
    let rows = mlflow.audit().len();
    for bad in
        ["", " ", "latest", "Latest", "v1", "V22", "a b", "a.b", "a/b", "..", "a@b", "🚂", &"x".repeat(256)]
    {
        let body = json!({"name": "RUL", "alias": bad, "version": "1"});
        let refused = mlflow.refused(Method::POST, "registered-models/alias", Some(body)).await;
        assert!(
            refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains("alias"),
            "{refused}"
        );
    }
    for (body, wanted) in [
        (json!({"name": "RUL", "alias": "a"}), "'version'"),
        (json!({"name": "RUL", "alias": "a", "version": "abc"}), "got 'abc'"),
        (json!({"name": "RUL", "alias": "a", "version": 1}), "'version'"),
        (json!({"name": "RUL", "alias": "a", "version": "1", "reason": "x".repeat(2001)}), "reason has 2001"),
        (json!({"name": "RUL", "alias": "a", "version": "1", "actor": "\u{1b}[2J"}), "actor has 4"),
    ] {
        let refused = mlflow.refused(Method::POST, "registered-models/alias", Some(body)).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains(wanted), "{refused}");
    }
    assert_eq!(mlflow.audit().len(), rows);
    for good in ["v", "v1a", "1", "Prüfung", "a_b-C", "-", &"x".repeat(255)] {
        mlflow.alias("RUL", good, "1").await;
    }
    // Nothing is kept under a reserved name: it is found nowhere, and to delete it deletes nothing.
    let refused = mlflow.refused(Method::GET, "registered-models/alias?name=RUL&alias=v1", None).await;
    assert_eq!(refused, "400 INVALID_PARAMETER_VALUE: Registered model alias v1 not found.");
    mlflow.delete("registered-models/alias", json!({"name": "RUL", "alias": "latest"})).await;
    for path in ["alias?name=RUL&alias=..", "alias?name=RUL", "alias?alias=x"] {
        let refused = mlflow.refused(Method::GET, &format!("registered-models/{path}"), None).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE:"), "{path}: {refused}");
    }
    let refused = mlflow.refused(Method::GET, "registered-models/alias?name=Nobody&alias=x", None).await;
    assert_eq!(refused, "404 RESOURCE_DOES_NOT_EXIST: Registered Model with name=Nobody not found");
}

#[tokio::test]
async fn both_apis_move_the_same_alias_and_write_one_history() {
    let mlflow = Mlflow::start().await;
    let registry = &mlflow.server.registry;
    publish(registry, b"one").await;
    publish(registry, b"two").await;
    let production = "production".parse().unwrap();
    let to =
        MoveAlias { version: common::version(1), actor: "Ada".to_owned(), reason: Some("first".to_owned()) };
    registry.move_alias(&common::model(), &production, &to).await.unwrap();
    mlflow.alias(MODEL, "production", "2").await;
    let body =
        json!({"name": MODEL, "alias": "production", "version": "1", "actor": "Bo", "reason": "worse"});
    mlflow.post("registered-models/alias", body).await;
    let history: Value =
        get(mlflow.server.at(&format!("/api/v1/models/{MODEL}/history"))).await.json().await.unwrap();
    insta::assert_json_snapshot!("history", history);
    let AliasAnswer::Current { target, .. } =
        registry.alias(&common::model(), &production, None).await.unwrap()
    else {
        panic!("the answer must be whole")
    };
    assert_eq!(target.version, common::version(1));
}

#[tokio::test]
async fn gateways_are_told_why_an_alias_leads_to_no_bundle() {
    let mlflow = Mlflow::start().await;
    publish(&mlflow.server.registry, b"one").await;
    mlflow.version(MODEL).await;
    mlflow.alias(MODEL, "production", "2").await;
    let url = mlflow.server.at(&format!("/api/v1/models/{MODEL}/aliases/production"));
    assert_eq!(
        refusal(get(&url).await).await,
        format!(
            "404 RESOURCE_DOES_NOT_EXIST: version 2 of \"{MODEL}\" has no bundle for gateways: none was published with it"
        )
    );
    let sql = "INSERT INTO bundle_refusals (version_id, refused_at, reason)
               SELECT id, 1, 'the graph needs the operator Foo' FROM model_versions WHERE version = 2";
    mlflow.database().execute(sql, []).unwrap();
    let told = refusal(get(&url).await).await;
    assert!(told.ends_with("has no bundle for gateways: the graph needs the operator Foo"), "{told}");
    // The registry's own API promotes only what gateways can run.
    let body = json!({"version": 2, "actor": "Ada"}).to_string();
    let answer = http().put(&url).header("Content-Type", "application/json").body(body).send().await.unwrap();
    assert!(refusal(answer).await.contains("has no bundle for gateways"));
}
