//! Files of a run, through the server's own artifact store (`mlflow-artifacts:`).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::TryStreamExt as _;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder, Url};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use super::{Mlflow, MlflowError, Run};
use crate::connection::{IDLE, REQUEST, stands_still};

/// Bytes read from a file at a time.
const PIECE: usize = 1 << 18;

/// Where a run's artifacts go, on the server it was started on.
#[derive(Debug)]
struct Root {
    segments: Vec<String>,
}

impl Root {
    /// The place that an artifact URI such as `mlflow-artifacts:/3/RUN/artifacts` names.
    fn of(server: &Mlflow, uri: &str) -> Result<Self, MlflowError> {
        let foreign = || MlflowError::NotProxied(uri.to_owned());
        let mut path = uri.strip_prefix("mlflow-artifacts:").ok_or_else(foreign)?;
        if let Some(rest) = path.strip_prefix("//") {
            let (host, below) = rest.split_once('/').unwrap_or((rest, ""));
            if !host.is_empty() && !server.is_host(host) {
                return Err(foreign());
            }
            path = below;
        }
        let segments = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Ok(Self { segments })
    }

    /// The URL of an artifact by its path below the run's artifacts.
    fn url(&self, server: &Mlflow, path: &str) -> Result<Url, MlflowError> {
        let names: Vec<&str> = path.split('/').collect();
        if names.iter().any(|name| matches!(*name, "" | "." | "..")) || path.contains(['\\', '\0']) {
            return Err(MlflowError::BadPath(path.to_owned()));
        }
        let root = self.segments.iter().map(String::as_str);
        let start = ["api", "2.0", "mlflow-artifacts", "artifacts"];
        Ok(server.at(&start.into_iter().chain(root).chain(names).collect::<Vec<_>>()))
    }
}

impl Run {
    /// Uploads bytes as an artifact, such as `metrics.json` or `plots/rul.svg`.
    pub async fn upload_bytes(&self, path: &str, bytes: Vec<u8>) -> Result<(), MlflowError> {
        let (url, request) = self.put(path, bytes.len() as u64)?;
        let request = request.timeout(REQUEST).body(bytes);
        self.server().send(Method::PUT, &url, request).await.map(drop)
    }

    /// Uploads a file as an artifact.
    pub async fn upload_file(&self, path: &str, file: &Path) -> Result<(), MlflowError> {
        let unreadable = |e| MlflowError::file(file, e);
        let opened = File::open(file).await.map_err(unreadable)?;
        let length = opened.metadata().await.map_err(unreadable)?.len();
        let (url, request) = self.put(path, length)?;
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        // The length is promised in the header: not a byte more, should the file grow meanwhile.
        let stream = ReaderStream::with_capacity(opened.take(length), PIECE).inspect_ok(move |piece| {
            counter.fetch_add(piece.len() as u64, Ordering::Relaxed);
        });
        let request = request.body(Body::wrap_stream(stream));
        tokio::select! {
            answer = self.server().send(Method::PUT, &url, request) => answer.map(drop),
            () = stands_still(&sent) => {
                let source = format!("nothing moved for {} seconds", IDLE.as_secs()).into();
                Err(MlflowError::Interrupted { method: "PUT".to_owned(), url: url.to_string(), source })
            }
        }
    }

    /// An upload without its body.
    fn put(&self, path: &str, length: u64) -> Result<(Url, RequestBuilder), MlflowError> {
        let url = Root::of(self.server(), self.artifact_uri())?.url(self.server(), path)?;
        let request = self.server().uploader.put(url.clone());
        let request = request.header(CONTENT_LENGTH, length).header(CONTENT_TYPE, "application/octet-stream");
        Ok((url, request))
    }
}
