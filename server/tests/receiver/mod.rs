//! A receiver of webhooks on loopback: it keeps what it is told and answers what the test wants.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::common::http;

/// One request that came.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) payload: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.payload).unwrap()
    }

    /// Such as `model_version.created`.
    pub(crate) fn event(&self) -> String {
        let json = self.json();
        format!("{}.{}", json["entity"].as_str().unwrap(), json["action"].as_str().unwrap())
    }

    pub(crate) fn delivery_id(&self) -> &str {
        &self.headers["x-mlflow-delivery-id"]
    }

    /// As a receiver checks it that follows `MLflow`'s documentation.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let Some(signature) = self.headers.get("x-mlflow-signature") else { return false };
        let signature = BASE64_STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        let timestamp = &self.headers["x-mlflow-timestamp"];
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{}.{timestamp}.{}", self.delivery_id(), self.payload).as_bytes());
        mac.verify_slice(&signature).is_ok()
    }
}

#[derive(Default)]
struct Inner {
    told: Vec<Told>,
    statuses: VecDeque<u16>,
    pause: Duration,
}

/// Listens until it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let inner = Arc::<Mutex<Inner>>::default();
        let app = Router::new().fallback(take).with_state(Arc::clone(&inner));
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { address, inner, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What the next requests are answered; then it is 200 again.
    pub(crate) fn answer(&self, statuses: &[u16]) {
        self.inner.lock().unwrap().statuses = statuses.iter().copied().collect();
    }

    /// How long it takes to answer.
    pub(crate) fn pause(&self, pause: Duration) {
        self.inner.lock().unwrap().pause = pause;
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.inner.lock().unwrap().told.clone()
    }

    /// Waits until it was told so often.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Told> {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let told = self.told();
            if told.len() >= count {
                return told;
            }
            assert!(Instant::now() < until, "told {} times, not {count}: {told:?}", told.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(
    State(inner): State<Arc<Mutex<Inner>>>,
    uri: Uri,
    headers: HeaderMap,
    payload: Bytes,
) -> Response {
    let headers = headers.iter().map(|(k, v)| (k.to_string(), v.to_str().unwrap().to_owned())).collect();
    let payload = String::from_utf8(payload.to_vec()).unwrap();
    let (status, pause) = {
        let mut inner = inner.lock().unwrap();
        inner.told.push(Told { path: uri.to_string(), headers, payload });
        (inner.statuses.pop_front().unwrap_or(200), inner.pause)
    };
    tokio::time::sleep(pause).await;
    (StatusCode::from_u16(status).unwrap(), [(LOCATION, "/elsewhere")], "thank you").into_response()
}

/// Sends JSON and answers the status and the JSON that comes back.
pub(crate) async fn send(method: &str, url: String, body: Value) -> (u16, Value) {
    // Beside a server in another process nothing else has installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = http().request(method.parse().unwrap(), url).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Creates a webhook and answers its id.
pub(crate) async fn subscribe(server: &str, url: &str, events: &[&str], secret: &str) -> String {
    let events: Vec<Value> = events
        .iter()
        .map(|event| event.to_uppercase())
        .map(|event| event.split_once('.').map(|(e, a)| json!({"entity": e, "action": a})).unwrap())
        .collect();
    let body = json!({"name": "hook", "url": url, "events": events, "secret": secret});
    let (status, answer) = send("POST", format!("{server}/api/2.0/mlflow/webhooks"), body).await;
    assert_eq!(status, 200, "{answer}");
    answer["webhook"]["webhook_id"].as_str().unwrap().to_owned()
}
