//! What went into a run and what came out of it: datasets and logged models.

mod tracking_common;

use rusqlite::Connection;
use serde_json::{Value, json};
use tracking_common::Tracking;

fn dataset(name: &str, digest: &str) -> Value {
    json!({"name": name, "digest": digest, "source_type": "local", "source": "{\"uri\": \"x\"}"})
}

fn input(dataset: &Value, context: &str) -> Value {
    json!({"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": context}]})
}

#[tokio::test]
async fn a_dataset_is_an_input_once_as_it_was_first_logged() {
    let api = Tracking::start().await;
    let (run, other) = (api.run().await, api.run().await);
    let mut described = dataset("fd001", "d1");
    described["schema"] = json!("{\"a\": 1}");
    described["profile"] = json!("{\"rows\": 5}");
    let first = input(&described, "train");
    let log = |run: &str, datasets: Value| json!({"run_id": run, "datasets": datasets});
    assert_eq!(api.post("runs/log-inputs", log(&run, json!([first]))).await, json!({}));
    for again in [first.clone(), input(&described, "test"), input(&dataset("fd001", "d1"), "train")] {
        api.post("runs/log-inputs", log(&run, json!([again]))).await;
        assert_eq!(api.read(&run).await["inputs"], json!({"dataset_inputs": [first]}));
    }
    // Another run uses the same dataset for something else.
    let second = input(&described, "eval");
    api.post("runs/log-inputs", log(&other, json!([second, second, {"dataset": dataset("fd001", "d2")}])))
        .await;
    let wanted = json!({"dataset_inputs": [second, {"dataset": dataset("fd001", "d2")}]});
    assert_eq!(api.read(&other).await["inputs"], wanted);
    let found = api.post("experiments/search-datasets", json!({"experiment_ids": ["0"]})).await;
    let summary = |digest: &str| json!({"experiment_id": "0", "name": "fd001", "digest": digest});
    let used = |context: &str| {
        let mut summary = summary("d1");
        summary["context"] = json!(context);
        summary
    };
    assert_eq!(found["dataset_summaries"], json!([used("eval"), used("train"), summary("d2")]));
}

#[tokio::test]
async fn a_bad_dataset_is_refused() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let with = |field: &str, value: Value| {
        let mut dataset = dataset("n", "d");
        dataset[field] = value;
        json!({"dataset": dataset})
    };
    let tagged = |tag: Value| json!({"dataset": dataset("n", "d"), "tags": [tag]});
    for good in [
        with("name", json!("n".repeat(500))),
        with("digest", json!("d".repeat(36))),
        with("source", json!("s".repeat(65_535))),
        with("schema", json!("s".repeat(1_048_575))),
        tagged(json!({"key": "k".repeat(255), "value": "v".repeat(500)})),
    ] {
        api.post("runs/log-inputs", json!({"run_id": run, "datasets": [good]})).await;
    }
    for (bad, wanted) in [
        (with("name", json!("n".repeat(501))), "maximum length of 500"),
        (with("digest", json!("d".repeat(37))), "maximum length of 36"),
        (with("source", json!("s".repeat(65_536))), "maximum length of 65535"),
        (with("schema", json!("s".repeat(1_048_576))), "maximum length of 1048575"),
        (tagged(json!({"key": "k".repeat(256)})), "maximum length of 255"),
        (tagged(json!({"key": "k", "value": "v".repeat(501)})), "maximum length of 500"),
        (tagged(json!({"value": "v"})), "required parameter 'datasets[0].tags[0].key'"),
        (with("name", json!("")), "required parameter 'datasets[0].dataset.name'"),
        (with("digest", json!(null)), "required parameter 'datasets[0].dataset.digest'"),
        (with("source", json!(null)), "required parameter 'datasets[0].dataset.source'"),
        (with("source_type", json!(5)), "parameter 'datasets[0].dataset.source_type'"),
        (json!({}), "required parameter 'datasets[0].dataset'"),
    ] {
        let refused = api.refused("runs/log-inputs", json!({"run_id": run, "datasets": [bad]})).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
    let experiments = json!({"experiment_ids": []});
    assert!(
        api.refused("experiments/search-datasets", experiments).await.contains("name 1 to 20 experiments")
    );
}

#[tokio::test]
async fn a_run_names_the_models_that_it_took_in_and_gave_out() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for _ in 0..2 {
        api.post("runs/log-inputs", json!({"run_id": run, "models": [{"model_id": "m-1"}]})).await;
    }
    for step in [0, 7] {
        // Sent again it is no error, unlike in the real server: a client may have missed the answer.
        let models = json!([{"model_id": "m-3"}, {"model_id": "m-2", "step": step}]);
        api.post("runs/outputs", json!({"run_id": run, "models": models})).await;
    }
    let read = api.read(&run).await;
    assert_eq!(read["inputs"], json!({"model_inputs": [{"model_id": "m-1"}]}));
    let outputs = json!([{"model_id": "m-2", "step": 7}, {"model_id": "m-3", "step": 0}]);
    assert_eq!(read["outputs"], json!({"model_outputs": outputs}));
    for (path, body, wanted) in [
        ("runs/outputs", json!({"run_id": run}), "required parameter 'models'"),
        ("runs/outputs", json!({"run_id": run, "models": [{}]}), "required parameter 'models[0].model_id'"),
        (
            "runs/log-inputs",
            json!({"run_id": run, "models": [{}]}),
            "required parameter 'models[0].model_id'",
        ),
    ] {
        assert!(api.refused(path, body).await.contains(wanted));
    }
}

#[tokio::test]
async fn a_metric_of_a_model_is_kept_with_its_dataset() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let database = Connection::open(api.server.data.join("registry.sqlite")).unwrap();
    database
        .execute(
            "INSERT INTO logged_models (model_id, experiment_id, name, artifact_uri, status, model_type, created_at, updated_at)
             VALUES ('m-1', 0, 'model', 'mlflow-artifacts:/0/models/m-1/artifacts', 'READY', '', 1, 1)",
            [],
        )
        .unwrap();
    let metric = |value: Value, timestamp: i64| {
        json!({
            "run_id": run, "key": "rmse", "value": value, "timestamp": timestamp, "step": 3, "model_id": "m-1",
            "dataset_name": "fd001", "dataset_digest": "d1",
        })
    };
    api.post("runs/log-metric", metric(json!(12.5), 1)).await;
    api.post("runs/log-metric", metric(json!(12.5), 1)).await;
    api.post(
        "runs/log-batch",
        json!({"run_id": run, "metrics": [metric(json!("NaN"), 2), metric(json!(11), 1)]}),
    )
    .await;
    let rows: Vec<(String, String, String, i64, f64, bool)> = database
        .prepare("SELECT run_id, dataset_name, dataset_digest, timestamp, value, is_nan FROM logged_model_metrics ORDER BY timestamp")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let row = |timestamp, value, is_nan| {
        (run.clone(), "fd001".to_owned(), "d1".to_owned(), timestamp, value, is_nan)
    };
    assert_eq!(rows, [row(1, 12.5, false), row(2, 0.0, true)]);
    assert_eq!(api.pairs(&run, "metrics").await, [("rmse".to_owned(), json!("NaN"))]);
    let mut lost = metric(json!(1), 1);
    lost["model_id"] = json!("m-lost");
    let refused = api.refused("runs/log-metric", lost).await;
    assert_eq!(refused, "404 RESOURCE_DOES_NOT_EXIST: Logged model with ID 'm-lost' not found.");
}

#[tokio::test]
async fn a_model_of_an_older_client_is_kept_in_a_tag() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let model = json!({
        "artifact_path": "model", "flavors": {"onnx": {"file": "model.onnx", "config": {"secret": 1}}},
        "run_id": run, "utc_time_created": "2026-03-01", "model_uuid": "u", "signature": {"inputs": "[]"},
    });
    for count in 1..=2 {
        api.post("runs/log-model", json!({"run_id": run, "model_json": model.to_string()})).await;
        let tags = api.pairs(&run, "tags").await;
        let history = tags.iter().find(|(key, _)| key == "mlflow.log-model.history").unwrap();
        let models: Vec<Value> = serde_json::from_str(history.1.as_str().unwrap()).unwrap();
        let kept = json!({
            "artifact_path": "model", "flavors": {"onnx": {"file": "model.onnx"}},
            "run_id": run, "utc_time_created": "2026-03-01", "model_uuid": "u",
        });
        assert_eq!(models, vec![kept; count]);
    }
    for (model, wanted) in [
        ("nope", "model_json is not a JSON object"),
        ("[]", "not a JSON object"),
        ("{}", "lacks artifact_path, flavors, run_id, utc_time_created"),
    ] {
        let refused = api.refused("runs/log-model", json!({"run_id": run, "model_json": model})).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
}
