//! Requests beyond what is worked on at a time are told to come again, at once; a panic costs one request.

use std::any::Any;

use axum::error_handling::HandleErrorLayer;
use axum::response::{IntoResponse as _, Response};
use axum::{BoxError, Router};
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;

use super::{ApiError, App};

/// Works on at most `requests` requests at a time.
pub(super) fn limited(router: Router<App>, requests: usize) -> Router<App> {
    router.layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(async |_: BoxError| ApiError::busy()))
            .layer(LoadShedLayer::new())
            .layer(GlobalConcurrencyLimitLayer::new(requests)),
    )
}

/// Answers a request whose handler panics.
pub(super) fn unpanicked<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(CatchPanicLayer::custom(panicked))
}

// The layer asks for a function of this signature.
#[expect(clippy::needless_pass_by_value)]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let literal = panic.downcast_ref::<&str>().copied();
    let words = literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let fault = anyhow::anyhow!("a handler panicked: {}", words.unwrap_or("for an unknown reason"));
    ApiError::from(fault).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_as_a_fault_and_does_not_say_of_what() {
        let router: Router = unpanicked(Router::new().route("/", get(async || -> &str { panic!("s3cret") })));
        let answer = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), 500);
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("INTERNAL_ERROR") && !body.contains("s3cret"), "{body}");
    }
}
