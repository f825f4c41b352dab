//! What a server acknowledged, what it may have done unacknowledged, and whether it is so after a crash.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::http;

/// What may be found at one place.
#[derive(Debug)]
struct Fact {
    kind: &'static str,
    /// Where in the answer's JSON; empty where the whole answer is meant, as text.
    pointer: &'static str,
    /// `None` is an answer 404, or one that has nothing at the pointer.
    allowed: Vec<Option<Value>>,
}

/// Facts by the path that tells them. What follows an unknown query parameter tells apart facts of one answer.
#[derive(Debug, Default)]
pub(crate) struct Ledger(BTreeMap<String, Fact>);

impl Ledger {
    pub(crate) fn absorb(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Sees that all of it is so; how many facts these were, and of how many kinds.
    pub(crate) async fn check(self, url: &str) -> (usize, usize) {
        let client = http();
        let kinds: BTreeSet<&str> = self.0.values().map(|fact| fact.kind).collect();
        for (path, fact) in &self.0 {
            let answer = client.get(format!("{url}/api/{}", full(path))).send().await.unwrap();
            let status = answer.status();
            let text = answer.text().await.unwrap();
            // MLflow answers 400 for an alias that a model has not.
            let nothing = status == StatusCode::NOT_FOUND || text.contains("alias best not found");
            assert!(status.is_success() || nothing, "{path}: {status} {text}");
            let found = match status {
                _ if nothing => None,
                _ if fact.pointer.is_empty() => Some(Value::String(text)),
                _ => {
                    let body: Value = serde_json::from_str(&text).unwrap();
                    body.pointer(fact.pointer).cloned()
                }
            };
            let same = |allowed: &Option<Value>| match (allowed, &found) {
                (Some(Value::Array(allowed)), Some(Value::Array(found))) => as_set(allowed) == as_set(found),
                (allowed, found) => allowed == found,
            };
            let shown = format!("{found:.300?}");
            assert!(
                fact.allowed.iter().any(same),
                "{} {path}: {shown} is none of {:.600?}",
                fact.kind,
                fact.allowed
            );
        }
        (self.0.len(), kinds.len())
    }
}

/// The order in which params and metrics come is not the point.
fn as_set(values: &[Value]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

fn full(path: &str) -> String {
    if path.starts_with("mlflow") { format!("2.0/{path}") } else { path.to_owned() }
}

/// A client that keeps a ledger, until its server is gone.
pub(crate) struct Client {
    url: String,
    http: reqwest::Client,
    pub(crate) ledger: Ledger,
}

impl Client {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), http: http(), ledger: Ledger::default() }
    }

    /// A place where there is nothing yet, or something.
    pub(crate) fn expect(
        &mut self,
        kind: &'static str,
        place: &str,
        pointer: &'static str,
        value: Option<Value>,
    ) {
        self.ledger.0.insert(place.to_owned(), Fact { kind, pointer, allowed: vec![value] });
    }

    /// What may be there from now on, as well as what was.
    pub(crate) fn may(&mut self, place: &str, value: Value) {
        self.fact(place).allowed.push(Some(value));
    }

    /// What is there.
    pub(crate) fn know(&mut self, place: &str, value: Value) {
        self.fact(place).allowed = vec![Some(value)];
    }

    /// A place of which nothing is known any more.
    pub(crate) fn forget(&mut self, place: &str) {
        self.ledger.0.remove(place);
    }

    fn fact(&mut self, place: &str) -> &mut Fact {
        self.ledger.0.get_mut(place).expect("a place that is expected")
    }

    /// Sends a request that changes `place` to `value`; `None` when the server is gone.
    pub(crate) async fn post(&mut self, path: &str, body: Value, place: &str, value: Value) -> Option<Value> {
        self.may(place, value.clone());
        let answer = self.ask(Method::POST, path, &body).await?;
        self.know(place, value);
        Some(answer)
    }

    /// Sends a deletion after which there is nothing at `place`.
    pub(crate) async fn remove(&mut self, path: &str, body: Value, place: &str) -> Option<()> {
        self.fact(place).allowed.push(None);
        self.ask(Method::DELETE, path, &body).await?;
        self.fact(place).allowed = vec![None];
        Some(())
    }

    pub(crate) async fn put(&mut self, path: &str, content: &str, place: &str, value: Value) -> Option<()> {
        self.may(place, value.clone());
        self.send(self.request(Method::PUT, path).body(content.to_owned())).await?;
        self.know(place, value);
        Some(())
    }

    pub(crate) async fn delete(&mut self, path: &str, place: &str) -> Option<()> {
        self.fact(place).allowed.push(None);
        self.send(self.request(Method::DELETE, path)).await?;
        self.fact(place).allowed = vec![None];
        Some(())
    }

    /// Sends a part to its own URL; its `ETag`.
    pub(crate) async fn put_part(&self, url: &str, content: &str) -> Option<String> {
        let answer = self.http.put(url).body(content.to_owned()).send().await.ok()?;
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        Some(answer.headers()["etag"].to_str().unwrap().to_owned())
    }

    /// Sends a request that changes what nobody looks at.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: &Value) -> Option<Value> {
        let request = self.request(method, path).header("Content-Type", "application/json");
        let text = self.send(request.body(body.to_string())).await?;
        Some(serde_json::from_str(&text).unwrap_or_default())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}/api/{}", self.url, full(path)))
    }

    /// An acknowledgement, whole; anything else means that the server is gone.
    async fn send(&self, request: reqwest::RequestBuilder) -> Option<String> {
        let answer = request.send().await.ok()?;
        let (status, url) = (answer.status(), answer.url().clone());
        let text = answer.text().await.ok()?;
        assert!(status.is_success(), "{url}: {status} {text}");
        Some(text)
    }
}
