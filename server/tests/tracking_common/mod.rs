//! MLflow's tracking requests, as its client sends them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

#[path = "../common/mod.rs"]
mod common;

use std::time::Duration;

use common::{Running, http, refusal};
#[allow(unused_imports, reason = "each test file uses its own part of this module")]
pub(crate) use common::{get, refusal as refused};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A registry with nothing in it, and a client.
pub(crate) struct Tracking {
    pub(crate) server: Running,
    client: reqwest::Client,
    _data: TempDir,
}

impl Tracking {
    pub(crate) async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = Running::start(data.path()).await;
        Self { server, client: http(), _data: data }
    }

    fn at(&self, path: &str) -> String {
        self.server.at(&format!("/api/2.0/mlflow/{path}"))
    }

    /// Sends a body as it is.
    pub(crate) async fn send(&self, path: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let request = self.client.post(self.at(path)).header("Content-Type", "application/json");
        request.timeout(Duration::from_mins(1)).body(body).send().await.unwrap()
    }

    /// What a POST is answered.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        ok(self.send(path, body.to_string()).await).await
    }

    /// Why a POST is refused, as `status error_code: message`.
    pub(crate) async fn refused(&self, path: &str, body: Value) -> String {
        refusal(self.send(path, body.to_string()).await).await
    }

    /// What a GET is answered.
    pub(crate) async fn get(&self, path: &str) -> Value {
        ok(self.client.get(self.at(path)).send().await.unwrap()).await
    }

    /// Why a GET is refused, as `status error_code: message`.
    pub(crate) async fn get_refused(&self, path: &str) -> String {
        refusal(self.client.get(self.at(path)).send().await.unwrap()).await
    }

    /// A new experiment's id.
    pub(crate) async fn experiment(&self, name: &str) -> String {
        let created = self.post("experiments/create", json!({"name": name})).await;
        created["experiment_id"].as_str().unwrap().to_owned()
    }

    /// A new run's id, in the experiment `0`.
    pub(crate) async fn run(&self) -> String {
        let created = self.post("runs/create", json!({"experiment_id": "0", "run_name": "r"})).await;
        created["run"]["info"]["run_id"].as_str().unwrap().to_owned()
    }

    /// A run as it is read.
    pub(crate) async fn read(&self, run_id: &str) -> Value {
        self.get(&format!("runs/get?run_id={run_id}")).await["run"].take()
    }

    /// Tags, params or metrics of a run as `(key, value)`.
    pub(crate) async fn pairs(&self, run_id: &str, what: &str) -> Vec<(String, Value)> {
        pairs(&self.read(run_id).await["data"][what])
    }
}

/// A list of things with keys and values, as `(key, value)`.
pub(crate) fn pairs(list: &Value) -> Vec<(String, Value)> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter().map(|pair| (pair["key"].as_str().unwrap().to_owned(), pair["value"].clone())).collect()
}

async fn ok(answer: reqwest::Response) -> Value {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}
