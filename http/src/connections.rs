//! The loop that accepts connections; each is served on a task of its own.
//!
//! `axum::serve` has neither a limit on the head of a request nor TLS, so this is in its place. A client that stalls,
//! in a handshake or in a head, holds its own connection and nobody else's.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Limits;
use crate::stall::WriteLimit;
use crate::tls::Tls;

/// How long requests in progress may go on after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(8);
/// How long to wait when the system has no file left for a connection.
const BREATH: Duration = Duration::from_millis(200);

/// Serves a router until `stop` is over; then requests in progress get ten seconds to end.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), router.clone(), limits, stopped.clone()));
                }
                // The client went away again, which is its own affair.
                Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(e) => {
                    tracing::error!("cannot accept a connection: {e}");
                    tokio::time::sleep(BREATH).await;
                }
            },
        }
    }
    tracing::info!("stopping: no new requests");
    drop(listener);
    stopping.send_replace(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, ended).await.is_err() {
        tracing::warn!("requests were still running {DRAIN:?} after the stop; they are cut off");
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<Arc<Tls>>,
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more of them would only delay small ones.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("a connection went away: {error}");
        return;
    }
    let Some(tls) = tls else { return answer(stream, router, limits, stopping).await };
    let secured = tokio::select! {
        secured = tls.handshake(stream) => secured,
        () = stops(&mut stopping) => return,
    };
    match secured {
        Ok(stream) => answer(stream, router, limits, stopping).await,
        Err(error) => tracing::debug!("a TLS handshake failed: {error}"),
    }
}

/// Answers the requests of a connection, one after the other.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_header_size(limits.head_bytes);
    let stream = TokioIo::new(WriteLimit::new(stream, limits.stall));
    let mut connection = pin!(http.serve_connection(stream, TowerToHyperService::new(router)));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stops(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended early: {error}");
    }
}

async fn stops(stopping: &mut watch::Receiver<bool>) {
    // The sender outlives every connection.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
