//! `overhaul-server serve`.

use std::path::PathBuf;

use anyhow::Context as _;
use overhaul_bundle::component;
use overhaul_http::{Limits, TlsFiles};
use overhaul_server::access::AllowedHost;
use overhaul_server::blobs::BlobPlace;
use overhaul_server::public_url::PublicUrl;
use overhaul_server::webhooks::Reach;
use overhaul_server::{Clock, Options, Server};

/// Of `--blobs`; not a comment there, because it is no Markdown.
const BLOBS: &str = "Where files are kept: a folder, or s3://bucket/prefix, reached as the variables AWS_ENDPOINT_URL, \
    AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say [default: blobs in the data directory]";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where everything is kept; created when missing, held by one server at a time
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = overhaul_server::serve::DEFAULT_LISTEN)]
    listen: String,
    /// The most bytes that one uploaded file may have
    #[arg(long, value_name = "BYTES", default_value_t = overhaul_server::blobs::DEFAULT_MAX_BYTES)]
    max_blob_bytes: u64,
    #[arg(long, value_name = "PLACE", help = BLOBS)]
    blobs: Option<BlobPlace>,
    /// Where clients reach the server when a proxy stands before it [default: wherever they send their requests]
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Ask every request for an access token; needed to listen on anything but loopback
    #[arg(long)]
    require_token: bool,
    /// A name that the registry is called by, beside addresses and localhost; *.example.org is every name under one
    #[arg(long = "allowed-host", value_name = "NAME")]
    allowed_hosts: Vec<AllowedHost>,
    /// Serve https with this certificate: a PEM file, the server's own first; read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key: a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The component that bundles of models logged with mlflow.onnx are made for [default: the one that
    /// `OVERHAUL_COMPONENT` names or that lies beside this program, else the newest published bundle's]
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Let webhooks go to private addresses and over http, for receivers in the same network
    #[arg(long)]
    allow_private_webhooks: bool,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self {
            data_dir, listen, max_blob_bytes, blobs, public_url, require_token, allowed_hosts, ..
        } = self;
        let options = Options {
            data_dir,
            listen,
            max_blob_bytes,
            blobs,
            public_url,
            program: std::env::current_exe().context("cannot tell where this program lies")?,
            component: component::find(self.component.as_deref())?,
            webhooks: if self.allow_private_webhooks { Reach::Anywhere } else { Reach::Public },
            require_token,
            allowed_hosts,
            clock: Clock::system(),
            tls: self.tls_cert.zip(self.tls_key).map(|(certificate, key)| TlsFiles { certificate, key }),
            limits: Limits::default().within_open_files(),
        };
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let stop = overhaul_server::serve::stop_signal()?;
            let server = Server::open(options).await?;
            // Whoever started this process reads the port from this line.
            println!("listening on {}", server.url());
            server.run(stop).await
        })
    }
}
