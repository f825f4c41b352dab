//! `MLflow` 3's logged models: made, finished, tagged, measured and deleted as its client asks for it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::logged::{create, experiment, id, pair};
use common::{Mlflow, get};
use reqwest::Method;
use serde_json::{Value, json};

const GONE: &str = "m-00000000000000000000000000000000";

#[tokio::test]
async fn a_model_is_answered_as_mlflow_answers_it() {
    let mlflow = Mlflow::start().await;
    let experiment = experiment(&mlflow).await;
    let body = json!({
        "experiment_id": experiment, "name": "model", "model_type": "GRU", "source_run_id": "abc",
        "params": [pair("lr", "0.1"), pair("epochs", "15")], "tags": [pair("k", "v"), pair("größe", "✓")],
    });
    let model = create(&mlflow, body).await;
    let id = id(&model);
    let digits = id.strip_prefix("m-").unwrap();
    assert!(digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    let whole = json!({
        "info": {
            "model_id": id, "experiment_id": experiment, "name": "model",
            "creation_timestamp_ms": 1_772_366_400_000_i64, "last_updated_timestamp_ms": 1_772_366_400_000_i64,
            "artifact_uri": format!("mlflow-artifacts:/{experiment}/models/{id}/artifacts"),
            "status": "LOGGED_MODEL_PENDING", "model_type": "GRU", "source_run_id": "abc",
            "tags": [pair("größe", "✓"), pair("k", "v")],
        },
        "data": {"params": [pair("epochs", "15"), pair("lr", "0.1")]},
    });
    assert_eq!(model, whole);
    assert_eq!(mlflow.get(&format!("logged-models/{id}")).await, json!({"model": whole}));
    let bare = create(&mlflow, json!({"experiment_id": experiment})).await;
    let info = bare["info"].as_object().unwrap();
    assert_eq!(
        (&info["model_type"], &info["source_run_id"], &bare["data"]),
        (&json!(""), &json!(""), &json!({}))
    );
    assert!(!info["name"].as_str().unwrap().is_empty() && !info.contains_key("tags"));
}

#[tokio::test]
async fn a_model_lies_below_its_experiments_artifacts() {
    let mlflow = Mlflow::start().await;
    let body = json!({"name": "elsewhere", "artifact_location": "s3://bucket/x"});
    let experiment = mlflow.post("experiments/create", body).await["experiment_id"].clone();
    let model = create(&mlflow, json!({"experiment_id": experiment})).await;
    assert_eq!(model["info"]["artifact_uri"], format!("s3://bucket/x/models/{}/artifacts", id(&model)));
    let list = format!("logged-models/{}/artifacts/directories", id(&model));
    let refused = mlflow.refused(Method::GET, &list, None).await;
    assert!(refused.starts_with("400 ") && refused.contains("s3://bucket/x"), "{refused}");
}

#[tokio::test]
async fn a_model_is_finished_and_the_time_is_noted() {
    let mlflow = Mlflow::ticking().await;
    let experiment = experiment(&mlflow).await;
    let model = create(&mlflow, json!({"experiment_id": experiment, "name": "model"})).await;
    let (id, created) = (id(&model), model["info"]["creation_timestamp_ms"].as_i64().unwrap());
    let path = format!("logged-models/{id}");
    for status in ["LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_PENDING"] {
        let info =
            mlflow.patch(&path, json!({"model_id": id, "status": status})).await["model"]["info"].clone();
        assert_eq!((&info["status"], &info["creation_timestamp_ms"]), (&json!(status), &json!(created)));
        assert!(info["last_updated_timestamp_ms"].as_i64().unwrap() > created);
    }
    for (body, wanted) in [
        (json!({"model_id": id}), "required parameter 'status'"),
        (json!({"status": "LOGGED_MODEL_READY"}), "required parameter 'model_id'"),
        (json!({"model_id": id, "status": "READY"}), "'status'"),
        (json!({"model_id": id, "status": 9}), "'status'"),
        (json!({"model_id": GONE, "status": "LOGGED_MODEL_READY"}), "the path names"),
    ] {
        let refused = mlflow.refused(Method::PATCH, &path, Some(body)).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
}

#[tokio::test]
async fn tags_change_and_params_do_not() {
    let mlflow = Mlflow::start().await;
    let experiment = experiment(&mlflow).await;
    let body = json!({"experiment_id": experiment, "params": [pair("a", "1")], "tags": [pair("t", "1")]});
    let id = id(&create(&mlflow, body).await);
    let path = format!("logged-models/{id}");
    let (tags, params) = (format!("{path}/tags"), format!("{path}/params"));
    let long = "x".repeat(100_000);
    let some = json!([pair("t", "2"), pair("u", ""), pair("t", "3"), pair("a/b", &long)]);
    assert_eq!(mlflow.patch(&tags, json!({"tags": some})).await, json!({}));
    assert_eq!(mlflow.delete(&format!("{tags}/u"), json!({})).await, json!({}));
    let refused = mlflow.refused(Method::DELETE, &format!("{tags}/u"), None).await;
    let message = format!("404 RESOURCE_DOES_NOT_EXIST: No tag with key 'u' found for model with ID '{id}'.");
    assert_eq!(refused, message);
    assert_eq!(mlflow.delete(&format!("{tags}/a%2Fb"), json!({})).await, json!({}));
    let body = json!({"model_id": id, "params": [pair("b", "2"), pair("a", "1")]});
    assert_eq!(mlflow.post(&params, body).await, json!({}));
    let model = mlflow.get(&path).await["model"].clone();
    assert_eq!(model["info"]["tags"], json!([pair("t", "3")]));
    assert_eq!(model["data"]["params"], json!([pair("a", "1"), pair("b", "2")]));

    let key = "k".repeat(256);
    for (method, path, body, wanted) in [
        (
            Method::POST,
            &params,
            json!({"model_id": id, "params": [pair("c", "1"), pair("b", "3")]}),
            "\"b\" is \"2\"",
        ),
        (Method::POST, &params, json!({"params": [pair("c", "1")]}), "required parameter 'model_id'"),
        (Method::POST, &params, json!({"model_id": id, "params": [pair(&key, "1")]}), "255 characters"),
        (Method::POST, &params, json!({"model_id": id, "params": [{"value": "1"}]}), "'params[0].key'"),
        (Method::PATCH, &tags, json!({"tags": [pair(&key, "1")]}), "255 characters"),
        (Method::PATCH, &tags, json!({"tags": [pair("", "1")]}), "'tags[0].key'"),
        (Method::PATCH, &tags, json!({"tags": "x"}), "'tags'"),
        (Method::PATCH, &tags, json!({"tags": [{"key": "k", "value": 5}]}), "'tags[0].value'"),
    ] {
        let refused = mlflow.refused(method, path, Some(body)).await;
        assert!(
            refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted),
            "{wanted}: {refused}"
        );
    }
    assert_eq!(
        mlflow.get(&format!("logged-models/{id}")).await["model"],
        model,
        "what is refused leaves no trace"
    );
}

#[tokio::test]
async fn a_models_metrics_are_those_that_runs_logged_of_it() {
    let mlflow = Mlflow::start().await;
    let experiment = experiment(&mlflow).await;
    let run = mlflow.post("runs/create", json!({"experiment_id": experiment})).await;
    let run = run["run"]["info"]["run_id"].clone();
    let id = id(&create(&mlflow, json!({"experiment_id": experiment, "source_run_id": run})).await);
    let metric = |key: &str, value: Value, step: i64| json!({"key": key, "value": value, "timestamp": 7, "step": step, "model_id": id});
    let mut on_dataset = metric("rmse", json!(12.5), 1);
    on_dataset
        .as_object_mut()
        .unwrap()
        .extend([("dataset_name".into(), "FD001".into()), ("dataset_digest".into(), "d1".into())]);
    let metrics = [metric("loss", json!(0.5), 1), metric("loss", json!("NaN"), 2), on_dataset.clone()];
    mlflow.post("runs/log-batch", json!({"run_id": run, "metrics": metrics})).await;
    let with_run = |mut metric: Value| {
        metric["run_id"] = run.clone();
        metric
    };
    let [first, second, third] = metrics.map(with_run);
    let model = mlflow.get(&format!("logged-models/{id}")).await;
    assert_eq!(model["model"]["data"], json!({"metrics": [first, third, second]}), "by time and step");
}

#[tokio::test]
async fn what_is_deleted_is_gone_unless_it_is_asked_for() {
    let mlflow = Mlflow::start().await;
    let experiment = experiment(&mlflow).await;
    let id = id(&create(&mlflow, json!({"experiment_id": experiment, "name": "mortal"})).await);
    let path = format!("logged-models/{id}");
    assert_eq!(mlflow.delete(&path, json!({"model_id": id})).await, json!({}));
    let gone = format!("404 RESOURCE_DOES_NOT_EXIST: Logged model with ID '{id}' not found.");
    assert_eq!(mlflow.refused(Method::GET, &path, None).await, gone);
    assert_eq!(mlflow.refused(Method::GET, &format!("{path}/artifacts/directories"), None).await, gone);
    let found = mlflow.get(&format!("{path}?allow_deleted=true")).await;
    assert_eq!(found["model"]["info"]["name"], "mortal");
    // As the real server: what is deleted can be deleted again, finished and tagged.
    mlflow.delete(&path, json!({})).await;
    mlflow.patch(&path, json!({"model_id": id, "status": "LOGGED_MODEL_READY"})).await;
    mlflow.patch(&format!("{path}/tags"), json!({"tags": [pair("k", "v")]})).await;
}

#[tokio::test]
async fn what_cannot_be_made_or_found_is_refused_as_mlflow_refuses_it() {
    let mlflow = Mlflow::start().await;
    let experiment = experiment(&mlflow).await;
    let gone = mlflow.post("experiments/create", json!({"name": "gone"})).await["experiment_id"].clone();
    mlflow.post("experiments/delete", json!({"experiment_id": gone})).await;
    for (body, wanted) in [
        (json!({}), "400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'experiment_id'"),
        (json!({"experiment_id": "999"}), "404 RESOURCE_DOES_NOT_EXIST: No Experiment with id=999 exists"),
        (json!({"experiment_id": gone}), "must be in the 'active' state. Current state is deleted."),
        (json!({"experiment_id": experiment, "name": "a/b"}), "\"a/b\" for parameter 'name'"),
        (json!({"experiment_id": experiment, "name": "x".repeat(501)}), "500 characters"),
        (json!({"experiment_id": experiment, "model_type": "x".repeat(501)}), "500 characters"),
        (
            json!({"experiment_id": experiment, "params": [pair("p", "1"), pair("p", "2")]}),
            "params never change",
        ),
    ] {
        let refused = mlflow.refused(Method::POST, "logged-models", Some(body)).await;
        assert!(refused.contains(wanted), "{wanted}: {refused}");
    }
    let path = format!("logged-models/{GONE}");
    let message = format!("404 RESOURCE_DOES_NOT_EXIST: Logged model with ID '{GONE}' not found.");
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::PATCH, path.clone(), Some(json!({"model_id": GONE, "status": "LOGGED_MODEL_READY"}))),
        (Method::DELETE, path.clone(), None),
        (Method::PATCH, format!("{path}/tags"), Some(json!({"tags": [pair("k", "v")]}))),
        (Method::DELETE, format!("{path}/tags/k"), None),
        (Method::POST, format!("{path}/params"), Some(json!({"model_id": GONE, "params": [pair("p", "1")]}))),
        (Method::GET, format!("{path}/artifacts/directories"), None),
        (Method::GET, format!("{path}/artifacts/files?artifact_file_path=x"), None),
    ] {
        assert_eq!(mlflow.refused(method, &path, body).await, message, "{path}");
    }
    let refused = mlflow.refused(Method::DELETE, &format!("{path}/tags/a/b"), None).await;
    assert!(refused.starts_with("404 ENDPOINT_NOT_FOUND"), "{refused}");
    let none: i64 =
        mlflow.database().query_row("SELECT count(*) FROM logged_models", [], |row| row.get(0)).unwrap();
    assert_eq!(none, 0);
}

#[tokio::test]
async fn a_models_files_are_listed_and_served_from_its_own_folder_only() {
    let mlflow = Mlflow::start().await;
    let experiment = experiment(&mlflow).await;
    let model = create(&mlflow, json!({"experiment_id": experiment})).await;
    let id = id(&model);
    let other = self::id(&create(&mlflow, json!({"experiment_id": experiment})).await);
    for (file, text) in [("MLmodel", "one"), ("sub/größe.txt", "two")] {
        let url = mlflow
            .server
            .at(&format!("/api/2.0/mlflow-artifacts/artifacts/{experiment}/models/{id}/artifacts/{file}"));
        assert!(common::http().put(url).body(text).send().await.unwrap().status().is_success());
    }
    let list = format!("logged-models/{id}/artifacts/directories");
    let files = json!([
        {"path": "MLmodel", "is_dir": false, "file_size": 3},
        {"path": "sub", "is_dir": true},
    ]);
    let root = &model["info"]["artifact_uri"];
    assert_eq!(mlflow.get(&list).await, json!({"root_uri": root, "files": files}));
    let files = json!([{"path": "sub/größe.txt", "is_dir": false, "file_size": 3}]);
    let sub = mlflow.get(&format!("{list}?artifact_directory_path=sub")).await;
    assert_eq!(sub, json!({"root_uri": root, "files": files}));
    let empty = mlflow.get(&format!("logged-models/{other}/artifacts/directories")).await;
    assert_eq!(empty.as_object().unwrap().keys().collect::<Vec<_>>(), ["root_uri"]);

    let file = |path: &str| {
        mlflow.server.at(&format!("/ajax-api/2.0/mlflow/logged-models/{id}/artifacts/files?{path}"))
    };
    let answer = get(file("artifact_file_path=sub/gr%C3%B6%C3%9Fe.txt")).await;
    assert_eq!(answer.text().await.unwrap(), "two");
    for outside in [
        "..",
        "..%2f..",
        "%2e%2e/x",
        "/etc/passwd",
        "..%5cx",
        "a%00",
        &format!("../../{id}/artifacts/MLmodel"),
    ] {
        let refused =
            mlflow.refused(Method::GET, &format!("{list}?artifact_directory_path={outside}"), None).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE: Invalid path"), "{outside}: {refused}");
        let refused = common::refusal(get(file(&format!("artifact_file_path={outside}"))).await).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE: Invalid path"), "{outside}: {refused}");
    }
    let missing = common::refusal(get(file("")).await).await;
    assert!(missing.contains("required parameter 'artifact_file_path'"), "{missing}");
    let nothing = common::refusal(get(file("artifact_file_path=nothing")).await).await;
    assert!(nothing.starts_with("404 RESOURCE_DOES_NOT_EXIST"), "{nothing}");
}

#[tokio::test]
async fn each_change_leaves_one_audit_row() {
    let mlflow = Mlflow::start().await;
    let experiment = experiment(&mlflow).await;
    let body = json!({"experiment_id": experiment, "name": "model", "params": [pair("p", "1")]});
    let id = id(&create(&mlflow, body).await);
    let path = format!("logged-models/{id}");
    mlflow
        .post(&format!("{path}/params"), json!({"model_id": id, "params": [pair("q", "1"), pair("r", "2")]}))
        .await;
    mlflow.patch(&format!("{path}/tags"), json!({"tags": [pair("t", "1")]})).await;
    mlflow.delete(&format!("{path}/tags/t"), json!({})).await;
    mlflow.patch(&path, json!({"model_id": id, "status": "LOGGED_MODEL_READY"})).await;
    mlflow.delete(&path, json!({})).await;
    let rows: Vec<String> = mlflow.audit().iter().skip(1).map(|row| row.replace(&id, "MODEL")).collect();
    assert_eq!(
        rows,
        [
            "anonymous create_logged_model logged_model MODEL 1: - -> model",
            "anonymous log_params logged_model MODEL 1: - -> q, r",
            "anonymous set_tags logged_model MODEL 1: - -> t",
            "anonymous delete_tag logged_model MODEL 1: t=1 -> -",
            "anonymous finish_logged_model logged_model MODEL 1: LOGGED_MODEL_PENDING -> LOGGED_MODEL_READY",
            "anonymous delete_logged_model logged_model MODEL 1: model -> -",
        ]
    );
}
