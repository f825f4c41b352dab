//! Versions over MLflow's protocol: made, read, described, tagged, and those that were published as bundles.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{MODEL, Mlflow, publish};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn whole_answers_look_as_mlflows() {
    let mlflow = Mlflow::ticking().await;
    mlflow.run("abc");
    mlflow.model("RUL").await;
    let body = json!({
        "name": "RUL", "source": "runs:/abc/model", "run_id": "abc", "description": "dd",
        "tags": [{"key": "q", "value": "1"}], "run_link": "http://example.org/run",
    });
    insta::assert_json_snapshot!("created", mlflow.post("model-versions/create", body).await);
    let body = json!({"name": "RUL", "source": "s3://bucket/model"});
    insta::assert_json_snapshot!("bare", mlflow.post("model-versions/create", body).await);
    mlflow.alias("RUL", "b", "1").await;
    mlflow.alias("RUL", "a", "1").await;
    insta::assert_json_snapshot!("with_aliases", mlflow.get("model-versions/get?name=RUL&version=1").await);
    let body = json!({"name": "RUL", "version": "1", "description": "new ✓"});
    let described = mlflow.patch("model-versions/update", body).await;
    assert_eq!(described, mlflow.get("model-versions/get?name=RUL&version=1").await);
    assert_eq!(described["model_version"]["description"], "new ✓");
    let cleared = mlflow.patch("model-versions/update", json!({"name": "RUL", "version": "1"})).await;
    assert_eq!(cleared["model_version"].get("description"), None);
    insta::assert_snapshot!("audit", mlflow.audit().join("\n"));
}

#[tokio::test]
async fn a_published_bundle_is_an_ordinary_version() {
    let mlflow = Mlflow::start().await;
    let published = publish(&mlflow.server.registry, b"model").await;
    insta::assert_json_snapshot!(
        "published",
        mlflow.get(&format!("model-versions/get?name={MODEL}&version=1")).await
    );
    let uri = mlflow.get(&format!("model-versions/get-download-uri?name={MODEL}&version=1")).await;
    assert_eq!(uri["artifact_uri"], format!("mlflow-artifacts:/bundles/{}", published.bundle_sha256));
    assert_eq!(mlflow.version(MODEL).await, "2");
    assert_eq!(publish(&mlflow.server.registry, b"other").await.version.get(), 3);
    let model = mlflow.get(&format!("registered-models/get?name={MODEL}")).await;
    assert_eq!(model["registered_model"]["latest_versions"][0]["version"], "3");
}

#[tokio::test]
async fn a_version_is_a_whole_number() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    mlflow.version("RUL").await;
    for good in ["1", "01", "%201"] {
        mlflow.get(&format!("model-versions/get?name=RUL&version={good}")).await;
    }
    for none in ["0", "-1", "2", "4294967295", "4294967296", "99999999999999999999"] {
        for path in ["get", "get-download-uri"] {
            let path = format!("model-versions/{path}?name=RUL&version={none}");
            assert_eq!(
                mlflow.refused(Method::GET, &path, None).await,
                format!("404 RESOURCE_DOES_NOT_EXIST: Model Version (name=RUL, version={none}) not found")
            );
        }
    }
    for bad in ["abc", "1.5", "", "1e3"] {
        let path = format!("model-versions/get?name=RUL&version={bad}");
        let refused = mlflow.refused(Method::GET, &path, None).await;
        let named = refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains("'version'");
        assert!(named && refused.contains(bad), "{refused}");
    }
    let body = json!({"name": "RUL", "version": 1});
    let refused = mlflow.refused(Method::DELETE, "model-versions/delete", Some(body)).await;
    assert!(
        refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains("'version'"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    let missing = "404 RESOURCE_DOES_NOT_EXIST: Model Version (name=RUL, version=9) not found";
    for (method, path, more) in [
        (Method::PATCH, "model-versions/update", json!({"description": "x"})),
        (Method::DELETE, "model-versions/delete", json!({})),
        (Method::POST, "model-versions/set-tag", json!({"key": "k", "value": "v"})),
        (Method::DELETE, "model-versions/delete-tag", json!({"key": "k"})),
        (Method::POST, "model-versions/transition-stage", json!({"stage": "Staging"})),
        (Method::POST, "registered-models/alias", json!({"alias": "a"})),
    ] {
        let mut body = more;
        body["name"] = json!("RUL");
        body["version"] = json!("9");
        assert_eq!(mlflow.refused(method, path, Some(body)).await, missing, "{path}");
    }
    let body = json!({"name": "Nobody", "source": "s3://bucket/x"});
    let refused = mlflow.refused(Method::POST, "model-versions/create", Some(body)).await;
    assert_eq!(refused, "404 RESOURCE_DOES_NOT_EXIST: Registered Model with name=Nobody not found");
    assert_eq!(mlflow.audit().len(), 1);
}

#[tokio::test]
async fn tags_are_set_and_deleted() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    mlflow.version("RUL").await;
    mlflow.version("RUL").await;
    for (key, value) in [
        ("k", json!("v")),
        ("k", json!("other")),
        ("none", Value::Null),
        ("long", json!("v".repeat(100_000))),
    ] {
        let body = json!({"name": "RUL", "version": "1", "key": key, "value": value});
        mlflow.post("model-versions/set-tag", body).await;
    }
    mlflow.delete("model-versions/delete-tag", json!({"name": "RUL", "version": "1", "key": "long"})).await;
    mlflow.delete("model-versions/delete-tag", json!({"name": "RUL", "version": "1", "key": "long"})).await;
    let one = mlflow.get("model-versions/get?name=RUL&version=1").await;
    let tags = json!([{"key": "k", "value": "other"}, {"key": "none", "value": ""}]);
    assert_eq!(one["model_version"]["tags"], tags);
    let two = mlflow.get("model-versions/get?name=RUL&version=2").await;
    assert_eq!(two["model_version"].get("tags"), None);
}

#[tokio::test]
async fn each_change_touches_what_the_real_server_touches() {
    let mlflow = Mlflow::ticking().await;
    mlflow.model("RUL").await;
    mlflow.version("RUL").await;
    mlflow.version("RUL").await;
    // Whether the model, the first version and the second have another time than before.
    let mut before = times(&mlflow, "RUL").await;
    let of = |version: &str| json!({"name": "RUL", "version": version});
    let with = |mut body: Value, key: &str, value: Value| {
        body[key] = value;
        body
    };
    for (method, path, body, touched) in [
        (
            Method::POST,
            "model-versions/create",
            json!({"name": "RUL", "source": "s3://b/x"}),
            [true, false, false],
        ),
        (
            Method::PATCH,
            "registered-models/update",
            json!({"name": "RUL", "description": "d"}),
            [true, false, false],
        ),
        (
            Method::PATCH,
            "model-versions/update",
            with(of("1"), "description", json!("d")),
            [false, true, false],
        ),
        (Method::POST, "registered-models/alias", with(of("1"), "alias", json!("a")), [false; 3]),
        (Method::DELETE, "registered-models/alias", json!({"name": "RUL", "alias": "a"}), [false; 3]),
        (
            Method::POST,
            "model-versions/transition-stage",
            with(of("1"), "stage", json!("Staging")),
            [true, true, false],
        ),
        (
            Method::POST,
            "model-versions/transition-stage",
            json!({"name": "RUL", "version": "2", "stage": "Staging", "archive_existing_versions": true}),
            [true; 3],
        ),
        (
            Method::POST,
            "model-versions/set-tag",
            json!({"name": "RUL", "version": "1", "key": "k"}),
            [false; 3],
        ),
        (Method::DELETE, "model-versions/delete", of("3"), [true, false, false]),
        (Method::POST, "registered-models/rename", json!({"name": "RUL", "new_name": "RUL"}), [true; 3]),
    ] {
        let answer = mlflow.send(method, path, Some(body)).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        let after = times(&mlflow, "RUL").await;
        let changed: Vec<bool> = before.iter().zip(&after).map(|(before, after)| before != after).collect();
        assert_eq!(changed, touched, "{path}");
        before = after;
    }
}

async fn times(mlflow: &Mlflow, model: &str) -> Vec<i64> {
    let mut times = Vec::new();
    let answer = mlflow.get(&format!("registered-models/get?name={model}")).await;
    times.push(answer["registered_model"]["last_updated_timestamp"].as_i64().unwrap());
    for version in [1, 2] {
        let answer = mlflow.get(&format!("model-versions/get?name={model}&version={version}")).await;
        times.push(answer["model_version"]["last_updated_timestamp"].as_i64().unwrap());
    }
    times
}
