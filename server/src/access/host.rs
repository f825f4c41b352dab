//! Whether a request was meant for this registry: its `Host`, and for changes its `Origin`.
//!
//! A page that a browser shows can send requests to any address that the browser reaches, loopback included. With
//! DNS rebinding the page's own name comes to mean that address, and the page may then read the answers as well:
//! such requests name the page's host. An address that is written as numbers cannot be rebound.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::api::ApiError;

/// A name that the registry is called by: `registry.example.org`, or `*.example.org` for every name under one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost(String);

/// A text that is no name of a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a host; use one such as registry.example.org or *.example.org, without a port")]
pub struct InvalidHost(String);

impl FromStr for AllowedHost {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        if text.len() <= 253 && name.split('.').all(label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidHost(text.to_owned()))
        }
    }
}

impl AllowedHost {
    /// Whether it allows a name in lower case.
    fn allows(&self, name: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(end) => name.strip_suffix(end).is_some_and(|start| !start.is_empty()),
            None => name == self.0,
        }
    }
}

/// Refuses a request that names another host, or that a page of another host sends to change something.
pub(crate) async fn check(
    State(allowed): State<Arc<[AllowedHost]>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let host = host(request.headers())?;
    is_allowed(&host, &allowed)?;
    // A request to a proxy names the host in its first line, which then counts (RFC 9112, section 3.2.2).
    if let Some(named) = request.uri().authority() {
        is_allowed(named, &allowed)?;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        same_origin(request.headers(), &host)?;
    }
    Ok(next.run(request).await)
}

fn host(headers: &HeaderMap) -> Result<Authority, ApiError> {
    let value = one(headers, &HOST)?;
    let host =
        value.ok_or_else(|| ApiError::invalid("the request has no Host header; send the registry's host"))?;
    let parsed = host.parse::<Authority>().ok().filter(|host| !host.as_str().contains('@'));
    parsed.ok_or_else(|| {
        ApiError::invalid(format!("the Host header {host:?} is none; send the registry's host"))
    })
}

/// The one value of a header.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(ApiError::invalid(format!("the request has more than one {name} header; send one")));
    }
    let text = first.map(|value| value.to_str());
    text.transpose().map_err(|_| ApiError::invalid(format!("the {name} header is no text; send ASCII")))
}

fn is_allowed(host: &Authority, allowed: &[AllowedHost]) -> Result<(), ApiError> {
    let name = name(host);
    let numbers = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    if numbers || name == "localhost" || allowed.iter().any(|allowed| allowed.allows(&name)) {
        return Ok(());
    }
    Err(ApiError::forbidden(format!(
        "this registry is not known as {name:?}; if it is its name, start it with --allowed-host {name}"
    )))
}

/// A host's name in lower case, without its port and without the dot that ends it.
fn name(host: &Authority) -> String {
    let mut name = host.host().to_ascii_lowercase();
    if name.ends_with('.') {
        name.pop();
    }
    name
}

/// Browsers say where a page is from that changes something (fetch.spec.whatwg.org/#origin-header); others do not.
fn same_origin(headers: &HeaderMap, host: &Authority) -> Result<(), ApiError> {
    let Some(origin) = one(headers, &ORIGIN)? else { return Ok(()) };
    let parsed = origin.parse::<Uri>().ok();
    let same = parsed.as_ref().and_then(Uri::authority).is_some_and(|origin| {
        // Behind a proxy the scheme is not known here, and the port may be left out.
        let port = |host: &Authority| host.port_u16().filter(|port| !matches!(port, 80 | 443));
        name(origin) == name(host) && port(origin) == port(host)
    });
    if same {
        return Ok(());
    }
    Err(ApiError::forbidden(format!(
        "a page of {origin:?} may not change this registry; use the registry's own pages, or no browser"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(names: &[&str]) -> Vec<AllowedHost> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn numbers_and_localhost_are_allowed_and_other_names_when_they_are_listed() {
        let listed = allowed(&["Registry.example.org", "*.fleet.test"]);
        for good in [
            "127.0.0.1",
            "127.0.0.1:5000",
            "[::1]",
            "[::1]:5000",
            "localhost",
            "LOCALHOST:5000",
            "localhost.",
            "registry.example.org",
            "registry.EXAMPLE.org.:443",
            "a.fleet.test",
            "a.b.fleet.test:8443",
        ] {
            is_allowed(&good.parse().unwrap(), &listed).unwrap_or_else(|_| panic!("{good}"));
        }
        for bad in [
            "evil.test",
            "registry.example.org.evil.test",
            "xregistry.example.org",
            "fleet.test",
            "afleet.test",
            ".fleet.test",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "x",
        ] {
            assert!(is_allowed(&bad.parse().unwrap(), &listed).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_that_are_none_are_refused() {
        let long = "a".repeat(64);
        for bad in ["", "*", "*.", "*.*", "a.*.b", "a:80", "a b", "a..b", ".a", "http://a", "[::1]", &long] {
            assert!(bad.parse::<AllowedHost>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_of_the_same_host_and_port_is_of_the_same_origin() {
        let check = |origin: &'static str, host: &str| {
            let headers = HeaderMap::from_iter([(ORIGIN, origin.parse().unwrap())]);
            same_origin(&headers, &host.parse().unwrap()).is_ok()
        };
        assert!(check("http://127.0.0.1:5000", "127.0.0.1:5000"));
        assert!(check("https://registry.example.org", "Registry.example.org"));
        assert!(check("https://registry.example.org", "registry.example.org:443"));
        for bad in
            ["null", "http://evil.test", "http://127.0.0.1:8080", "http://127.0.0.1", "file://", "x", ""]
        {
            assert!(!check(bad, "127.0.0.1:5000"), "{bad}");
        }
    }
}
