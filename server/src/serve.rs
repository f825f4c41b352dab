//! One running registry, from its data directory to its last request.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::Clock;
use crate::access::AllowedHost;
use crate::api::{self, App, Parts};
use crate::background::Background;
use crate::blobs::{BlobPlace, Blobs, DEFAULT_MAX_BYTES};
use crate::convert::Workshop;
use crate::directory::DataDirectory;
use crate::metrics::Metrics;
use crate::public_url::PublicUrl;
use crate::signer::Signer;
use crate::store::{Store, tokens};
use crate::webhooks::{Reach, Sender};
use overhaul_http::Tls;
use overhaul_http::{Limits, TlsFiles};

/// Where a registry listens unless it is told otherwise: where `MLflow`'s does.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:5000";
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
    /// The program `overhaul-server`, which reads foreign models in a process of its own.
    pub program: PathBuf,
    /// The component that bundles of logged models are made for; `None` for the newest published bundle's.
    pub component: Option<PathBuf>,
    /// Where webhooks may be told.
    pub webhooks: Reach,
    /// Where timestamps come from.
    pub clock: Clock,
    /// Whether every request is asked for an access token; without, only a loopback address is listened on.
    pub require_token: bool,
    /// Names that the registry is called by, beside addresses and `localhost`.
    pub allowed_hosts: Vec<AllowedHost>,
    /// The certificate of an `https` server; without, it is an `http` server.
    pub tls: Option<TlsFiles>,
    /// What clients may take.
    pub limits: Limits,
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
            webhooks: Reach::Public,
            program: std::env::current_exe().unwrap_or_else(|_| "overhaul-server".into()),
            component: None,
            require_token: false,
            allowed_hosts: Vec::new(),
            tls: None,
            limits: Limits::default(),
        }
    }
}

/// A registry that holds its data directory and its port, and answers once it runs.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    app: App,
    /// Held until the last request is answered.
    directory: DataDirectory,
}

impl Server {
    /// Takes the data directory and the port, brings the database up to date, and sweeps what
    /// interrupted uploads left.
    pub async fn open(options: Options) -> anyhow::Result<Self> {
        let tls = options.tls.map(|files| Tls::open(files, &options.limits)).transpose()?.map(Arc::new);
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
        if !address.ip().is_loopback() && tls.is_none() {
            tracing::warn!(
                "tokens travel unencrypted to {address}; add --tls-cert and --tls-key, or let a proxy do that"
            );
        }
        let store = Store::open(&directory.database(), &options.clock)?;
        let place = options.blobs.unwrap_or_else(|| BlobPlace::Folder(directory.blobs()));
        let guard = directory.layout().blob_guard();
        let blobs = Blobs::open(&place, options.max_blob_bytes)?.guarded_by(guard);
        let swept = blobs.sweep().await.with_context(|| format!("cannot use the blobs in {place}"))?;
        if swept > 0 {
            tracing::info!(swept, "remains of interrupted uploads removed");
        }
        let signer = Signer::open(&store).await?;
        let mut allowed_hosts = options.allowed_hosts;
        // What is no name is an address, which is allowed anyway.
        allowed_hosts.extend(options.public_url.as_ref().and_then(|url| url.host().parse().ok()));
        let app = App::from(Parts {
            metrics: Metrics::new(&store),
            store,
            blobs,
            signer,
            workshop: Workshop::new(options.program, options.component),
            over_tls: tls.is_some(),
            public_url: options.public_url.map(Arc::new),
            webhooks: Sender::new(options.webhooks, options.clock.clone()),
            clock: options.clock,
            require_token: options.require_token,
            allowed_hosts: allowed_hosts.into(),
            max_requests: options.limits.requests,
        });
        if app.require_token && app.store.read_now(tokens::all)?.is_empty() {
            tracing::warn!("there is no access token yet; make one with `overhaul-server token create`");
        }
        Ok(Self { listener, address, tls, limits: options.limits, app, directory })
    }

    /// The address with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All that it answers.
    pub fn router(&self) -> axum::Router {
        api::router(self.app.clone())
    }

    /// The URL with the real port.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Answers requests and tells webhooks until `stop` is over; then what is in progress gets ten seconds to
    /// end. Reads the certificate again whenever the process gets SIGHUP.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let Self { listener, tls, limits, app, directory, .. } = self;
        let (stopping, mut stopped) = watch::channel(false);
        let background = Background::start(&app, tls.clone(), async move {
            // An error means that there is nobody left to tell of a stop.
            let _ = stopped.wait_for(|stopping| *stopping).await;
        })?;
        let stop = async move {
            stop.await;
            // It is received as long as something runs in the background.
            let _ = stopping.send(true);
        };
        overhaul_http::serve(listener, tls, api::router(app), limits, stop).await;
        background.end().await;
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
