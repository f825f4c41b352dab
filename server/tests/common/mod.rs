//! Real registries on real sockets, real processes, and small real bundles to publish.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use overhaul_bundle::Sha256Digest;
use overhaul_client::{Access, Registry};
use overhaul_server::{Clock, Options, Server};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

mod access;
pub(crate) mod folders;
pub(crate) mod ledger;
pub(crate) mod logged;
mod registry;
mod samples;
pub(crate) mod tending;

#[allow(unused_imports, reason = "each test file uses its own part of this module")]
pub(crate) use access::{create_token, guarded, token_command};
#[allow(unused_imports, reason = "each test file uses its own part of this module")]
pub(crate) use registry::Mlflow;
#[allow(unused_imports, reason = "each test file uses its own part of this module")]
pub(crate) use samples::{COMPONENT, MODEL, Sample, draft, model, publish, sample, version};

/// A registry inside this process, on a real socket.
pub(crate) struct Running {
    pub(crate) registry: Registry,
    pub(crate) url: String,
    pub(crate) data: PathBuf,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    pub(crate) async fn start(data: &Path) -> Self {
        Self::with(data, |_| {}).await
    }

    pub(crate) async fn with(data: &Path, adjust: impl FnOnce(&mut Options)) -> Self {
        let clock = Clock::from_fn(|| "2026-03-01T12:00:00Z".parse().unwrap());
        let mut options = Options { listen: "127.0.0.1:0".to_owned(), clock, ..Options::new(data) };
        adjust(&mut options);
        // The chain ends with its authority.
        let authorities = options.tls.as_ref().map(|tls| fs::read(&tls.certificate).unwrap());
        let access = Access::default().with_authorities(&authorities.unwrap_or_default()).unwrap();
        let server = Server::open(options).await.unwrap();
        let url = server.url();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { registry: Registry::with(&url, &access).unwrap(), url, data: data.to_owned(), stop, task }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// The server's own program; killed when dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Process {
    pub(crate) fn command(data: &Path, listen: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overhaul-server"));
        command.arg("serve").arg("--data-dir").arg(data).args(["--listen", listen]);
        command
    }

    pub(crate) fn start(data: &Path) -> Self {
        Self::spawn(&mut Self::command(data, "127.0.0.1:0"))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("the line with the URL").to_owned();
        Self { child, url }
    }

    pub(crate) fn registry(&self) -> Registry {
        Registry::new(&self.url).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Uploads everything a bundle lists, but commits nothing.
pub(crate) async fn upload_all(registry: &Registry, sample: &Sample) {
    for entry in &sample.bundle.manifest().files {
        registry.upload_blob(&entry.path.under(sample.bundle.directory()), &entry.sha256).await.unwrap();
    }
    registry.upload_blob(&sample.component, &Sha256Digest::of(COMPONENT)).await.unwrap();
}

/// A plain client that asks nobody but the server it is told.
pub(crate) fn http() -> reqwest::Client {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

pub(crate) async fn get(url: impl reqwest::IntoUrl) -> reqwest::Response {
    http().get(url).send().await.unwrap()
}

/// Sends bytes as they are, which no HTTP library would, and answers everything that comes back.
pub(crate) fn raw(url: &str, request: &[u8]) -> String {
    let mut socket = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    socket.write_all(request).unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The files under a folder, relative to it, sorted.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if item.file_type().unwrap().is_dir() {
                folders.push(item.path());
            } else {
                files.push(item.path().strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

/// The error body of an answer, as `status error_code: message`.
pub(crate) async fn refusal(answer: reqwest::Response) -> String {
    let status = answer.status().as_u16();
    let body: overhaul_client::api::ErrorBody = answer.json().await.unwrap();
    format!("{status} {}: {}", body.error_code, body.message)
}
