//! Searches find runs and experiments with all that belongs to them, in pages.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod tracking_common;

use serde_json::{Value, json};
use tracking_common::Tracking;

/// The names of what was found.
fn names(found: &Value) -> Vec<String> {
    let runs = found["runs"].as_array().into_iter().flatten().map(|run| &run["info"]["run_name"]);
    let experiments =
        found["experiments"].as_array().into_iter().flatten().map(|experiment| &experiment["name"]);
    runs.chain(experiments).map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// A run in experiment 0 with a loss and a kind, that started at a time.
async fn run(api: &Tracking, name: &str, start: i64, loss: f64, kind: &str) -> String {
    let body = json!({"experiment_id": "0", "run_name": name, "start_time": start});
    let run = api.post("runs/create", body).await["run"]["info"]["run_id"].as_str().unwrap().to_owned();
    let body = json!({
        "run_id": run,
        "metrics": [{"key": "loss", "value": loss, "timestamp": 1}],
        "params": [{"key": "kind", "value": kind}],
        "tags": [{"key": "kind", "value": kind}],
    });
    api.post("runs/log-batch", body).await;
    run
}

#[tokio::test]
async fn runs_are_found_by_what_they_logged_in_the_order_asked_for() {
    let api = Tracking::start().await;
    for (name, start, loss, kind) in [("a", 1, 0.5, "lstm"), ("b", 2, 0.2, "gru"), ("c", 3, 0.9, "lstm")] {
        run(&api, name, start, loss, kind).await;
    }
    let search = async |filter: &str, order: Value| {
        let body = json!({"experiment_ids": ["0"], "filter": filter, "order_by": order});
        names(&api.post("runs/search", body).await)
    };
    assert_eq!(search("", json!(null)).await, ["c", "b", "a"], "the newest first");
    assert_eq!(search("params.kind = 'lstm'", json!([])).await, ["c", "a"]);
    assert_eq!(
        search("metrics.loss < 0.6 and tags.kind LIKE '%'", json!(["metrics.loss ASC"])).await,
        ["b", "a"]
    );
    assert_eq!(search("attributes.run_name != 'b'", json!(["run_name ASC"])).await, ["a", "c"]);
}

#[tokio::test]
async fn a_run_is_found_as_it_is_read() {
    let api = Tracking::start().await;
    let mut runs = Vec::new();
    for i in 0..5 {
        let run = run(&api, &i.to_string(), i, 0.5, "lstm").await;
        let dataset = json!({"name": "d", "digest": i.to_string(), "source_type": "local", "source": "s"});
        let input = json!({"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": "train"}]});
        let models = json!([{"model_id": format!("m-{i}")}]);
        api.post("runs/log-inputs", json!({"run_id": run, "datasets": [input], "models": models})).await;
        api.post("runs/outputs", json!({"run_id": run, "models": models})).await;
        runs.push(api.read(&run).await);
    }
    let found = api.post("runs/search", json!({"experiment_ids": ["0"], "order_by": ["start_time"]})).await;
    assert_eq!(found, json!({"runs": runs}));
}

#[tokio::test]
async fn runs_are_found_in_the_experiments_and_the_stage_asked_for() {
    let api = Tracking::start().await;
    let other = api.experiment("other").await;
    api.post("runs/create", json!({"experiment_id": other, "run_name": "elsewhere"})).await;
    let gone = run(&api, "gone", 1, 0.5, "lstm").await;
    api.post("runs/delete", json!({"run_id": gone})).await;
    run(&api, "here", 2, 0.5, "lstm").await;
    for (body, wanted) in [
        (json!({"experiment_ids": ["0"]}), vec!["here"]),
        (json!({"experiment_ids": ["0"], "run_view_type": "ACTIVE_ONLY"}), vec!["here"]),
        (json!({"experiment_ids": ["0"], "run_view_type": "DELETED_ONLY"}), vec!["gone"]),
        (json!({"experiment_ids": ["0"], "run_view_type": 3}), vec!["here", "gone"]),
        (
            json!({"experiment_ids": ["0", "0", other, "77"], "order_by": ["run_name"]}),
            vec!["elsewhere", "here"],
        ),
        (json!({"experiment_ids": []}), vec![]),
        (json!({}), vec![]),
    ] {
        assert_eq!(names(&api.post("runs/search", body.clone()).await), wanted, "{body}");
    }
}

#[tokio::test]
async fn pages_of_runs_miss_nothing_and_repeat_nothing() {
    let api = Tracking::start().await;
    for i in 0..10 {
        run(&api, &i.to_string(), i / 3, 0.1 * (i % 4) as f64, "lstm").await;
    }
    for order in [json!([]), json!(["metrics.loss DESC"]), json!(["run_name"])] {
        let mut body = json!({"experiment_ids": ["0"], "order_by": order});
        let whole = names(&api.post("runs/search", body.clone()).await);
        assert_eq!(whole.len(), 10);
        for size in [1, 3, 10, 11] {
            body["max_results"] = json!(size);
            body["page_token"] = json!(null);
            let mut pages = Vec::new();
            loop {
                let page = api.post("runs/search", body.clone()).await;
                pages.extend(names(&page));
                body["page_token"] = page["next_page_token"].clone();
                if body["page_token"].is_null() {
                    break;
                }
            }
            assert_eq!(pages, whole, "{order} in pages of {size}");
        }
    }
}

#[tokio::test]
async fn experiments_are_found_by_name_tag_and_stage() {
    let api = Tracking::start().await;
    for name in ["alpha", "beta", "gone"] {
        let id = api.experiment(name).await;
        let tag = json!({"experiment_id": id, "key": "first", "value": &name[..1]});
        api.post("experiments/set-experiment-tag", tag).await;
        if name == "gone" {
            api.post("experiments/delete", json!({"experiment_id": id})).await;
        }
    }
    for (body, wanted) in [
        (json!({"order_by": ["name"]}), vec!["Default", "alpha", "beta"]),
        (json!({"order_by": ["name"], "view_type": "ALL"}), vec!["Default", "alpha", "beta", "gone"]),
        (json!({"view_type": "DELETED_ONLY"}), vec!["gone"]),
        (json!({"filter": "tags.first = 'b'"}), vec!["beta"]),
        (json!({"filter": "name ILIKE 'ALPH%'", "order_by": null}), vec!["alpha"]),
    ] {
        let mut body = body;
        body["max_results"] = json!(10);
        assert_eq!(names(&api.post("experiments/search", body.clone()).await), wanted, "{body}");
    }
    assert_eq!(names(&api.get("experiments/search?max_results=1&order_by=name").await), ["Default"]);
    let first =
        api.get("experiments/search?max_results=2&order_by=name&order_by=experiment_id&view_type=ALL").await;
    assert_eq!(names(&first), ["Default", "alpha"]);
    let token = first["next_page_token"].as_str().unwrap();
    let path = format!(
        "experiments/search?max_results=2&order_by=name&order_by=experiment_id&view_type=ALL&page_token={token}"
    );
    assert_eq!(names(&api.get(&path).await), ["beta", "gone"]);
    let id = api.get("experiments/get-by-name?experiment_name=beta").await["experiment"].take();
    let found = api.post("experiments/search", json!({"max_results": 1, "filter": "name = 'beta'"})).await;
    assert_eq!(found, json!({"experiments": [id]}));
}

#[tokio::test]
async fn a_bad_search_is_refused() {
    let api = Tracking::start().await;
    for (field, value, wanted) in [
        ("filter", json!("metrics.loss <"), "filter"),
        ("filter", json!("nothing = 'x'"), "nothing"),
        ("filter", json!(5), "parameter 'filter'"),
        ("order_by", json!(["nothing"]), "nothing"),
        ("order_by", json!([5]), "parameter 'order_by[0]'"),
        ("max_results", json!(0), "Invalid value 0 for parameter 'max_results'"),
        ("max_results", json!(50_001), "at most 50000"),
        ("max_results", json!("many"), "parameter 'max_results': invalid value: string \"many\""),
        ("page_token", json!("nonsense"), "page_token: `nonsense`"),
    ] {
        for path in ["runs/search", "experiments/search"] {
            let mut body = json!({"experiment_ids": ["0"], "max_results": 5});
            body[field] = value.clone();
            let refused = api.refused(path, body).await;
            assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE"), "{path} {field}: {refused}");
            assert!(refused.contains(wanted), "{path} {field}: {refused}");
        }
    }
    for (path, body, wanted) in [
        ("runs/search", json!({"experiment_ids": ["abc"]}), "Invalid experiment ID 'abc'"),
        ("runs/search", json!({"experiment_ids": "0"}), "parameter 'experiment_ids'"),
        (
            "runs/search",
            json!({"run_view_type": "NOBODY"}),
            "parameter 'run_view_type': invalid value: string \"NOBODY\"",
        ),
        ("experiments/search", json!({"max_results": 1, "view_type": 9}), "parameter 'view_type'"),
        ("experiments/search", json!({}), "Invalid value 0 for parameter 'max_results'"),
    ] {
        let refused = api.refused(path, body).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
}
