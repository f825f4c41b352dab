//! A refused upload is answered before it is whole, and the answer must arrive.
//!
//! A server that answers early and closes with bytes still unread makes the system reset the connection, and
//! the reset can overtake the answer: the client sees a broken connection and not why it was refused (RFC
//! 9112, section 9.6). So what a handler leaves of a body is read and thrown away for a while, in which the
//! client gets the answer and stops sending.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::Request;
use futures::{Stream, StreamExt as _};

/// How long the rest of a body is read for at most.
const LINGER: Duration = Duration::from_secs(2);

/// Has what a handler leaves of the request's body read to its end.
pub(super) fn linger(request: Request) -> Request {
    request.map(|body| {
        if body.is_end_stream() { body } else { Body::from_stream(Lingering(Some(body.into_data_stream()))) }
    })
}

/// A body whose rest is read and thrown away when it is dropped; `None` once there is no rest.
struct Lingering(Option<BodyDataStream>);

impl Stream for Lingering {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let piece = body.poll_next_unpin(context);
        if let Poll::Ready(None | Some(Err(_))) = piece {
            self.0 = None;
        }
        piece
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        // While the runtime ends there is nobody left to tell.
        if let Some(mut rest) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let discard = async move { while let Some(Ok(_)) = rest.next().await {} };
            runtime.spawn(tokio::time::timeout(LINGER, discard));
        }
    }
}
