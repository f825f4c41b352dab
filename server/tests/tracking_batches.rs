//! A batch has limits, and is written as a whole or not at all.

mod tracking_common;

use serde_json::{Value, json};
use tracking_common::Tracking;

fn batch(run: &str, metrics: usize, params: usize, tags: usize) -> Value {
    let metric = |i| json!({"key": format!("m{i}"), "value": 1.0, "timestamp": 1, "step": 0});
    let pair = |i| json!({"key": format!("k{i}"), "value": "1"});
    json!({
        "run_id": run,
        "metrics": (0..metrics).map(metric).collect::<Vec<_>>(),
        "params": (0..params).map(pair).collect::<Vec<_>>(),
        "tags": (0..tags).map(pair).collect::<Vec<_>>(),
    })
}

#[tokio::test]
async fn a_batch_at_its_limits_is_taken_and_one_over_them_is_not() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for (metrics, params, tags) in [(0, 0, 0), (1000, 0, 0), (0, 100, 0), (0, 0, 100), (800, 100, 100)] {
        assert_eq!(api.post("runs/log-batch", batch(&run, metrics, params, tags)).await, json!({}));
    }
    for (metrics, params, tags, wanted) in [
        (1001, 0, 0, "at most 1000 metrics. Got 1001 metrics."),
        (0, 101, 0, "at most 100 params. Got 101 params."),
        (0, 0, 101, "at most 100 tags. Got 101 tags."),
        (801, 100, 100, "at most 1000 metrics, params, and tags. Got 1001"),
    ] {
        let refused = api.refused("runs/log-batch", batch(&run, metrics, params, tags)).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
    let counts: Vec<usize> = {
        let data = api.read(&run).await["data"].take();
        ["metrics", "params", "tags"].iter().map(|what| data[what].as_array().unwrap().len()).collect()
    };
    assert_eq!(counts, [1000, 100, 101]);
}

#[tokio::test]
async fn one_bad_thing_spoils_the_whole_batch() {
    let api = Tracking::start().await;
    let run = api.run().await;
    api.post("runs/log-parameter", json!({"run_id": run, "key": "p", "value": "1"})).await;
    let before = api.read(&run).await;
    let metric = json!({"key": "m", "value": 1, "timestamp": 1});
    for (what, bad, wanted) in [
        ("params", json!({"key": "p", "value": "2"}), "\"p\" is \"1\" already, and \"2\" was sent"),
        ("params", json!({"key": "a*"}), "parameter 'params[1].key'"),
        (
            "params",
            json!({"key": "ok", "value": "2"}),
            "Duplicate parameter keys have been submitted: [\"ok\"]",
        ),
        ("params", json!({"value": "2"}), "required parameter 'params[1].key'"),
        ("params", json!({"key": "x", "value": 5}), "parameter 'params[1].value'"),
        ("tags", json!({"key": "a*"}), "parameter 'tags[1].key'"),
        ("tags", json!({"value": "2"}), "required parameter 'tags[1].key'"),
        ("metrics", json!({"key": "a*", "value": 1, "timestamp": 1}), "parameter 'metrics[1].name'"),
        ("metrics", json!({"key": "n", "timestamp": 1}), "required parameter 'metrics[1].value'"),
        ("metrics", json!({"key": "n", "value": 1}), "required parameter 'metrics[1].timestamp'"),
        ("metrics", json!({"value": 1, "timestamp": 1}), "required parameter 'metrics[1].key'"),
        ("metrics", json!({"key": "n", "value": "high", "timestamp": 1}), "parameter 'metrics[1].value'"),
        ("metrics", json!(5), "parameter 'metrics[1]'"),
        (
            "metrics",
            json!({"key": "n", "value": 1, "timestamp": 1, "model_id": "m-lost"}),
            "'m-lost' not found",
        ),
    ] {
        let mut body = json!({
            "run_id": run, "metrics": [metric], "params": [{"key": "ok"}], "tags": [{"key": "ok"}],
        });
        body[what].as_array_mut().unwrap().push(bad);
        let refused = api.refused("runs/log-batch", body).await;
        assert!(refused.contains(wanted), "{refused}");
        assert_eq!(api.read(&run).await, before, "{wanted}");
    }
}

#[tokio::test]
async fn lists_may_be_missing_but_nothing_else_than_lists() {
    let api = Tracking::start().await;
    let run = api.run().await;
    api.post("runs/log-batch", json!({"run_id": run, "metrics": null, "tags": []})).await;
    for (field, value) in [("metrics", json!({"a": 1})), ("params", json!("x")), ("tags", json!(5))] {
        let refused = api.refused("runs/log-batch", json!({"run_id": run, field: value})).await;
        assert!(refused.contains(&format!("parameter '{field}': invalid type")), "{refused}");
    }
    assert!(api.refused("runs/log-batch", json!({})).await.contains("required parameter 'run_id'"));
}
