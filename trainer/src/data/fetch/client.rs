//! How the archive is asked for: TLS, redirections, timeouts.

use std::time::Duration;

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Url};

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the transfer may stand still before it counts as broken off.
const IDLE: Duration = Duration::from_secs(30);
/// How many redirections are followed.
const REDIRECTIONS: usize = 5;

/// An archive's URL, parsed.
pub(super) fn url(text: &str) -> anyhow::Result<Url> {
    let bad = |problem: &str| {
        // A password has no place in an error message.
        let shown = text.rsplit('@').next().unwrap_or_default();
        Mistake::new(format!("--url {shown:?} {problem}; use one such as https://host/archive.zip"))
    };
    let url = Url::parse(text).map_err(|e| bad(&format!("is no URL: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad("does not begin with http:// or https:// and a host").into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("holds a user name or password").into());
    }
    Ok(url)
}

/// A client for one URL. The system's certificate authorities are trusted; a machine that has none, such as a
/// bare container, gets Mozilla's, which are built in.
pub(super) fn client(url: &Url) -> anyhow::Result<Client> {
    // Another library of the same program may have installed a provider already: either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || -> ClientBuilder {
        let builder = Client::builder()
            .user_agent(concat!("overhaul/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(IDLE)
            .redirect(redirections());
        if is_loopback(url) { builder.no_proxy() } else { builder }
    };
    if let Ok(client) = builder().build() {
        return Ok(client);
    }
    let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der));
    let mozilla = mozilla.collect::<Result<Vec<_>, _>>().context("cannot read the built-in authorities")?;
    builder().tls_certs_only(mozilla).build().context("cannot set up TLS")
}

/// A few redirections, none of them out of TLS.
fn redirections() -> Policy {
    Policy::custom(|attempt| {
        let leaves_tls = attempt.url().scheme() != "https"
            && attempt.previous().iter().any(|before| before.scheme() == "https");
        if leaves_tls {
            attempt.error("it redirects from https to http")
        } else if attempt.previous().len() > REDIRECTIONS {
            attempt.error("it redirects too often")
        } else {
            attempt.follow()
        }
    })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
