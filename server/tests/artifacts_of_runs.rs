//! A run's artifacts by the run's id, under the paths that the run knows them by.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Running, get, http, refusal};
use serde_json::{Value, json};

async fn post(server: &Running, what: &str, body: Value) -> Value {
    let answer = http().post(server.at(&format!("/api/2.0/mlflow/{what}"))).json(&body).send().await.unwrap();
    answer.json().await.unwrap()
}

/// A run of an experiment whose artifacts lie there: its id, and where its own lie.
async fn run(server: &Running, experiment: &str, location: Option<&str>) -> (String, String) {
    let experiment = json!({"name": experiment, "artifact_location": location});
    let experiment = post(server, "experiments/create", experiment).await["experiment_id"].clone();
    let run = post(server, "runs/create", json!({"experiment_id": experiment, "start_time": 1})).await;
    let info = &run["run"]["info"];
    (info["run_id"].as_str().unwrap().to_owned(), info["artifact_uri"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn they_are_listed_and_loaded_by_the_runs_id() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for (name, location) in [
        ("default", None),
        ("named", Some("mlflow-artifacts:/team/a b")),
        ("root", Some("mlflow-artifacts:/")),
    ] {
        let (id, root) = run(&server, name, location).await;
        let path = root.split_once(":/").unwrap().1.replace(' ', "%20");
        for (file, content) in [("a.txt", "a"), ("d/b.txt", "bb"), ("d/e/c.txt", "ccc")] {
            let url = server.at(&format!("/api/2.0/mlflow-artifacts/artifacts/{path}/{file}"));
            assert_eq!(http().put(url).body(content).send().await.unwrap().status(), 200);
        }
        let list = async |query: &str| -> Value {
            get(server.at(&format!("/api/2.0/mlflow/artifacts/list?{query}"))).await.json().await.unwrap()
        };
        let whole = json!({
            "files": [{"path": "a.txt", "is_dir": false, "file_size": 1}, {"path": "d", "is_dir": true}],
            "root_uri": root,
        });
        assert_eq!(list(&format!("run_id={id}")).await, whole);
        assert_eq!(list(&format!("run_uuid={id}&path=&page_token=x")).await, whole);
        assert_eq!(
            list(&format!("run_id={id}&path=d")).await["files"],
            json!([{"path": "d/b.txt", "is_dir": false, "file_size": 2}, {"path": "d/e", "is_dir": true}])
        );
        assert_eq!(list(&format!("run_id={id}&path=none")).await, json!({"root_uri": root}));
        let loaded = get(server.at(&format!("/get-artifact?run_uuid={id}&path=d/e/c.txt"))).await;
        assert_eq!(loaded.headers()["content-disposition"], "attachment; filename=c.txt");
        assert_eq!(loaded.text().await.unwrap(), "ccc");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let (id, _) = run(&server, "default", None).await;
    let (elsewhere, _) = run(&server, "elsewhere", Some("s3://bucket/x")).await;
    let nobody = "0".repeat(32);
    for (request, wanted) in [
        (
            "/api/2.0/mlflow/artifacts/list".to_owned(),
            "400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'run_id'",
        ),
        (
            format!("/api/2.0/mlflow/artifacts/list?run_id={nobody}"),
            "404 RESOURCE_DOES_NOT_EXIST: Run with id=000",
        ),
        (
            format!("/api/2.0/mlflow/artifacts/list?run_id={id}&path=../x"),
            "400 INVALID_PARAMETER_VALUE: Invalid path",
        ),
        (
            format!("/api/2.0/mlflow/artifacts/list?run_id={elsewhere}"),
            "400 INVALID_PARAMETER_VALUE: the artifacts lie in \"s3://bucket",
        ),
        (format!("/get-artifact?run_uuid={id}&path=none"), "404 RESOURCE_DOES_NOT_EXIST: No such artifact"),
        (
            format!("/get-artifact?run_uuid={id}&path=..%2f..%2fx"),
            "400 INVALID_PARAMETER_VALUE: Invalid path",
        ),
        (
            format!("/get-artifact?run_uuid={id}"),
            "400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'path'",
        ),
        (format!("/get-artifact?run_uuid={nobody}&path=x"), "404 RESOURCE_DOES_NOT_EXIST: Run with id=000"),
    ] {
        let message = refusal(get(server.at(&request)).await).await;
        assert!(message.starts_with(wanted), "{request}: {message}");
    }
    server.stop().await;
}
