//! Experiments are made, read, renamed, tagged, deleted and restored as MLflow does it.

mod tracking_common;

use serde_json::json;
use tracking_common::{Tracking, pairs};

#[tokio::test]
async fn an_empty_registry_has_the_experiment_default() {
    let api = Tracking::start().await;
    for path in ["experiments/get?experiment_id=0", "experiments/get-by-name?experiment_name=Default"] {
        let mut experiment = api.get(path).await["experiment"].take();
        for time in ["creation_time", "last_update_time"] {
            assert!(experiment[time].as_i64().unwrap() > 1_700_000_000_000);
            experiment[time] = json!(0);
        }
        let wanted = json!({
            "experiment_id": "0", "name": "Default", "artifact_location": "mlflow-artifacts:/0",
            "lifecycle_stage": "active", "creation_time": 0, "last_update_time": 0, "workspace": "default",
        });
        assert_eq!(experiment, wanted);
    }
}

#[tokio::test]
async fn an_experiment_is_read_as_it_was_made() {
    let api = Tracking::start().await;
    let tags = json!([{"key": "b", "value": "größe ✓"}, {"key": "a"}]);
    let id =
        api.post("experiments/create", json!({"name": "plain", "tags": tags})).await["experiment_id"].take();
    assert_eq!(id, "1");
    let answer = api.get("experiments/get?experiment_id=1").await;
    insta::assert_json_snapshot!(answer);
    assert_eq!(api.get("experiments/get-by-name?experiment_name=plain").await, answer);
}

#[tokio::test]
async fn a_name_is_taken_once_even_by_what_was_deleted() {
    let api = Tracking::start().await;
    let id = api.experiment("taken").await;
    api.experiment("TAKEN").await;
    let other = api.experiment("other").await;
    for _ in 0..2 {
        for (path, body) in [
            ("experiments/create", json!({"name": "taken"})),
            ("experiments/update", json!({"experiment_id": other, "new_name": "taken"})),
        ] {
            let refused = api.refused(path, body).await;
            assert!(refused.starts_with("400 RESOURCE_ALREADY_EXISTS: Experiment(name=taken)"), "{refused}");
        }
        // The second time around it is deleted, and its name taken still.
        api.send("experiments/delete", json!({"experiment_id": id}).to_string()).await;
    }
    api.post("experiments/update", json!({"experiment_id": other, "new_name": "other"})).await;
}

#[tokio::test]
async fn renaming_frees_the_old_name() {
    let api = Tracking::start().await;
    let id = api.experiment("before").await;
    assert_eq!(
        api.post("experiments/update", json!({"experiment_id": id, "new_name": "after"})).await,
        json!({})
    );
    assert_eq!(api.get(&format!("experiments/get?experiment_id={id}")).await["experiment"]["name"], "after");
    assert_eq!(
        api.get_refused("experiments/get-by-name?experiment_name=before").await,
        "404 RESOURCE_DOES_NOT_EXIST: Could not find experiment with name 'before'"
    );
    api.experiment("before").await;
}

#[tokio::test]
async fn names_have_1_to_500_characters() {
    let api = Tracking::start().await;
    api.experiment(&"ß".repeat(500)).await;
    let id = api.experiment(" ..with/any%41\tcharacter'\" ").await;
    for (name, wanted) in [
        (json!("n".repeat(501)), "'name' exceeds the maximum length of 500 characters"),
        (json!(""), "Missing value for required parameter 'name'"),
        (json!(null), "Missing value for required parameter 'name'"),
        (json!(5), "parameter 'name': invalid type: integer `5`"),
        (json!(["x"]), "parameter 'name': invalid type: sequence"),
    ] {
        let refused = api.refused("experiments/create", json!({"name": name})).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
    }
    for name in [json!("n".repeat(501)), json!("")] {
        let body = json!({"experiment_id": id, "new_name": name});
        assert!(api.refused("experiments/update", body).await.starts_with("400 INVALID_PARAMETER_VALUE"));
    }
}

#[tokio::test]
async fn an_experiment_that_is_not_there_is_named() {
    let api = Tracking::start().await;
    for (id, wanted) in [
        ("77", "404 RESOURCE_DOES_NOT_EXIST: No Experiment with id=77 exists"),
        (
            "abc",
            "400 INVALID_PARAMETER_VALUE: Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
        ),
        ("", "400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'experiment_id'."),
    ] {
        assert_eq!(api.get_refused(&format!("experiments/get?experiment_id={id}")).await, wanted);
        for path in ["experiments/delete", "experiments/restore", "experiments/update", "runs/create"] {
            assert_eq!(
                api.refused(path, json!({"experiment_id": id, "new_name": "x"})).await,
                wanted,
                "{path}"
            );
        }
        for path in ["experiments/set-experiment-tag", "experiments/delete-experiment-tag"] {
            let body = json!({"experiment_id": id, "key": "k", "value": "v"});
            assert_eq!(api.refused(path, body).await, wanted, "{path}");
        }
    }
}

#[tokio::test]
async fn tags_are_set_replaced_and_deleted() {
    let api = Tracking::start().await;
    let id = api.experiment("tagged").await;
    for (key, value) in [("k", "v"), ("k", "other"), ("empty", ""), ("größe", "✓"), ("a/b.c:d-e_f g", "1")]
    {
        let body = json!({"experiment_id": id, "key": key, "value": value});
        assert_eq!(api.post("experiments/set-experiment-tag", body).await, json!({}));
    }
    let tags =
        async || pairs(&api.get(&format!("experiments/get?experiment_id={id}")).await["experiment"]["tags"]);
    let wanted = [("a/b.c:d-e_f g", "1"), ("empty", ""), ("größe", "✓"), ("k", "other")];
    assert_eq!(tags().await, wanted.map(|(key, value)| (key.to_owned(), json!(value))));
    let body = json!({"experiment_id": id, "key": "k"});
    api.post("experiments/delete-experiment-tag", body.clone()).await;
    assert_eq!(tags().await.len(), 3);
    assert_eq!(
        api.refused("experiments/delete-experiment-tag", body).await,
        format!("404 RESOURCE_DOES_NOT_EXIST: No tag with name: k in experiment with id {id}")
    );
}

#[tokio::test]
async fn a_tag_over_its_limits_is_refused() {
    let api = Tracking::start().await;
    let set = |key: String, value: String| json!({"experiment_id": "0", "key": key, "value": value});
    api.post("experiments/set-experiment-tag", set("x".repeat(250), "v".repeat(20_000))).await;
    for (key, value, wanted) in [
        ("x".repeat(251), String::new(), "'key' exceeds the maximum length of 250"),
        ("k".to_owned(), "v".repeat(20_001), "'value' exceeds the maximum length of 20000"),
        ("a*b".to_owned(), String::new(), "Invalid value \"a*b\" for parameter 'key'"),
        ("../b".to_owned(), String::new(), "Invalid value \"../b\" for parameter 'key'"),
        (String::new(), String::new(), "Missing value for required parameter 'key'"),
    ] {
        let refused = api.refused("experiments/set-experiment-tag", set(key.clone(), value.clone())).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE") && refused.contains(wanted), "{refused}");
        let tags = json!([{"key": key, "value": value}]);
        let refused = api.refused("experiments/create", json!({"name": "n", "tags": tags})).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE"), "{refused}");
    }
    let twice = json!([{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]);
    let refused = api.refused("experiments/create", json!({"name": "n", "tags": twice})).await;
    assert!(refused.contains("tag \"k\" is there twice"), "{refused}");
    assert!(api.get_refused("experiments/get-by-name?experiment_name=n").await.starts_with("404"));
}

#[tokio::test]
async fn artifacts_lie_where_the_experiment_says() {
    let api = Tracking::start().await;
    for (location, wanted) in [
        ("", "mlflow-artifacts:/{id}/{run}/artifacts"),
        ("mlflow-artifacts:/else/where", "mlflow-artifacts:/else/where/{run}/artifacts"),
        ("s3://bucket/x?k=v", "s3://bucket/x/{run}/artifacts?k=v"),
        ("file:///shared/mlruns/", "file:///shared/mlruns/{run}/artifacts"),
    ] {
        let body = json!({"name": format!("at {location}"), "artifact_location": location});
        let id = api.post("experiments/create", body).await["experiment_id"].take();
        let run = api.post("runs/create", json!({"experiment_id": id})).await["run"]["info"].take();
        let wanted =
            wanted.replace("{id}", id.as_str().unwrap()).replace("{run}", run["run_id"].as_str().unwrap());
        assert_eq!(run["artifact_uri"], json!(wanted));
    }
}

#[tokio::test]
async fn a_location_that_leads_elsewhere_is_refused() {
    let api = Tracking::start().await;
    for location in
        ["runs:/abc/x", "http://host/x", "mlflow-artifacts://host/x", "mlflow-artifacts:/x/%2e%2e/y"]
    {
        let body = json!({"name": "n", "artifact_location": location});
        let refused = api.refused("experiments/create", body).await;
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE: artifact_location"), "{refused}");
        assert!(refused.contains(location), "{refused}");
    }
}
