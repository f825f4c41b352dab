//! Runs are made, read, ended and renamed as MLflow does it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod tracking_common;

use serde_json::{Value, json};
use tracking_common::Tracking;

/// Replaces the ids that differ each time.
fn without_id(mut run: Value) -> Value {
    let id = run["info"]["run_id"].as_str().unwrap().to_owned();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let text = run.take().to_string().replace(&id, "RUN");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn a_run_is_answered_as_the_real_server_answers_it() {
    let api = Tracking::start().await;
    let body = json!({
        "experiment_id": "0", "user_id": "root", "run_name": "LSTM-Training", "start_time": 1_795_404_904_669_i64,
        "tags": [{"key": "mlflow.user", "value": "root"}, {"key": "mlflow.runName", "value": "LSTM-Training"}],
    });
    let created = api.post("runs/create", body).await["run"].take();
    let run = created["info"]["run_id"].as_str().unwrap().to_owned();
    insta::assert_json_snapshot!("created", without_id(created));
    let batch = json!({
        "run_id": run, "params": [{"key": "lr", "value": "0.001"}],
        "metrics": [{"key": "rmse", "value": 12.5, "timestamp": 7, "step": 1}, {"key": "n", "value": "NaN", "timestamp": 7}],
    });
    api.post("runs/log-batch", batch).await;
    let update =
        json!({"run_id": run, "run_uuid": run, "status": "FINISHED", "end_time": 1_795_404_905_901_i64});
    let updated = api.post("runs/update", update).await["run_info"].take();
    insta::assert_json_snapshot!("updated", without_id(json!({"info": updated})));
    insta::assert_json_snapshot!("read", without_id(api.read(&run).await));
    // The older name of the same parameter.
    assert_eq!(api.get(&format!("runs/get?run_uuid={run}")).await["run"], api.read(&run).await);
}

#[tokio::test]
async fn a_run_without_a_name_is_given_one() {
    let api = Tracking::start().await;
    for body in [json!({"experiment_id": "0"}), json!({"experiment_id": "0", "run_name": ""})] {
        let run = api.post("runs/create", body).await["run"].take();
        let name = run["info"]["run_name"].as_str().unwrap();
        assert_eq!(name.split('-').count(), 3, "{name}");
        assert_eq!(run["data"]["tags"], json!([{"key": "mlflow.runName", "value": name}]));
    }
}

#[tokio::test]
async fn a_name_and_its_tag_are_one() {
    let api = Tracking::start().await;
    let create = |name: Value, tag: &str| json!({"experiment_id": "0", "run_name": name, "tags": [{"key": "mlflow.runName", "value": tag}]});
    let by_tag = api.post("runs/create", create(json!(null), "x")).await["run"].take();
    assert_eq!(by_tag["info"]["run_name"], "x");
    let refused = api.refused("runs/create", create(json!("x"), "y")).await;
    assert!(refused.contains("run_name is \"x\"") && refused.contains("\"y\""), "{refused}");

    let run = by_tag["info"]["run_id"].as_str().unwrap().to_owned();
    let both = async || {
        let run = api.read(&run).await;
        (run["info"]["run_name"].clone(), run["data"]["tags"][0]["value"].clone())
    };
    api.post("runs/update", json!({"run_id": run, "run_name": "renamed"})).await;
    assert_eq!(both().await, (json!("renamed"), json!("renamed")));
    api.post("runs/set-tag", json!({"run_id": run, "key": "mlflow.runName", "value": "by tag"})).await;
    assert_eq!(both().await, (json!("by tag"), json!("by tag")));
    let tags = json!([{"key": "mlflow.runName", "value": "by batch"}]);
    api.post("runs/log-batch", json!({"run_id": run, "tags": tags})).await;
    assert_eq!(both().await, (json!("by batch"), json!("by batch")));
    for (path, body) in [
        ("runs/update", json!({"run_id": run, "run_name": ""})),
        ("runs/set-tag", json!({"run_id": run, "key": "mlflow.runName", "value": ""})),
    ] {
        api.post(path, body).await;
        assert_eq!(both().await, (json!("by batch"), json!("by batch")), "a name cannot be taken away");
    }
    api.post("runs/delete-tag", json!({"run_id": run, "key": "mlflow.runName"})).await;
    assert_eq!(both().await, (json!("by batch"), json!(null)));
}

#[tokio::test]
async fn a_run_goes_through_all_statuses() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for (number, status) in [(2, "SCHEDULED"), (1, "RUNNING"), (4, "FAILED"), (5, "KILLED"), (3, "FINISHED")]
    {
        for status_or_number in [json!(status), json!(number)] {
            let body = json!({"run_uuid": run, "status": status_or_number});
            assert_eq!(api.post("runs/update", body).await["run_info"]["status"], status);
        }
    }
    // What is not given stays.
    let ended = api.post("runs/update", json!({"run_id": run, "end_time": "17"})).await["run_info"].take();
    assert_eq!((&ended["status"], &ended["end_time"]), (&json!("FINISHED"), &json!(17)));
    for (status, wanted) in
        [(json!("ASLEEP"), "\"ASLEEP\" is no status"), (json!(6), "integer `6`"), (json!(0), "`0`")]
    {
        let refused = api.refused("runs/update", json!({"run_id": run, "status": status})).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE"), "{refused}");
        assert!(refused.contains("'status'") && refused.contains(wanted), "{refused}");
    }
    let refused = api.refused("runs/update", json!({"run_id": run, "end_time": "soon"})).await;
    assert!(refused.contains("'end_time'") && refused.contains("soon"), "{refused}");
    assert_eq!(api.read(&run).await["info"]["status"], "FINISHED");
}

#[tokio::test]
async fn nested_runs_are_runs_with_a_tag() {
    let api = Tracking::start().await;
    let parent = api.run().await;
    let tags = json!([{"key": "mlflow.parentRunId", "value": parent}]);
    let child = api.post("runs/create", json!({"experiment_id": "0", "run_name": "c", "tags": tags})).await;
    let child = child["run"]["info"]["run_id"].as_str().unwrap();
    let tags = api.pairs(child, "tags").await;
    assert!(tags.contains(&("mlflow.parentRunId".to_owned(), json!(parent))), "{tags:?}");
}

#[tokio::test]
async fn a_bad_run_is_refused() {
    let api = Tracking::start().await;
    for (body, wanted) in [
        (json!({}), "required parameter 'experiment_id'"),
        (json!({"experiment_id": 5.5}), "parameter 'experiment_id': invalid type: floating point `5.5`"),
        (json!({"experiment_id": "0", "start_time": "x"}), "parameter 'start_time'"),
        (json!({"experiment_id": "0", "start_time": 1.5}), "parameter 'start_time'"),
        (json!({"experiment_id": "0", "tags": "x"}), "parameter 'tags'"),
        (json!({"experiment_id": "0", "tags": [{"value": "x"}]}), "parameter 'tags[0].key'"),
        (json!({"experiment_id": "0", "tags": [{"key": "k", "value": 5}]}), "parameter 'tags[0].value'"),
        (json!({"experiment_id": "0", "tags": [{"key": "k"}, {"key": "k"}]}), "tag \"k\" is there twice"),
    ] {
        let refused = api.refused("runs/create", body).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
}
