//! Many writers of one run lose nothing and break nothing.

mod tracking_common;

use std::sync::Arc;

use serde_json::{Value, json};
use tracking_common::Tracking;

const WRITERS: i64 = 16;
const BATCHES: i64 = 10;
const METRICS: i64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_writers_of_one_run_lose_nothing() {
    let api = Arc::new(Tracking::start().await);
    let run = api.run().await;
    let writers = (0..WRITERS).map(|writer| {
        let (api, run) = (Arc::clone(&api), run.clone());
        tokio::spawn(async move {
            for batch in 0..BATCHES {
                let step = writer * BATCHES + batch;
                let metric = |i| json!({"key": format!("m{i}"), "value": step, "timestamp": 1, "step": step});
                let body = json!({
                    "run_id": run,
                    "metrics": (0..METRICS).map(metric).collect::<Vec<Value>>(),
                    "params": [{"key": format!("p{step}"), "value": step.to_string()}],
                    "tags": [{"key": format!("t{step}"), "value": step.to_string()}, {"key": "shared", "value": "x"}],
                });
                api.post("runs/log-batch", body).await;
                api.post("runs/log-metric", json!({"run_id": run, "key": "alone", "value": step, "timestamp": 1, "step": step})).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let all = WRITERS * BATCHES;
    let wanted: Vec<i64> = (0..all).collect();
    for key in (0..METRICS).map(|i| format!("m{i}")).chain(["alone".to_owned()]) {
        let history = api.get(&format!("metrics/get-history?run_id={run}&metric_key={key}")).await;
        let steps: Vec<i64> = history["metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| metric["step"].as_i64().unwrap())
            .collect();
        assert_eq!(steps, wanted, "{key}");
    }
    for (_, value) in api.pairs(&run, "metrics").await {
        assert_eq!(value, json!((all - 1) as f64), "the last value is that of the last step");
    }
    assert_eq!(api.pairs(&run, "params").await.len() as i64, all);
    assert_eq!(api.pairs(&run, "tags").await.len() as i64, all + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writers_of_one_param_the_first_wins() {
    let api = Arc::new(Tracking::start().await);
    let run = api.run().await;
    let writers = (0..WRITERS).map(|writer| {
        let (api, run) = (Arc::clone(&api), run.clone());
        tokio::spawn(async move {
            let body = json!({"run_id": run, "key": "p", "value": writer.to_string()});
            api.send("runs/log-parameter", body.to_string()).await.status().as_u16()
        })
    });
    let mut statuses = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        statuses.push(writer.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(
        statuses.iter().filter(|status| **status == 400).count(),
        WRITERS as usize - 1,
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writers_of_one_experiment_name_the_first_wins() {
    let api = Arc::new(Tracking::start().await);
    let writers = (0..WRITERS).map(|_| {
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            api.send("experiments/create", json!({"name": "one"}).to_string()).await.status().as_u16()
        })
    });
    let mut made = 0;
    for writer in writers.collect::<Vec<_>>() {
        made += usize::from(writer.await.unwrap() == 200);
    }
    assert_eq!(made, 1);
}
