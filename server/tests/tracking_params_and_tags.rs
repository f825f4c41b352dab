//! A param never changes, a tag does; keys and values have MLflow's limits.

mod tracking_common;

use serde_json::{Value, json};
use tracking_common::Tracking;

#[tokio::test]
async fn a_param_keeps_its_value() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let log = |value: &str| json!({"run_id": run, "run_uuid": run, "key": "lr", "value": value});
    assert_eq!(api.post("runs/log-parameter", log("0.1")).await, json!({}));
    api.post("runs/log-parameter", log("0.1")).await;
    let refused = api.refused("runs/log-parameter", log("0.2")).await;
    assert!(
        refused.starts_with("400 INVALID_PARAMETER_VALUE: Changing param values is not allowed."),
        "{refused}"
    );
    assert!(refused.contains("\"lr\" is \"0.1\" already, and \"0.2\" was sent"), "{refused}");
    assert!(refused.contains(&run), "{refused}");
    let params = json!([{"key": "lr", "value": "0.3"}, {"key": "new", "value": "1"}, {"key": "lr2"}]);
    let refused = api.refused("runs/log-batch", json!({"run_id": run, "params": params})).await;
    assert!(refused.contains("\"lr\" is \"0.1\" already, and \"0.3\" was sent"), "{refused}");
    assert_eq!(api.pairs(&run, "params").await, [("lr".to_owned(), json!("0.1"))]);
    let params = json!([{"key": "lr", "value": "0.1"}, {"key": "new"}]);
    api.post("runs/log-batch", json!({"run_id": run, "params": params})).await;
    assert_eq!(api.pairs(&run, "params").await[1], ("new".to_owned(), json!("")));
}

#[tokio::test]
async fn a_tag_is_replaced_and_deleted() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for value in ["v", "other", "größe ✓\nline"] {
        api.post("runs/set-tag", json!({"run_id": run, "key": "k", "value": value})).await;
        assert_eq!(api.pairs(&run, "tags").await[0], ("k".to_owned(), json!(value)));
    }
    let tags = json!([{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]);
    api.post("runs/log-batch", json!({"run_id": run, "tags": tags})).await;
    assert_eq!(api.pairs(&run, "tags").await[0], ("k".to_owned(), json!("2")), "the last counts");
    api.post("runs/delete-tag", json!({"run_id": run, "key": "k"})).await;
    assert_eq!(
        api.refused("runs/delete-tag", json!({"run_id": run, "key": "k"})).await,
        format!("404 RESOURCE_DOES_NOT_EXIST: No tag with name: k in run with id {run}")
    );
    assert!(
        api.refused("runs/delete-tag", json!({"run_id": run})).await.contains("required parameter 'key'")
    );
}

#[tokio::test]
async fn keys_that_could_not_be_files_are_refused() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for (key, good) in [
        ("größe/a.b:c-d_e f", true),
        (" ", true),
        ("..", false),
        ("a/../b", false),
        ("/abs", false),
        ("a//b", false),
        ("a/", false),
        ("a\\b", false),
        ("a*b", false),
        ("a\tb", false),
        ("[0]", false),
        ("%41", false),
    ] {
        for (path, name, body) in logs(&run, key) {
            if good {
                api.post(path, body).await;
                continue;
            }
            let refused = api.refused(path, body).await;
            let wanted = format!(
                "400 INVALID_PARAMETER_VALUE: Invalid value {} for parameter '{name}' supplied:",
                json!(key)
            );
            assert!(refused.starts_with(&wanted), "{path}: {refused}");
        }
    }
}

#[tokio::test]
async fn keys_have_at_most_250_characters() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for (path, _, body) in logs(&run, &"ß".repeat(250)) {
        api.post(path, body).await;
    }
    for (path, name, body) in logs(&run, &"k".repeat(251)) {
        let wanted =
            format!("400 INVALID_PARAMETER_VALUE: '{name}' exceeds the maximum length of 250 characters");
        assert_eq!(api.refused(path, body).await, wanted);
    }
}

/// Each way in for a key: the path, what the message calls the key, and the body.
fn logs(run: &str, key: &str) -> Vec<(&'static str, &'static str, Value)> {
    let pair = json!({"key": key, "value": "1"});
    let metric = json!({"key": key, "value": 1, "timestamp": 1});
    let of = |mut body: Value| {
        body["run_id"] = json!(run);
        body
    };
    vec![
        ("runs/log-metric", "name", of(metric.clone())),
        ("runs/log-parameter", "key", of(pair.clone())),
        ("runs/set-tag", "key", of(pair.clone())),
        ("runs/log-batch", "metrics[0].name", of(json!({"metrics": [metric]}))),
        ("runs/log-batch", "params[0].key", of(json!({"params": [pair]}))),
        ("runs/log-batch", "tags[0].key", of(json!({"tags": [pair]}))),
    ]
}

#[tokio::test]
async fn values_that_are_too_long_are_cut() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for (what, path, most) in [("params", "runs/log-parameter", 6000), ("tags", "runs/set-tag", 8000)] {
        for length in [most, most + 1, 3 * most] {
            let (one, other) = (format!("a{length}"), format!("b{length}"));
            let value = "ß".repeat(length);
            api.post(path, json!({"run_id": run, "key": one, "value": value})).await;
            api.post("runs/log-batch", json!({"run_id": run, what: [{"key": other, "value": value}]})).await;
        }
        for (key, value) in api.pairs(&run, what).await {
            assert_eq!(
                value.as_str().unwrap().chars().count(),
                if key == "mlflow.runName" { 1 } else { most }
            );
        }
    }
}

#[tokio::test]
async fn a_value_that_is_no_text_is_refused() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for path in ["runs/log-parameter", "runs/set-tag"] {
        for (value, wanted) in [(json!(5), "integer `5`"), (json!({"a": 1}), "map"), (json!([]), "sequence")]
        {
            let refused = api.refused(path, json!({"run_id": run, "key": "k", "value": value})).await;
            assert!(
                refused.contains("parameter 'value': invalid type") && refused.contains(wanted),
                "{refused}"
            );
        }
    }
}
