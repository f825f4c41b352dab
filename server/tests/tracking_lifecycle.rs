//! What was deleted can be read and restored, but not changed.

mod tracking_common;

use serde_json::json;
use tracking_common::Tracking;

#[tokio::test]
async fn a_deleted_run_is_read_and_restored_but_not_changed() {
    let api = Tracking::start().await;
    let run = api.run().await;
    api.post("runs/log-metric", json!({"run_id": run, "key": "m", "value": 1, "timestamp": 1})).await;
    // As the real server, which does not mind when it is deleted already.
    for _ in 0..2 {
        assert_eq!(api.post("runs/delete", json!({"run_id": run})).await, json!({}));
    }
    let read = api.read(&run).await;
    assert_eq!(read["info"]["lifecycle_stage"], "deleted");
    assert_eq!(read["data"]["metrics"][0]["value"], 1.0);
    let wanted = format!(
        "400 INVALID_PARAMETER_VALUE: The run {run} must be in the 'active' state. Current state is deleted."
    );
    for (path, body) in changes(&run) {
        assert_eq!(api.refused(path, body).await, wanted, "{path}");
    }
    for _ in 0..2 {
        api.post("runs/restore", json!({"run_id": run})).await;
    }
    assert_eq!(api.read(&run).await["info"]["lifecycle_stage"], "active");
    for (path, body) in changes(&run) {
        api.post(path, body).await;
    }
}

#[tokio::test]
async fn a_run_that_is_not_there_is_named() {
    let api = Tracking::start().await;
    let lost = "0".repeat(32);
    let wanted = format!("404 RESOURCE_DOES_NOT_EXIST: Run with id={lost} not found");
    for (path, body) in changes(&lost) {
        assert_eq!(api.refused(path, body).await, wanted, "{path}");
    }
    for path in ["runs/delete", "runs/restore"] {
        assert_eq!(api.refused(path, json!({"run_id": lost})).await, wanted);
        assert!(api.refused(path, json!({})).await.contains("required parameter 'run_id'"));
    }
    assert_eq!(api.get_refused(&format!("runs/get?run_id={lost}")).await, wanted);
    assert!(api.get_refused("runs/get").await.contains("required parameter 'run_id'"));
    // As the real server, which asks only for the values.
    assert_eq!(api.get(&format!("metrics/get-history?run_id={lost}&metric_key=m")).await, json!({}));
}

fn changes(run: &str) -> Vec<(&'static str, serde_json::Value)> {
    let dataset = json!({"name": "n", "digest": "d", "source_type": "local", "source": "s"});
    let flavors = json!({"artifact_path": "m", "flavors": {}, "run_id": run, "utc_time_created": "2026"});
    vec![
        ("runs/log-metric", json!({"run_id": run, "key": "m", "value": 1, "timestamp": 1})),
        ("runs/log-parameter", json!({"run_id": run, "key": "p", "value": "1"})),
        ("runs/log-batch", json!({"run_id": run})),
        ("runs/set-tag", json!({"run_id": run, "key": "t", "value": "1"})),
        ("runs/delete-tag", json!({"run_id": run, "key": "t"})),
        ("runs/update", json!({"run_id": run, "status": "FAILED"})),
        ("runs/log-inputs", json!({"run_id": run, "datasets": [{"dataset": dataset}]})),
        ("runs/outputs", json!({"run_id": run, "models": [{"model_id": "m-1"}]})),
        ("runs/log-model", json!({"run_id": run, "model_json": flavors.to_string()})),
    ]
}

#[tokio::test]
async fn an_experiment_is_deleted_and_restored_with_its_runs() {
    let api = Tracking::start().await;
    let id = api.experiment("mortal").await;
    let elsewhere = api.run().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let created = api.post("runs/create", json!({"experiment_id": id})).await;
        runs.push(created["run"]["info"]["run_id"].as_str().unwrap().to_owned());
    }
    api.post("runs/delete", json!({"run_id": runs[0]})).await;
    assert_eq!(api.post("experiments/delete", json!({"experiment_id": id})).await, json!({}));
    let read = api.get(&format!("experiments/get?experiment_id={id}")).await;
    assert_eq!(read["experiment"]["lifecycle_stage"], "deleted");
    let not_there = format!("404 RESOURCE_DOES_NOT_EXIST: No Experiment with id={id} exists");
    assert_eq!(api.refused("experiments/delete", json!({"experiment_id": id})).await, not_there);
    for run in &runs {
        assert_eq!(api.read(run).await["info"]["lifecycle_stage"], "deleted");
    }
    assert_eq!(api.read(&elsewhere).await["info"]["lifecycle_stage"], "active");
    for (path, body) in [
        ("experiments/update", json!({"experiment_id": id, "new_name": "risen"})),
        ("experiments/set-experiment-tag", json!({"experiment_id": id, "key": "k", "value": "v"})),
        ("experiments/delete-experiment-tag", json!({"experiment_id": id, "key": "k"})),
        ("runs/create", json!({"experiment_id": id})),
    ] {
        let refused = api.refused(path, body).await;
        let wanted =
            format!("400 INVALID_PARAMETER_VALUE: The experiment {id} must be in the 'active' state.");
        assert!(refused.starts_with(&wanted), "{path}: {refused}");
    }
    api.post("experiments/restore", json!({"experiment_id": id})).await;
    assert_eq!(api.refused("experiments/restore", json!({"experiment_id": id})).await, not_there);
    // As the real server: those as well that were deleted one by one.
    for run in &runs {
        assert_eq!(api.read(run).await["info"]["lifecycle_stage"], "active");
    }
}
