//! The requests that are measured, the same for both servers.

use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use serde_json::{Value, json};

use crate::load::Sent;

/// The model whose versions are asked for.
pub(super) const MODEL: &str = "RUL-Prediction-Model";
/// The model that new versions are made of.
pub(super) const NEW: &str = "RUL-Prediction-Model-New";
/// The alias that is asked for.
pub(super) const ALIAS: &str = "production";

/// What both servers hold before they are measured.
pub(super) struct Bench {
    /// Versions of [`MODEL`], numbered from 1.
    pub(super) versions: u32,
    /// A run that metrics are logged to, and where its artifacts lie.
    pub(super) run: String,
    pub(super) artifacts: String,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Alias,
    Version,
    Page,
    Batch,
    Create,
}

impl Operation {
    pub(super) const ALL: [Self; 5] = [Self::Alias, Self::Version, Self::Page, Self::Batch, Self::Create];

    /// What the tables call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Alias => "version by alias",
            Self::Version => "version by number",
            Self::Page => "page of 100 versions",
            Self::Batch => "log-batch, 100 metrics",
            Self::Create => "create a version",
        }
    }

    /// The aim: at least so many times the real server's requests a second.
    pub(super) fn aim(self) -> f64 {
        match self {
            Self::Alias | Self::Version | Self::Page => 100.0,
            Self::Batch | Self::Create => 20.0,
        }
    }

    /// A request by its number; `before` is the answer to the one before on its connection.
    pub(super) fn request(
        self,
        bench: &Bench,
        host: &str,
        n: u64,
        before: Option<&Bytes>,
    ) -> anyhow::Result<Sent> {
        match self {
            Self::Alias => get(host, &format!("registered-models/alias?name={MODEL}&alias={ALIAS}")),
            Self::Version => {
                // Strides through all of them, so that no cache of a few rows helps.
                let version = n.wrapping_mul(7919) % u64::from(bench.versions) + 1;
                get(host, &format!("model-versions/get?name={MODEL}&version={version}"))
            }
            Self::Page => {
                let token = before.and_then(|answer| next_page(answer));
                let next = token.map(|token| format!("&page_token={token}")).unwrap_or_default();
                let filter = format!("name%3D%27{MODEL}%27");
                get(host, &format!("model-versions/search?filter={filter}&max_results=100{next}"))
            }
            Self::Batch => {
                let time = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64;
                let metric =
                    |key| json!({"key": format!("m{key}"), "value": 0.5, "timestamp": time, "step": n});
                let metrics: Vec<Value> = (0..100).map(metric).collect();
                post(host, "runs/log-batch", &json!({"run_id": bench.run, "metrics": metrics}))
            }
            Self::Create => {
                let source = format!("{}/model", bench.artifacts);
                let body = json!({"name": NEW, "source": source, "run_id": bench.run});
                post(host, "model-versions/create", &body)
            }
        }
    }
}

/// A GET of `MLflow`'s API.
pub(super) fn get(host: &str, path: &str) -> anyhow::Result<Sent> {
    Ok(Request::get(format!("/api/2.0/mlflow/{path}")).header(HOST, host).body(Full::default())?)
}

/// A POST of `MLflow`'s API.
pub(super) fn post(host: &str, path: &str, body: &Value) -> anyhow::Result<Sent> {
    let request = Request::builder().method(Method::POST).uri(format!("/api/2.0/mlflow/{path}"));
    let request = request.header(HOST, host).header(CONTENT_TYPE, "application/json");
    Ok(request.body(Full::from(serde_json::to_vec(body)?))?)
}

/// The token at the end of a page, without reading its hundred versions.
fn next_page(body: &[u8]) -> Option<String> {
    const KEY: &[u8] = b"\"next_page_token\"";
    let at = body.windows(KEY.len()).rposition(|window| window == KEY)?;
    let rest = std::str::from_utf8(&body[at + KEY.len()..]).ok()?;
    let token = rest.split('"').nth(1)?;
    (!token.is_empty()).then(|| token.replace('=', "%3D").replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_however_the_answer_is_spaced() {
        for body in [r#"{"a": [1], "next_page_token": "x=="}"#, r#"{"next_page_token":"x==","a":1}"#] {
            assert_eq!(next_page(body.as_bytes()).as_deref(), Some("x%3D%3D"));
        }
        assert_eq!(next_page(br#"{"model_versions":[]}"#), None);
    }
}
