//! One request to a receiver, and what came of it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Response};
use tokio::sync::OnceCell;

use super::resolve::Resolver;
use super::sign::{DELIVERY_ID, SIGNATURE, Secret, TIMESTAMP};
use super::target::{Reach, Target, TargetError};
use crate::Clock;

/// How long a receiver may take, from the look-up of its name to the last byte that is read of its answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of an answer that a test shows.
const SHOWN: usize = 1024;

/// Sends requests to receivers. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    reach: Reach,
    clock: Clock,
    /// Made for the first request: most registries have no webhook, and reading the system's certificate
    /// authorities takes time and memory.
    client: Arc<OnceCell<Client>>,
}

/// What is sent, and where to.
#[derive(Debug)]
pub struct Envelope {
    /// The webhook's URL.
    pub url: String,
    /// Signs the delivery; without one it is not signed.
    pub secret: Option<Secret>,
    /// The same at each attempt.
    pub delivery_id: String,
    /// The body.
    pub payload: String,
}

/// What a receiver answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The beginning of the body, 1 KiB at most.
    pub body: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No request goes there.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The receiver was not reached, or did not answer.
    #[error("{}", chain(.0))]
    Request(reqwest::Error),
    /// The registry could not send.
    #[error("{0:#}")]
    Fault(#[from] anyhow::Error),
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        // Many receivers' URLs hold a key, and this goes to logs.
        Self::Request(error.without_url())
    }
}

fn chain(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn Error), |&e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl Sender {
    /// A sender that has not sent anything yet.
    pub fn new(reach: Reach, clock: Clock) -> Self {
        Self { reach, clock, client: Arc::default() }
    }

    /// Reads a URL and checks that a request to it would go out now.
    pub async fn check(&self, url: &str) -> Result<(), TargetError> {
        Target::parse(url, self.reach)?.check().await
    }

    /// Sends once and answers the status; the body is not read.
    pub async fn deliver(&self, envelope: Envelope) -> Result<u16, SendError> {
        Ok(self.post(envelope).await?.status().as_u16())
    }

    /// Sends once and answers what the receiver says.
    pub async fn test(&self, envelope: Envelope) -> Result<Answer, SendError> {
        let mut response = self.post(envelope).await?;
        let mut body = Vec::new();
        while body.len() < SHOWN
            && let Some(piece) = response.chunk().await?
        {
            body.extend_from_slice(&piece[..piece.len().min(SHOWN - body.len())]);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status: response.status().as_u16(), body })
    }

    async fn post(&self, envelope: Envelope) -> Result<Response, SendError> {
        let Envelope { url, secret, delivery_id, payload } = envelope;
        let target = Target::parse(&url, self.reach)?;
        let client = self.client.get_or_try_init(async || client(self.reach)).await?;
        let timestamp = self.clock.now().as_second();
        let mut request = client
            .post(target.url().clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(DELIVERY_ID, &delivery_id)
            .header(TIMESTAMP, timestamp);
        if let Some(secret) = secret {
            request = request.header(SIGNATURE, secret.sign(&delivery_id, timestamp, &payload)?);
        }
        Ok(request.body(payload).send().await?)
    }
}

/// The system's certificate authorities are trusted; a machine that has none, such as a bare container, gets
/// Mozilla's, which are built in.
fn client(reach: Reach) -> anyhow::Result<Client> {
    // Another library of the same program may have installed a provider already: either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || -> ClientBuilder {
        Client::builder()
            .user_agent(concat!("overhaul-server/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Resolver(reach))
            // A proxy would be what is connected to, and a redirection could lead anywhere.
            .no_proxy()
            .redirect(Policy::none())
            // Each connection is made to an address that was checked for it.
            .pool_max_idle_per_host(0)
            .timeout(PATIENCE)
    };
    if let Ok(client) = builder().build() {
        return Ok(client);
    }
    let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der));
    let mozilla = mozilla.collect::<Result<Vec<_>, _>>().context("cannot read the built-in authorities")?;
    builder().tls_certs_only(mozilla).build().context("cannot set up TLS")
}
