//! Logged models, made as `MLflow`'s client makes them.

use serde_json::{Value, json};

use super::Mlflow;

pub(crate) async fn experiment(mlflow: &Mlflow) -> String {
    let made = mlflow.post("experiments/create", json!({"name": "FD001"})).await;
    made["experiment_id"].as_str().unwrap().to_owned()
}

pub(crate) async fn create(mlflow: &Mlflow, body: Value) -> Value {
    mlflow.post("logged-models", body).await["model"].clone()
}

pub(crate) fn id(model: &Value) -> String {
    model["info"]["model_id"].as_str().unwrap().to_owned()
}

pub(crate) fn pair(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value})
}
