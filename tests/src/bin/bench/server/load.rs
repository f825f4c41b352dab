//! Connections that send one request after another, all from one thread.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::operation::{Bench, Operation, Sent};
use crate::statistics::quantile;

/// Time that does not count at the start.
const WARM_UP: Duration = Duration::from_secs(1);

/// What the connections saw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    /// Answers a second.
    pub(super) rate: f64,
    /// The time that half of the requests stayed below.
    pub(super) p50: Duration,
    /// The time that 99 of 100 stayed below.
    pub(super) p99: Duration,
    /// Requests that were answered with an error, which count for nothing else.
    pub(super) errors: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s, p50 {:?}, p99 {:?}, {} errors", self.rate, self.p50, self.p99, self.errors)
    }
}

/// One connection that is kept.
pub(super) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(super) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(&mut self, request: Sent) -> Result<(u16, Option<String>, Bytes)> {
        self.0.ready().await?;
        let answer = self.0.send_request(request).await?;
        let status = answer.status().as_u16();
        let etag = answer.headers().get("etag").and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
        Ok((status, etag, answer.into_body().collect().await?.to_bytes()))
    }

    /// The same, where anything but 200 is an error.
    pub(super) async fn ask(&mut self, request: Sent) -> Result<Bytes> {
        match self.send(request).await? {
            (200, _, body) => Ok(body),
            (status, _, body) => bail!("{status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

/// Measures one operation. Any answer but 200 is an error, as which `first_error` is told the first one.
pub(super) async fn run(
    address: &str,
    operation: Operation,
    bench: &Bench,
    connections: usize,
    time: Duration,
    first_error: &dyn Fn(&anyhow::Error),
) -> Result<Figures> {
    let from = Instant::now() + WARM_UP;
    let until = from + time;
    let errors = Cell::new(0);
    let flow = async |number: usize| -> Result<Vec<Duration>> {
        let mut connection = Connection::open(address).await?;
        let mut took = Vec::new();
        let mut page: Option<String> = None;
        // Every connection has numbers of its own, so that no two log the same step.
        let first = number as u64 * 1_000_000;
        for n in first.. {
            let request = operation.request(bench, address, n, page.as_deref())?;
            let start = Instant::now();
            let answer = connection.ask(request).await;
            let end = Instant::now();
            if end > until {
                break;
            }
            match answer {
                Ok(body) => {
                    if start >= from {
                        took.push(end - start);
                    }
                    if operation == Operation::Page {
                        page = next_page(&body);
                    }
                }
                Err(error) => {
                    if errors.replace(errors.get() + 1) == 0 {
                        first_error(&error);
                    }
                    connection = Connection::open(address).await?;
                }
            }
        }
        Ok(took)
    };
    let took = futures::future::try_join_all((0..connections).map(flow)).await?.concat();
    Ok(Figures {
        rate: took.len() as f64 / time.as_secs_f64(),
        p50: quantile(&took, 0.5),
        p99: quantile(&took, 0.99),
        errors: errors.get(),
    })
}

/// The token at the end of a page, without reading its hundred versions.
fn next_page(body: &[u8]) -> Option<String> {
    const KEY: &[u8] = b"\"next_page_token\"";
    let at = body.windows(KEY.len()).rposition(|window| window == KEY)?;
    let rest = std::str::from_utf8(&body[at + KEY.len()..]).ok()?;
    let token = rest.split('"').nth(1)?;
    (!token.is_empty()).then(|| token.replace('=', "%3D").replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_however_the_answer_is_spaced() {
        for body in [r#"{"a": [1], "next_page_token": "x=="}"#, r#"{"next_page_token":"x==","a":1}"#] {
            assert_eq!(next_page(body.as_bytes()).as_deref(), Some("x%3D%3D"));
        }
        assert_eq!(next_page(br#"{"model_versions":[]}"#), None);
    }
}
