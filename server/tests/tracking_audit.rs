//! Every tracking request that changes something leaves one row in the audit trail, and no refusal does.

mod tracking_common;

use rusqlite::Connection;
use serde_json::json;
use tracking_common::Tracking;

#[tokio::test]
async fn each_change_leaves_one_row() {
    let api = Tracking::start().await;
    let experiment = api.experiment("e").await;
    let run = api.post("runs/create", json!({"experiment_id": experiment, "run_name": "r"})).await;
    let run = run["run"]["info"]["run_id"].as_str().unwrap().to_owned();
    for (path, body) in [
        ("experiments/set-experiment-tag", json!({"experiment_id": experiment, "key": "k", "value": "1"})),
        ("experiments/set-experiment-tag", json!({"experiment_id": experiment, "key": "k", "value": "2"})),
        ("experiments/delete-experiment-tag", json!({"experiment_id": experiment, "key": "k"})),
        ("experiments/update", json!({"experiment_id": experiment, "new_name": "f"})),
        ("runs/log-metric", json!({"run_id": run, "key": "m", "value": 0.5, "timestamp": 1, "step": 3})),
        ("runs/log-parameter", json!({"run_id": run, "key": "p", "value": "1"})),
        ("runs/log-batch", json!({"run_id": run, "tags": [{"key": "t"}]})),
        ("runs/set-tag", json!({"run_id": run, "key": "t", "value": "2"})),
        ("runs/delete-tag", json!({"run_id": run, "key": "t"})),
        ("runs/outputs", json!({"run_id": run, "models": [{"model_id": "m-1"}]})),
        ("runs/update", json!({"run_id": run, "status": "FINISHED", "end_time": 9})),
        ("runs/delete", json!({"run_id": run})),
        ("runs/restore", json!({"run_id": run})),
        ("experiments/delete", json!({"experiment_id": experiment})),
        ("experiments/restore", json!({"experiment_id": experiment})),
    ] {
        api.post(path, body).await;
    }
    for (path, body) in [
        ("experiments/create", json!({"name": "f"})),
        ("runs/log-parameter", json!({"run_id": run, "key": "p", "value": "2"})),
        ("runs/delete-tag", json!({"run_id": run, "key": "t"})),
    ] {
        api.refused(path, body).await;
    }
    let database = Connection::open(api.server.data.join("registry.sqlite")).unwrap();
    let rows: Vec<String> = database
        .prepare("SELECT actor, action, kind, subject, scope, before, after FROM audit ORDER BY id")
        .unwrap()
        .query_map([], |row| {
            let column =
                |i| row.get::<_, Option<String>>(i).map(|text| text.unwrap_or_else(|| "-".to_owned()));
            let columns: Vec<String> = (0..7).map(column).collect::<Result<_, _>>()?;
            Ok(columns.join(" | ").replace(&run, "RUN"))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    insta::assert_json_snapshot!(rows);
}
