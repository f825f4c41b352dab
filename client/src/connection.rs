//! How programs of this project connect over HTTP: what URL is one, and a client for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Url};

use crate::Access;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a transfer may stand still before it counts as broken off. There is no limit on a
/// whole transfer: a gateway's line may be slow.
pub(crate) const IDLE: Duration = Duration::from_secs(30);
/// How long a request without a file may take as a whole.
pub(crate) const REQUEST: Duration = Duration::from_mins(1);
/// How long a connection is kept for the next request. Servers and proxies close theirs after a few seconds
/// (gunicorn 2, uvicorn 5), and nothing here notices while an epoch is trained: a request must not be the first
/// to find out.
const KEEP: Duration = Duration::from_secs(1);

/// A URL that is none, as it may be shown, and what is wrong with it.
pub(crate) type Problem = (String, String);

/// A server's URL: `http` or `https` with a host, and neither password, query nor fragment.
pub(crate) fn server_url(text: &str) -> Result<Url, Problem> {
    let bad = |problem: &str| (text.to_owned(), problem.to_owned());
    let url = Url::parse(text).map_err(|e| bad(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad("it does not begin with http:// or https:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // A password has no place in an error message.
        let shown = format!("{}://…@{}", url.scheme(), url.host_str().unwrap_or_default());
        return Err((shown, "it holds a user name or password".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("it holds a query or fragment"));
    }
    Ok(url)
}

/// A client for a server, which breaks off reads that stand still for `idle`. For an `https` URL the system's
/// certificate authorities are read, and an error is answered when there are none and no others.
pub(crate) fn client(url: &Url, idle: Option<Duration>, access: &Access) -> Result<Client, Problem> {
    // Another library of the same program may have installed a provider already: either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("overhaul/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .pool_idle_timeout(KEEP)
        // A token follows no redirection.
        .redirect(reqwest::redirect::Policy::none());
    if let Some(idle) = idle {
        builder = builder.read_timeout(idle);
    }
    if let Some(token) = &access.token {
        builder = builder.default_headers([(AUTHORIZATION, token.header().clone())].into_iter().collect());
    }
    builder = if url.scheme() == "http" {
        // A machine without certificate authorities can still use plain http.
        builder.tls_certs_only([])
    } else {
        builder.tls_certs_merge(access.authorities.iter().cloned())
    };
    if is_loopback(url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|e| (url.to_string(), format!("{e:?}")))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Returns when a counter of bytes has not moved for [`IDLE`].
pub(crate) async fn stands_still(counter: &AtomicU64) {
    let mut seen = counter.load(Ordering::Relaxed);
    loop {
        tokio::time::sleep(IDLE).await;
        let now = counter.load(Ordering::Relaxed);
        if now == seen {
            return;
        }
        seen = now;
    }
}
