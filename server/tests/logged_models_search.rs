//! Logged models are found by filter, dataset and order, a page at a time.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::Mlflow;
use common::logged::{create, experiment, id, pair};
use reqwest::Method;
use serde_json::{Value, json};

async fn found(mlflow: &Mlflow, body: Value) -> Vec<String> {
    let found = mlflow.post("logged-models/search", body).await;
    let models = found["models"].as_array().cloned().unwrap_or_default();
    models.iter().map(|model| model["info"]["name"].as_str().unwrap().to_owned()).collect()
}

/// Three models: `a` has a loss of 0.5 on FD001 and one of 0.1 on FD002, `b` one of 0.3 on FD001, `c` none.
async fn measured(mlflow: &Mlflow) -> String {
    let experiment = experiment(mlflow).await;
    let run = mlflow.post("runs/create", json!({"experiment_id": experiment})).await;
    let run = run["run"]["info"]["run_id"].clone();
    for (name, losses) in [("a", &[("FD001", 0.5), ("FD002", 0.1)][..]), ("b", &[("FD001", 0.3)]), ("c", &[])]
    {
        let body = json!({"experiment_id": experiment, "name": name, "params": [pair("layers", name)]});
        let id = id(&create(mlflow, body).await);
        for (step, (dataset, loss)) in losses.iter().enumerate() {
            let metric = json!({
                "run_id": run, "key": "loss", "value": loss, "timestamp": 7, "step": step, "model_id": id,
                "dataset_name": dataset, "dataset_digest": "d",
            });
            mlflow.post("runs/log-metric", metric).await;
        }
    }
    experiment
}

#[tokio::test]
async fn a_search_finds_whole_models_newest_first() {
    let mlflow = Mlflow::ticking().await;
    let experiment = measured(&mlflow).await;
    let whole = mlflow.post("logged-models/search", json!({"experiment_ids": [experiment]})).await;
    assert_eq!(found(&mlflow, json!({"experiment_ids": [experiment]})).await, ["c", "b", "a"]);
    for model in whole["models"].as_array().unwrap() {
        assert_eq!(mlflow.get(&format!("logged-models/{}", id(model))).await["model"], *model);
    }
    let last = id(&whole["models"][0]);
    mlflow.delete(&format!("logged-models/{last}"), json!({})).await;
    assert_eq!(found(&mlflow, json!({"experiment_ids": [experiment, experiment, "999"]})).await, ["b", "a"]);
    for none in [json!([]), json!(["999"])] {
        assert_eq!(mlflow.post("logged-models/search", json!({"experiment_ids": none})).await, json!({}));
    }
}

#[tokio::test]
async fn a_search_heeds_filter_datasets_and_order() {
    let mlflow = Mlflow::ticking().await;
    let experiment = measured(&mlflow).await;
    let fd = |name: &str| json!([{"dataset_name": name}]);
    for (more, wanted) in [
        (json!({"filter": "metrics.loss < 0.4"}), vec!["b", "a"]),
        (json!({"filter": "metrics.loss < 0.4", "datasets": fd("FD001")}), vec!["b"]),
        (json!({"datasets": fd("FD002")}), vec!["a"]),
        (json!({"datasets": [{"dataset_name": "FD001", "dataset_digest": "other"}]}), vec![]),
        (json!({"filter": "params.layers = 'c' AND status = 'PENDING'"}), vec!["c"]),
        (json!({"order_by": [{"field_name": "name"}]}), vec!["a", "b", "c"]),
        (json!({"order_by": [{"field_name": "metrics.loss"}]}), vec!["a", "b", "c"]),
        (json!({"order_by": [{"field_name": "metrics.loss", "dataset_name": "FD001"}]}), vec!["b", "a", "c"]),
        (
            json!({"order_by": [{"field_name": "metrics.loss", "dataset_name": "FD001", "ascending": false}]}),
            vec!["a", "b", "c"],
        ),
    ] {
        let mut body = json!({"experiment_ids": [experiment]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(found(&mlflow, body).await, wanted, "{more}");
    }
}

#[tokio::test]
async fn a_search_comes_in_pages() {
    let mlflow = Mlflow::ticking().await;
    let experiment = measured(&mlflow).await;
    let ask = |token: Value| json!({"experiment_ids": [experiment], "max_results": 2, "page_token": token});
    let first = mlflow.post("logged-models/search", ask(Value::Null)).await;
    assert_eq!(first["models"].as_array().unwrap().len(), 2);
    assert_eq!(found(&mlflow, ask(first["next_page_token"].clone())).await, ["a"]);
    let last = mlflow.post("logged-models/search", ask(first["next_page_token"].clone())).await;
    assert!(last.get("next_page_token").is_none());
    let token = first["next_page_token"].clone();
    for (body, wanted) in [
        (json!({}), "Missing value for required parameter 'experiment_ids'"),
        (json!({"experiment_ids": ["x"]}), "Invalid experiment ID 'x'"),
        (json!({"experiment_ids": [experiment], "filter": "nothing = 'x'"}), "filter, column 1"),
        (
            json!({"experiment_ids": [experiment], "order_by": [{"field_name": "params.layers"}]}),
            "order_by[0]",
        ),
        (json!({"experiment_ids": [experiment], "order_by": [{"ascending": true}]}), "order_by[0]"),
        (json!({"experiment_ids": [experiment], "datasets": [{"dataset_digest": "d"}]}), "`dataset_name`"),
        (json!({"experiment_ids": [experiment], "max_results": -1}), "'max_results'"),
        (json!({"experiment_ids": [experiment], "page_token": "nonsense"}), "page_token"),
        (json!({"experiment_ids": [experiment], "filter": "name = 'a'", "page_token": token}), "page_token"),
    ] {
        let refused = mlflow.refused(Method::POST, "logged-models/search", Some(body)).await;
        assert!(
            refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted),
            "{wanted}: {refused}"
        );
    }
}
