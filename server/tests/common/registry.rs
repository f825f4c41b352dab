//! MLflow's registry as a client sees it, and runs and logged models to make versions of.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use overhaul_server::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Running, http, refusal};

/// A registry with a data directory of its own, which lives as long.
pub(crate) struct Mlflow {
    pub(crate) server: Running,
    directory: TempDir,
    seconds: Arc<AtomicI64>,
}

impl Mlflow {
    /// With the tests' standing clock.
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { server: Running::start(directory.path()).await, directory, seconds: Arc::default() }
    }

    /// With a clock that moves on by a second with each request.
    pub(crate) async fn ticking() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let seconds = Arc::new(AtomicI64::new(0));
        let now = Arc::clone(&seconds);
        let clock = Clock::from_fn(move || Timestamp::from_second(now.load(Ordering::Relaxed)).unwrap());
        let server = Running::with(directory.path(), |options| options.clock = clock).await;
        Self { server, directory, seconds }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Response {
        self.seconds.fetch_add(1, Ordering::Relaxed);
        let url = self.server.at(&format!("/api/2.0/mlflow/{path}"));
        let request = http().request(method, url);
        let request = match body {
            Some(body) => request.header("Content-Type", "application/json").body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn done(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.send(method, path, body).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.done(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.done(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.done(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, body: Value) -> Value {
        self.done(Method::DELETE, path, Some(body)).await
    }

    /// What a refused request is told.
    pub(crate) async fn refused(&self, method: Method, path: &str, body: Option<Value>) -> String {
        refusal(self.send(method, path, body).await).await
    }

    pub(crate) async fn model(&self, name: &str) {
        self.post("registered-models/create", json!({"name": name})).await;
    }

    /// A new version of a model, of a place that nobody here reads; its number.
    pub(crate) async fn version(&self, model: &str) -> String {
        let body = json!({"name": model, "source": "s3://bucket/model"});
        let made = self.post("model-versions/create", body).await;
        made["model_version"]["version"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn alias(&self, model: &str, alias: &str, version: &str) {
        self.post("registered-models/alias", json!({"name": model, "alias": alias, "version": version}))
            .await;
    }

    pub(crate) async fn stage(&self, model: &str, version: &str, stage: &str) {
        let body = json!({"name": model, "version": version, "stage": stage});
        self.post("model-versions/transition-stage", body).await;
    }

    /// The registry's database, beside the registry.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.directory.path().join("registry.sqlite")).unwrap();
        database.pragma_update(None, "foreign_keys", true).unwrap();
        database
    }

    /// A run whose artifacts lie at `mlflow-artifacts:/9/{id}/artifacts`.
    pub(crate) fn run(&self, id: &str) {
        self.experiment();
        let sql = "INSERT INTO runs (run_id, experiment_id, name, user_id, status, start_time, artifact_uri)
                   VALUES (?1, 9, 'r', 'ann', 'FINISHED', 1, 'mlflow-artifacts:/9/' || ?1 || '/artifacts')";
        self.database().execute(sql, [id]).unwrap();
    }

    /// A logged model of a run, whose files lie at `mlflow-artifacts:/9/models/{id}/artifacts`.
    pub(crate) fn logged_model(&self, id: &str, name: &str, run: &str) {
        self.experiment();
        let sql = "INSERT INTO logged_models (model_id, experiment_id, name, artifact_uri, status, model_type,
                                              source_run_id, created_at, updated_at)
                   VALUES (?1, 9, ?2, 'mlflow-artifacts:/9/models/' || ?1 || '/artifacts', 'READY', '', ?3, 1, 1)";
        self.database().execute(sql, [id, name, run]).unwrap();
    }

    fn experiment(&self) {
        let sql = "INSERT INTO experiments (id, name, artifact_location, created_at, updated_at)
                   VALUES (9, 'e', 'mlflow-artifacts:/9', 1, 1) ON CONFLICT DO NOTHING";
        self.database().execute(sql, []).unwrap();
    }

    /// The audit trail, oldest first: `actor action kind subject scope: before -> after (reason)`.
    pub(crate) fn audit(&self) -> Vec<String> {
        let database = self.database();
        let sql = "SELECT actor || ' ' || action || ' ' || kind || ' ' || subject || ' ' || coalesce(scope, '-') || ': '
                          || coalesce(before, '-') || ' -> ' || coalesce(after, '-')
                          || coalesce(' (' || reason || ')', '')
                   FROM audit ORDER BY id";
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}
