//! A registry that lies on demand. The honest one is in the whole-system tests.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path as Segments, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use overhaul_bundle::{Bundle, Sha256Digest, manifest};
use serde_json::{Value, json};

/// A running registry; ends when dropped.
pub(crate) struct Registry {
    address: SocketAddr,
    content: Shared,
    runtime: Option<tokio::runtime::Runtime>,
}

type Shared = Arc<Mutex<Content>>;

/// What it serves. Tests change it as they like.
#[derive(Default)]
pub(crate) struct Content {
    /// Where `production` points: version and bundle.
    pub(crate) production: Option<(u32, Sha256Digest)>,
    /// Where `candidate` points.
    pub(crate) candidate: Option<(u32, Sha256Digest)>,
    /// Manifests by version.
    pub(crate) manifests: BTreeMap<u32, Vec<u8>>,
    /// Blobs by digest; the bytes may be others.
    pub(crate) blobs: BTreeMap<Sha256Digest, Vec<u8>>,
    /// Blobs that were asked for, and from which byte on they were sent.
    pub(crate) sent: Vec<(Sha256Digest, u64)>,
    /// Reports by gateway and queue, each once, in the order in which they came.
    pub(crate) reports: Vec<Reported>,
    /// How many batches of reports came.
    pub(crate) batches: usize,
    /// What a batch of reports is answered instead of being acknowledged, and whether it is kept nevertheless.
    pub(crate) refusal: Option<Refusal>,
    /// What was asked for: method-less paths, `304` for an alias that had not changed.
    pub(crate) asked: Vec<String>,
}

/// A report that came.
#[derive(Debug, Clone)]
pub(crate) struct Reported {
    pub(crate) gateway: String,
    pub(crate) queue: String,
    pub(crate) sequence: u64,
    pub(crate) event: Value,
}

impl Reported {
    /// Its kind, and the version that it is about if it is about one.
    pub(crate) fn told(&self) -> String {
        let version = [&self.event["running"], &self.event["refused"]].map(|of| of["version"].as_u64());
        let version = version.into_iter().flatten().next().map(|version| format!(" {version}"));
        format!("{}{}", self.event["kind"].as_str().unwrap(), version.unwrap_or_default())
    }
}

/// What happens to a batch of reports.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    /// It is kept, but the answer is 500.
    KeptWith500,
    /// It is answered with this status and error code.
    With(u16, &'static str),
    /// One with a report of this kind is answered 400.
    OfKind(&'static str),
}

impl Registry {
    /// Starts an empty one.
    pub(crate) fn start() -> Self {
        let mut registry = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            content: Shared::default(),
            runtime: None,
        };
        registry.come_back();
        registry
    }

    /// Stops answering; what it holds stays.
    pub(crate) fn go_away(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }

    /// Answers again, at the same address.
    pub(crate) fn come_back(&mut self) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = super::eventually("a listening registry", || {
            runtime.block_on(tokio::net::TcpListener::bind(self.address)).ok()
        });
        self.address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/api/v1/models/{name}/aliases/{alias}", get(alias))
            .route("/api/v1/models/{name}/versions/{version}/manifest", get(manifest_bytes))
            .route("/api/v1/blobs/{digest}", get(blob))
            .route("/api/v1/gateways/{gateway}/reports", post(reports))
            .with_state(Arc::clone(&self.content));
        runtime.spawn(axum::serve(listener, router).into_future());
        self.runtime = Some(runtime);
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what it serves.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Content) -> T) -> T {
        change(&mut self.content.lock().unwrap())
    }

    /// Takes a bundle in and points `production` at it, all of it true.
    pub(crate) fn promote(&self, directory: &Path) -> Bundle {
        let (bundle, version) = self.take(directory);
        self.change(|content| content.production = Some((version, bundle.digest())));
        bundle
    }

    /// The same for `candidate`.
    pub(crate) fn propose(&self, directory: &Path) -> Bundle {
        let (bundle, version) = self.take(directory);
        self.change(|content| content.candidate = Some((version, bundle.digest())));
        bundle
    }

    fn take(&self, directory: &Path) -> (Bundle, u32) {
        let bundle = Bundle::open(directory).unwrap();
        let version = bundle.manifest().version.unwrap().get();
        self.change(|content| {
            content.manifests.insert(version, std::fs::read(directory.join(manifest::FILE)).unwrap());
            for entry in &bundle.manifest().files {
                content.blobs.insert(entry.sha256, bundle.read(entry.path.as_str()).unwrap());
            }
        });
        (bundle, version)
    }
}

fn unknown() -> Response {
    let body = json!({ "error_code": "RESOURCE_DOES_NOT_EXIST", "message": "there is no such thing" });
    (StatusCode::NOT_FOUND, axum::Json(body)).into_response()
}

async fn alias(
    State(content): State<Shared>,
    Segments((name, alias)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut content = content.lock().unwrap();
    let pointed = if alias == "candidate" { content.candidate } else { content.production };
    let Some((version, digest)) = pointed else { return unknown() };
    let etag = format!("\"{version}-{digest}\"");
    if headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == etag.as_bytes()) {
        content.asked.push("304".to_owned());
        return StatusCode::NOT_MODIFIED.into_response();
    }
    content.asked.push(format!("alias {alias}"));
    let body = json!({ "name": name, "alias": alias, "version": version, "bundle_sha256": digest });
    ([(header::ETAG, etag)], axum::Json(body)).into_response()
}

async fn manifest_bytes(
    State(content): State<Shared>,
    Segments((_, version)): Segments<(String, u32)>,
) -> Response {
    let mut content = content.lock().unwrap();
    content.asked.push(format!("manifest {version}"));
    content.manifests.get(&version).cloned().map_or_else(unknown, IntoResponse::into_response)
}

async fn blob(
    State(content): State<Shared>,
    Segments(digest): Segments<Sha256Digest>,
    headers: HeaderMap,
) -> Response {
    let mut content = content.lock().unwrap();
    content.asked.push(format!("blob {digest}"));
    let Some(mut bytes) = content.blobs.get(&digest).cloned() else { return unknown() };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let from: Option<usize> = text(header::RANGE)
        .filter(|_| text(header::IF_RANGE) == Some(&format!("\"{digest}\"")))
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok())
        .filter(|from| *from < bytes.len());
    content.sent.push((digest, from.unwrap_or(0) as u64));
    let Some(from) = from else { return bytes.into_response() };
    let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
    (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, range)], bytes.split_off(from)).into_response()
}

async fn reports(
    State(content): State<Shared>,
    Segments(gateway): Segments<String>,
    axum::Json(batch): axum::Json<Value>,
) -> Response {
    let mut content = content.lock().unwrap();
    content.batches += 1;
    let refuse = |status: u16, code: &str| {
        let body = json!({ "error_code": code, "message": "not today" });
        (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
    };
    let sent = batch["reports"].as_array().unwrap();
    match content.refusal {
        Some(Refusal::With(status, code)) => return refuse(status, code),
        Some(Refusal::OfKind(kind)) if sent.iter().any(|report| report["event"]["kind"] == kind) => {
            return refuse(400, "INVALID_PARAMETER_VALUE");
        }
        _ => {}
    }
    let queue = batch["queue"].as_str().unwrap().to_owned();
    let of_queue = |report: &&Reported| report.gateway == gateway && report.queue == queue;
    let mut through =
        content.reports.iter().filter(of_queue).map(|report| report.sequence).max().unwrap_or(0);
    for report in sent {
        let sequence = report["sequence"].as_u64().unwrap();
        if sequence > through {
            through = sequence;
            let event = report["event"].clone();
            content.reports.push(Reported {
                gateway: gateway.clone(),
                queue: queue.clone(),
                sequence,
                event,
            });
        }
    }
    match content.refusal {
        Some(Refusal::KeptWith500) => refuse(500, "INTERNAL_ERROR"),
        _ => axum::Json(json!({ "through": through })).into_response(),
    }
}
