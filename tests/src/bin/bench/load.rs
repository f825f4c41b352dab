//! Connections that send one request after another, all from one thread.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::statistics::quantile;

/// Time that does not count at the start.
const WARM_UP: Duration = Duration::from_secs(1);

/// A request as it is sent.
pub(crate) type Sent = Request<Full<Bytes>>;

/// What the connections saw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// Answers a second.
    pub(crate) rate: f64,
    /// The time that half of the requests stayed below.
    pub(crate) p50: Duration,
    /// The time that 99 of 100 stayed below.
    pub(crate) p99: Duration,
    /// Requests that were answered with an error, which count for nothing else.
    pub(crate) errors: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s, p50 {:?}, p99 {:?}, {} errors", self.rate, self.p50, self.p99, self.errors)
    }
}

/// One connection that is kept.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&mut self, request: Sent) -> Result<(u16, Option<String>, Bytes)> {
        self.0.ready().await?;
        let answer = self.0.send_request(request).await?;
        let status = answer.status().as_u16();
        let etag = answer.headers().get("etag").and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
        Ok((status, etag, answer.into_body().collect().await?.to_bytes()))
    }

    /// The same, where anything but 200 is an error.
    pub(crate) async fn ask(&mut self, request: Sent) -> Result<Bytes> {
        match self.send(request).await? {
            (200, _, body) => Ok(body),
            (status, _, body) => bail!("{status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

/// A load: how many connections send for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load<'a> {
    pub(crate) address: &'a str,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

/// Measures requests: `request` makes each from its number, which no other connection has, and the answer to the one
/// before on its connection. Any answer but 200 is an error, as which `first_error` is told the first one.
pub(crate) async fn run(
    load: Load<'_>,
    request: &dyn Fn(u64, Option<&Bytes>) -> Result<Sent>,
    first_error: &dyn Fn(&anyhow::Error),
) -> Result<Figures> {
    let from = Instant::now() + WARM_UP;
    let until = from + load.time;
    let errors = Cell::new(0);
    let flow = async |number: usize| -> Result<Vec<Duration>> {
        let mut connection = Connection::open(load.address).await?;
        let mut took = Vec::new();
        let mut before: Option<Bytes> = None;
        let first = number as u64 * 1_000_000;
        for n in first.. {
            let request = request(n, before.as_ref())?;
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
                    before = Some(body);
                }
                Err(error) => {
                    if errors.replace(errors.get() + 1) == 0 {
                        first_error(&error);
                    }
                    connection = Connection::open(load.address).await?;
                }
            }
        }
        Ok(took)
    };
    let took = futures::future::try_join_all((0..load.connections).map(flow)).await?.concat();
    Ok(Figures {
        rate: took.len() as f64 / load.time.as_secs_f64(),
        p50: quantile(&took, 0.5),
        p99: quantile(&took, 0.99),
        errors: errors.get(),
    })
}
