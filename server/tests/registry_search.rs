//! Searches of models and versions: filters, orders and pages over MLflow's protocol.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{MODEL, Mlflow, publish};
use reqwest::Method;
use serde_json::{Value, json};

const MODELS: &str = "registered-models/search";
const VERSIONS: &str = "model-versions/search";

fn query(path: &str, parameters: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params("http://x/", parameters).unwrap();
    format!("{path}?{}", url.query().unwrap_or_default())
}

fn shown(page: &Value) -> Vec<String> {
    let of = |key: &str| page.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let models = of("registered_models").into_iter().map(|model| text(&model["name"]));
    let versions = of("model_versions")
        .into_iter()
        .map(|version| format!("{}/{}", text(&version["name"]), text(&version["version"])));
    models.chain(versions).collect()
}

async fn filled() -> Mlflow {
    let mlflow = Mlflow::ticking().await;
    for (name, team, versions) in [("alpha", "red", 3), ("Beta", "Red", 1), ("gamma", "blue", 0)] {
        let tags = json!([{"key": "team", "value": team}]);
        let body = json!({"name": name, "tags": tags, "description": format!("the {name}")});
        mlflow.post("registered-models/create", body).await;
        for _ in 0..versions {
            mlflow.version(name).await;
        }
    }
    mlflow.alias("alpha", "champion", "2").await;
    let tag = json!({"name": "alpha", "version": "2", "key": "place", "value": "first"});
    mlflow.post("model-versions/set-tag", tag).await;
    mlflow
}

#[tokio::test]
async fn filters_and_orders_find_what_they_say() {
    let mlflow = filled().await;
    // What MLflow's client adds to every search of models.
    let of_client = "AND tag.`mlflow.prompt.is_prompt` != 'true'";
    for (path, filter, order, found) in [
        (MODELS, "", "", "Beta alpha gamma"),
        (MODELS, &*format!("name LIKE '%a' {of_client}"), "name DESC", "gamma alpha Beta"),
        (MODELS, "tags.team ILIKE 'RED'", "name ASC", "Beta alpha"),
        (MODELS, "name = 'alpha'", "", "alpha"),
        (MODELS, "name IN ('gamma', 'nobody')", "", "gamma"),
        (MODELS, "", "timestamp DESC", "gamma Beta alpha"),
        (VERSIONS, "", "", "Beta/1 alpha/3 alpha/2 alpha/1"),
        (VERSIONS, "name = 'alpha' AND version_number > 1", "version_number ASC", "alpha/2 alpha/3"),
        (VERSIONS, "tags.place = 'first'", "", "alpha/2"),
        (VERSIONS, "source_path LIKE 's3://%' AND run_id = ''", "name ASC", "Beta/1 alpha/3 alpha/2 alpha/1"),
        (VERSIONS, "name = 'nobody'", "", ""),
    ] {
        let page = mlflow
            .get(&query(path, &[("filter", filter), ("order_by", order)][..=usize::from(!order.is_empty())]))
            .await;
        assert_eq!(shown(&page).join(" "), found, "{path} {filter} {order}");
        assert_eq!(page.get("next_page_token"), None);
    }
    assert_eq!(mlflow.get(&query(VERSIONS, &[("filter", "name = 'nobody'")])).await, json!({}));
}

#[tokio::test]
async fn whole_answers_look_as_mlflows() {
    let mlflow = filled().await;
    insta::assert_json_snapshot!("models", mlflow.get(&query(MODELS, &[("filter", "name = 'alpha'")])).await);
    insta::assert_json_snapshot!(
        "versions",
        mlflow.get(&query(VERSIONS, &[("filter", "version_number = 2")])).await
    );
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let mlflow = filled().await;
    for (path, size, wanted) in [
        (MODELS, "1", vec!["Beta", "alpha", "gamma"]),
        (MODELS, "2", vec!["Beta alpha", "gamma"]),
        (MODELS, "1000", vec!["Beta alpha gamma"]),
        (VERSIONS, "3", vec!["Beta/1 alpha/3 alpha/2", "alpha/1"]),
        (VERSIONS, "200000", vec!["Beta/1 alpha/3 alpha/2 alpha/1"]),
    ] {
        let mut pages = Vec::new();
        let mut token = String::new();
        loop {
            let page = mlflow.get(&query(path, &[("max_results", size), ("page_token", &token)])).await;
            pages.push(shown(&page).join(" "));
            match page.get("next_page_token") {
                Some(next) => token = next.as_str().unwrap().to_owned(),
                None => break,
            }
        }
        assert_eq!(pages, wanted, "{path} {size}");
    }
}

#[tokio::test]
async fn a_bad_search_is_refused_by_the_parameters_name() {
    let mlflow = filled().await;
    for path in [MODELS, VERSIONS] {
        for (parameter, value) in [
            ("max_results", "0"),
            ("max_results", "-1"),
            ("max_results", "x"),
            ("max_results", "200001"),
            ("filter", "name = 'x' AND"),
            ("filter", "description = 'x'"),
            ("filter", "name > 'x'"),
            ("order_by", "nothing"),
            ("page_token", "nonsense"),
        ] {
            let refused = mlflow.refused(Method::GET, &query(path, &[(parameter, value)]), None).await;
            let named = refused.starts_with("400 INVALID_PARAMETER_VALUE:") && refused.contains(parameter);
            assert!(named, "{path} {parameter}={value}: {refused}");
        }
    }
    assert!(
        mlflow.refused(Method::GET, &query(MODELS, &[("max_results", "1001")]), None).await.contains("1000")
    );
}

#[tokio::test]
async fn prompts_are_found_only_by_who_asks_for_them() {
    let mlflow = filled().await;
    let tags = json!([{"key": "mlflow.prompt.is_prompt", "value": "true"}]);
    mlflow.post("registered-models/create", json!({"name": "ask", "tags": tags})).await;
    let body = json!({"name": "ask", "source": "prompt-template", "tags": tags});
    mlflow.post("model-versions/create", body).await;
    assert_eq!(shown(&mlflow.get(MODELS).await), ["Beta", "alpha", "gamma"]);
    assert_eq!(shown(&mlflow.get(&query(VERSIONS, &[("filter", "name = 'ask'")])).await), [""; 0]);
    let asked = "tags.`mlflow.prompt.is_prompt` = 'true'";
    assert_eq!(shown(&mlflow.get(&query(MODELS, &[("filter", asked)])).await), ["ask"]);
    assert_eq!(shown(&mlflow.get(&query(VERSIONS, &[("filter", asked)])).await), ["ask/1"]);
}

#[tokio::test]
async fn a_published_bundle_is_found_as_any_version_is() {
    let mlflow = filled().await;
    publish(&mlflow.server.registry, b"model").await;
    let found =
        mlflow.get(&query(VERSIONS, &[("filter", "source_path LIKE 'mlflow-artifacts:/bundles/%'")])).await;
    assert_eq!(shown(&found), [format!("{MODEL}/1")]);
}

#[tokio::test]
async fn a_page_of_many_has_everything_of_each() {
    let mlflow = Mlflow::start().await;
    mlflow.model("RUL").await;
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
               INSERT INTO model_versions (model_id, version, created_at, updated_at, source, storage_uri)
               SELECT (SELECT id FROM registered_models), i, 1, 1, 's', 's' FROM n";
    mlflow.database().execute(sql, []).unwrap();
    let sql = "INSERT INTO model_version_tags SELECT id, 'number', version FROM model_versions;
               INSERT INTO model_aliases SELECT model_id, 'a' || version, version FROM model_versions";
    mlflow.database().execute_batch(sql).unwrap();
    let page = mlflow.get(VERSIONS).await;
    let versions = page["model_versions"].as_array().unwrap();
    assert_eq!(versions.len(), 1500);
    for version in versions {
        let number = version["version"].as_str().unwrap();
        assert_eq!(version["tags"], json!([{"key": "number", "value": number}]));
        assert_eq!(version["aliases"], json!([format!("a{number}")]));
    }
}
