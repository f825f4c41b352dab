//! One running registry, from its data directory to its last request.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::Clock;
use crate::api::{self, App};
use crate::blobs::{BlobPlace, Blobs, DEFAULT_MAX_BYTES};
use crate::directory::DataDirectory;
use crate::mlflow::artifacts::expiry;
use crate::public_url::PublicUrl;
use crate::signer::Signer;
use crate::store::{Store, tokens};

/// Where a registry listens unless it is told otherwise: where `MLflow`'s does.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:5000";
/// How long requests in progress may go on after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// How to run a registry.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// The most bytes that one uploaded file may have.
    pub max_blob_bytes: u64,
    /// Where files are kept; `None` for a folder in the data directory.
    pub blobs: Option<BlobPlace>,
    /// Where clients reach the server; `None` for wherever they sent their request.
    pub public_url: Option<PublicUrl>,
    /// Where timestamps come from.
    pub clock: Clock,
    /// Whether every request is asked for an access token; without, only a loopback address is listened on.
    pub require_token: bool,
}

impl Options {
    /// A registry of one's own: on loopback, without tokens.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            listen: DEFAULT_LISTEN.to_owned(),
            max_blob_bytes: DEFAULT_MAX_BYTES,
            blobs: None,
            public_url: None,
            clock: Clock::system(),
            require_token: false,
        }
    }
}

/// A registry that holds its data directory and its port, and answers once it runs.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: App,
    /// Held until the last request is answered.
    directory: DataDirectory,
}

impl Server {
    /// Takes the data directory and the port, brings the database up to date, and sweeps what
    /// interrupted uploads left.
    pub async fn open(options: Options) -> anyhow::Result<Self> {
        let directory = DataDirectory::hold(&options.data_dir)?;
        let listener = listen(&options.listen).await?;
        let address = listener.local_addr().context("cannot read the listening address")?;
        if !address.ip().is_loopback() && !options.require_token {
            return Err(Mistake::new(format!(
                "cannot listen on {address}, where everybody who reaches it could publish and promote; \
                 add --require-token, or listen on 127.0.0.1"
            ))
            .into());
        }
        let store = Store::open(&directory.database(), &options.clock)?;
        let place = options.blobs.unwrap_or_else(|| BlobPlace::Folder(directory.blobs()));
        let blobs = Blobs::open(&place, options.max_blob_bytes)?;
        let swept = blobs.sweep().await.with_context(|| format!("cannot use the blobs in {place}"))?;
        if swept > 0 {
            tracing::info!(swept, "remains of interrupted uploads removed");
        }
        let signer = Signer::open(&store).await?;
        let public_url = options.public_url.map(Arc::new);
        let require_token = options.require_token;
        let app = App { store, blobs, clock: options.clock, signer, public_url, require_token };
        if app.require_token && app.store.read_now(tokens::all)?.is_empty() {
            tracing::warn!("there is no access token yet; make one with `overhaul-server token create`");
        }
        Ok(Self { listener, address, app, directory })
    }

    /// The address with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All that it answers.
    pub fn router(&self) -> axum::Router {
        api::router(self.app.clone())
    }

    /// Answers requests until `stop` is over; then those in progress get ten seconds to end.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let Self { listener, app, directory, .. } = self;
        let (stopping, mut stopped) = tokio::sync::watch::channel(false);
        let graceful = async move {
            stop.await;
            tracing::info!("stopping: no new requests");
            // The receiver lives until this function returns.
            let _ = stopping.send(true);
        };
        let expiry = tokio::spawn(expiry::watch(app.clone()));
        let serving = axum::serve(listener, api::router(app)).with_graceful_shutdown(graceful);
        let drained = async move {
            // An error means that `graceful` is gone without a stop; then serving has ended too.
            let _ = stopped.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            result = serving => result.context("cannot go on serving")?,
            () = drained => tracing::warn!("requests were still running {DRAIN:?} after the stop; they are cut off"),
        }
        expiry.abort();
        drop(directory);
        Ok(())
    }
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| {
        let mend = match e.kind() {
            io::ErrorKind::AddrInUse => {
                "the port is in use; stop what listens there, or name another --listen"
            }
            io::ErrorKind::AddrNotAvailable => {
                "no interface of this machine has that address; name another --listen"
            }
            io::ErrorKind::PermissionDenied => "not permitted; name a port above 1023 with --listen",
            _ => "name an address and port such as 127.0.0.1:5000 with --listen",
        };
        Mistake::new(format!("cannot listen on {address}: {mend} ({e})")).into()
    })
}

/// Over when the process gets SIGTERM or SIGINT.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
