//! Certificates, read again on SIGHUP, and handshakes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::Limits;

/// The files of a server's certificate.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Its certificate and those between it and an authority, in PEM, its own first.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// The certificate that handshakes show.
pub struct Tls {
    files: TlsFiles,
    config: RwLock<Arc<ServerConfig>>,
    handshakes: Semaphore,
    limit: Duration,
}

impl Tls {
    /// Reads the files; refused with the reason when they are no certificate with its key.
    pub fn open(files: TlsFiles, limits: &Limits) -> anyhow::Result<Self> {
        Ok(Self {
            config: RwLock::new(Arc::new(read(&files)?)),
            files,
            handshakes: Semaphore::new(limits.handshakes),
            limit: limits.handshake,
        })
    }

    /// Reads the files again, for the handshakes to come; on an error the certificate stays the one it was.
    pub fn reload(&self) -> anyhow::Result<()> {
        let config = Arc::new(read(&self.files)?);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Secures a connection.
    pub(super) async fn handshake(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let handshake = async {
            let _turn = self.handshakes.acquire().await.map_err(io::Error::other)?;
            let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
            TlsAcceptor::from(config).accept(stream).await
        };
        tokio::time::timeout(self.limit, handshake).await?
    }
}

fn read(files: &TlsFiles) -> anyhow::Result<ServerConfig> {
    let TlsFiles { certificate, key } = files;
    let bad = |option: &str, path: &Path, problem: String| {
        Mistake::new(format!("{option} {} is not usable: {problem}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| bad("--tls-cert", certificate, told(&e, "certificate")))?;
    if chain.is_empty() {
        return Err(bad("--tls-cert", certificate, told(&pem::Error::NoItemsFound, "certificate")).into());
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|e| bad("--tls-key", key, told(&e, "private key")))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("cannot choose TLS versions")?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|e| {
            Mistake::new(format!(
                "--tls-cert {} and --tls-key {} do not go together: {e}; name a certificate and its own key",
                certificate.display(),
                key.display()
            ))
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn told(error: &pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(error) => format!("{error}; name a file that this user may read"),
        pem::Error::NoItemsFound => format!("it holds no {what}; name a PEM file that does"),
        error => format!("{error}; name a PEM file with a {what}"),
    }
}
