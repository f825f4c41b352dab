//! Every value of a metric is kept, whatever double it is; the last one is the run's; histories come in pages.

mod tracking_common;

use serde_json::{Value, json};
use tracking_common::Tracking;

async fn log(api: &Tracking, run: &str, key: &str, value: Value, timestamp: i64, step: i64) {
    let body = json!({"run_id": run, "key": key, "value": value, "timestamp": timestamp, "step": step});
    assert_eq!(api.post("runs/log-metric", body).await, json!({}));
}

/// Values with their times and steps.
type Logged = [(Value, i64, i64)];

/// The values, steps and times of a history.
async fn history(api: &Tracking, run: &str, key: &str) -> Value {
    let history = api.get(&format!("metrics/get-history?run_id={run}&metric_key={key}")).await;
    points(&history)
}

fn points(history: &Value) -> Value {
    let metrics = history["metrics"].as_array().cloned().unwrap_or_default();
    metrics.iter().map(|m| json!([m["value"], m["step"], m["timestamp"]])).collect()
}

async fn last(api: &Tracking, run: &str, key: &str) -> Value {
    let metrics = api.pairs(run, "metrics").await;
    metrics.into_iter().find(|(name, _)| name == key).map_or(Value::Null, |(_, value)| value)
}

#[tokio::test]
async fn the_last_value_is_that_of_the_highest_step_then_time_then_value() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let cases: [(&str, &Logged, Value); 8] = [
        ("step", &[(json!(1.0), 10, 5), (json!(2.0), 20, 3)], json!(1.0)),
        ("time", &[(json!(1.0), 20, 1), (json!(2.0), 10, 1)], json!(1.0)),
        ("value", &[(json!(1.0), 10, 1), (json!(3.0), 10, 1), (json!(2.0), 10, 1)], json!(3.0)),
        ("negative", &[(json!(1.0), 10, -5), (json!(2.0), 20, -9)], json!(1.0)),
        // As the real server compares a NaN: as 0.
        ("nan-late", &[(json!(1.0), 10, 1), (json!("NaN"), 10, 1)], json!(1.0)),
        ("nan-early", &[(json!("NaN"), 10, 1), (json!(-1.0), 10, 1)], json!("NaN")),
        ("nan-step", &[(json!(1.0), 10, 1), (json!("NaN"), 10, 2)], json!("NaN")),
        ("infinity", &[(json!("Infinity"), 10, 1), (json!(1.7e308), 10, 1)], json!("Infinity")),
    ];
    for (key, logged, wanted) in cases {
        for (value, timestamp, step) in logged {
            log(&api, &run, key, value.clone(), *timestamp, *step).await;
        }
        assert_eq!(last(&api, &run, key).await, wanted, "{key}");
        // In one batch the same comes out.
        let metrics: Vec<Value> = logged
            .iter()
            .map(|(value, timestamp, step)| {
                json!({"key": format!("{key}-batch"), "value": value, "timestamp": timestamp, "step": step})
            })
            .collect();
        api.post("runs/log-batch", json!({"run_id": run, "metrics": metrics})).await;
        assert_eq!(last(&api, &run, &format!("{key}-batch")).await, wanted, "{key} in a batch");
        assert_eq!(history(&api, &run, key).await, history(&api, &run, &format!("{key}-batch")).await);
    }
}

#[tokio::test]
async fn any_double_comes_back_as_it_was() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for (sent, wanted) in [
        (json!(0.1), json!(0.1)),
        (json!(7), json!(7.0)),
        (json!(5e-324), json!(5e-324)),
        (json!(-1.797_693_134_862_315_7e308), json!(-1.797_693_134_862_315_7e308)),
        (json!("NaN"), json!("NaN")),
        (json!("Infinity"), json!("Infinity")),
        (json!("-Infinity"), json!("-Infinity")),
        (json!("1.5"), json!(1.5)),
        (json!(true), json!(1.0)),
    ] {
        let key = sent.to_string().replace(['"', '+'], "");
        log(&api, &run, &key, sent, 1, 0).await;
        assert_eq!(last(&api, &run, &key).await, wanted);
        assert_eq!(history(&api, &run, &key).await, json!([[wanted, 0, 1]]));
    }
}

#[tokio::test]
async fn what_is_logged_twice_is_there_once() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for _ in 0..2 {
        log(&api, &run, "m", json!(1.0), 10, 1).await;
        log(&api, &run, "m", json!("NaN"), 10, 1).await;
        let one = json!({"key": "m", "value": 2.0, "timestamp": 10, "step": 1});
        api.post("runs/log-batch", json!({"run_id": run, "metrics": [one.clone(), one]})).await;
    }
    assert_eq!(history(&api, &run, "m").await, json!([["NaN", 1, 10], [1.0, 1, 10], [2.0, 1, 10]]));
}

#[tokio::test]
async fn a_metric_that_is_no_double_is_refused() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let good = json!({"run_id": run, "key": "m", "value": 1, "timestamp": 1, "step": 1});
    for (field, value, wanted) in [
        ("value", json!("high"), "parameter 'value': invalid value: string \"high\""),
        ("value", json!([1]), "parameter 'value'"),
        ("value", json!({}), "parameter 'value'"),
        ("value", json!(null), "required parameter 'value'"),
        ("value", json!(""), "parameter 'value'"),
        ("timestamp", json!("now"), "parameter 'timestamp': invalid value: string \"now\""),
        ("timestamp", json!(1.5), "parameter 'timestamp'"),
        ("timestamp", json!(9_223_372_036_854_775_808_u64), "parameter 'timestamp'"),
        ("timestamp", json!(-1), "Invalid value -1 for parameter 'timestamp'"),
        ("timestamp", json!(null), "required parameter 'timestamp'"),
        ("step", json!("first"), "parameter 'step': invalid value: string \"first\""),
        ("step", json!(1.5), "parameter 'step'"),
        ("key", json!(5), "parameter 'key': invalid type: integer `5`"),
        ("key", json!(null), "required parameter 'key'"),
        ("run_id", json!(5), "parameter 'run_id'"),
        ("run_id", json!(null), "required parameter 'run_id'"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let refused = api.refused("runs/log-metric", body).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
    assert_eq!(api.get(&format!("metrics/get-history?run_id={run}&metric_key=m")).await, json!({}));
    api.post("runs/log-metric", good).await;
}

#[tokio::test]
async fn a_history_comes_in_pages_that_miss_nothing_and_repeat_nothing() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let metric = |i: i64| json!({"key": "m", "value": i % 3, "timestamp": 1000 - i / 5, "step": i});
    let metrics: Vec<Value> = (0..25).map(metric).collect();
    api.post("runs/log-batch", json!({"run_id": run, "metrics": metrics})).await;
    let whole = history(&api, &run, "m").await;
    assert_eq!(whole.as_array().unwrap().len(), 25);
    for size in [1, 7, 25, 26] {
        let (mut pages, mut token, mut count) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!(
                "metrics/get-history?run_id={run}&metric_key=m&max_results={size}&page_token={token}"
            );
            let page = api.get(&path).await;
            pages.extend(points(&page).as_array().unwrap().clone());
            count += 1;
            let Some(next) = page["next_page_token"].as_str() else { break };
            token = next.to_owned();
        }
        assert_eq!(json!(pages), whole);
        assert_eq!(count, 25_usize.div_ceil(size));
    }
    // What is logged before the place where a page ended does not shift the next one.
    let first = api.get(&format!("metrics/get-history?run_id={run}&metric_key=m&max_results=10")).await;
    log(&api, &run, "m", json!(9), 1, 0).await;
    let token = first["next_page_token"].as_str().unwrap();
    let rest = api.get(&format!("metrics/get-history?run_id={run}&metric_key=m&page_token={token}")).await;
    assert_eq!(points(&rest).as_array().unwrap()[..], whole.as_array().unwrap()[10..]);
}

#[tokio::test]
async fn a_bad_page_is_refused() {
    let api = Tracking::start().await;
    let run = api.run().await;
    for (query, wanted) in [
        (format!("run_id={run}&metric_key=m&max_results=0"), "Invalid value 0 for parameter 'max_results'"),
        (format!("run_id={run}&metric_key=m&max_results=-1"), "Invalid value -1 for parameter 'max_results'"),
        (format!("run_id={run}&metric_key=m&max_results=x"), "max_results"),
        (format!("run_id={run}&metric_key=m&page_token=nonsense"), "page_token \"nonsense\" is not valid"),
        (format!("run_id={run}"), "required parameter 'metric_key'"),
        ("metric_key=m".to_owned(), "required parameter 'run_id'"),
    ] {
        let refused = api.get_refused(&format!("metrics/get-history?{query}")).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
}

#[tokio::test]
async fn histories_of_several_runs_come_together() {
    let api = Tracking::start().await;
    let mut runs = [api.run().await, api.run().await];
    runs.sort();
    for (factor, run) in (1..).zip(&runs) {
        for i in 0..10 {
            log(&api, run, "m", json!(i * factor), i, i).await;
        }
    }
    let [one, two] = &runs;
    let of = |answer: &Value| -> Value {
        answer["metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| json!([m["run_id"], m["value"], m["step"]]))
            .collect()
    };
    let both = api
        .get(&format!("metrics/get-history-bulk?run_id={two}&run_id={one}&metric_key=m&max_results=11"))
        .await;
    assert_eq!(both["metrics"].as_array().unwrap().len(), 11);
    assert_eq!(of(&both)[0], json!([one, 0.0, 0]));
    assert_eq!(of(&both)[10], json!([two, 0.0, 0]));
    let path =
        format!("metrics/get-history-bulk-interval?run_ids={one}&run_ids={two}&metric_key=m&max_results=3");
    let wanted =
        json!([[one, 0.0, 0], [one, 4.0, 4], [one, 9.0, 9], [two, 0.0, 0], [two, 8.0, 4], [two, 18.0, 9]]);
    assert_eq!(of(&api.get(&path).await), wanted);
    let path =
        format!("metrics/get-history-bulk-interval?run_ids={one}&metric_key=m&start_step=3&end_step=5");
    assert_eq!(of(&api.get(&path).await), json!([[one, 3.0, 3], [one, 4.0, 4], [one, 5.0, 5]]));
    for (path, wanted) in [
        ("get-history-bulk?metric_key=m".to_owned(), "names 0 runs"),
        (format!("get-history-bulk?run_id={one}"), "'metric_key'"),
        ("get-history-bulk-interval?metric_key=m".to_owned(), "names 0 runs"),
        (format!("get-history-bulk-interval?run_ids={one}&metric_key=m&start_step=3"), "belong together"),
        (format!("get-history-bulk-interval?run_ids={one}&metric_key=m&start_step=3&end_step=2"), "in order"),
        (
            format!("get-history-bulk-interval?run_ids={one}&metric_key=m&max_results=2501"),
            "between 1 and 2500",
        ),
    ] {
        let refused = api.get_refused(&format!("metrics/{path}")).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
}
