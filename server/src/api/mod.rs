//! The HTTP API: one file for each resource, with its routes, bodies and handlers.
//!
//! | module | its resource |
//! | --- | --- |
//! | `health` | `/health` |
//! | `version` | `/version` |
//! | `metrics` | `/metrics` |
//! | `models` | `/api/v1/models` |
//! | `versions` | `/api/v1/models/{name}/versions`: numbers, publishing, what was published |
//! | `files` | a version's manifest and files |
//! | `aliases` | `/api/v1/models/{name}/aliases/{alias}` |
//! | `history` | `/api/v1/models/{name}/history` |
//! | `blobs` | `/api/v1/blobs/{sha256}` |
//! | `tokens` | `/api/v1/tokens`: access tokens |
//! | `gateways` | `/api/v1/gateways`: what is known of each gateway |
//! | `reports` | `/api/v1/gateways/{gateway}/reports`: what gateways report |
//! | `audit` | `/api/v1/audit`: every change |
//! | `openapi` | `/api/v1/openapi.json` and `/api/v1/docs`: what this API is like |
//! | `error` | the one error type that answers turn into |
//! | `extract` | names from paths and JSON from bodies, parsed at the door |
//! | `caller` | who sends a request |
//! | `lookup` | models and bundles by name, or an answer that says which there are |
//! | `page` | pages of a list |
//! | `linger` | what happens to the rest of a body that was refused |
//! | `origin` | where whoever sent a request reaches this server |
//! | `overload` | requests beyond what is worked on at a time, and panics |
//! | `serve_file` | a blob as an answer: ranges, ETags, headers |
//! | `upload` | a body on its way to the blobs |

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderValue, Method, Uri};
use axum::response::Response;
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::Clock;
use crate::access::{self, AllowedHost};
use crate::blobs::Blobs;
use crate::convert::Workshop;
use crate::metrics::{Metrics, measure};
use crate::public_url::PublicUrl;
use crate::signer::Signer;
use crate::store::Store;
use crate::store::audit::By;
use crate::webhooks::Sender;

mod aliases;
mod audit;
mod blobs;
mod caller;
mod error;
pub(crate) mod extract;
mod files;
mod gateways;
mod health;
mod history;
mod linger;
mod lookup;
mod metrics;
mod models;
mod openapi;
pub(crate) mod origin;
mod overload;
mod page;
mod reports;
pub(crate) mod serve_file;
mod tokens;
pub(crate) mod upload;
mod version;
mod versions;

pub use caller::{Caller, TokenGateway};
pub use error::ApiError;

/// What every handler works on. Cheap to clone, which each request does several times.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The files.
    pub blobs: Blobs,
    /// Where timestamps come from.
    pub clock: Clock,
    /// What signs URLs that need no credentials.
    pub signer: Signer,
    /// Whether it is an `https` server.
    pub over_tls: bool,
    /// Where clients reach the server; `None` for wherever they sent their request.
    pub public_url: Option<Arc<PublicUrl>>,
    /// Whether every request is asked for an access token.
    pub require_token: bool,
    /// What makes bundles of logged models.
    pub workshop: Workshop,
    /// What reaches the receivers of webhooks.
    pub webhooks: Sender,
    /// Names that the registry is called by, beside addresses and `localhost`.
    pub allowed_hosts: Arc<[AllowedHost]>,
    /// Requests that are worked on at a time.
    pub max_requests: usize,
    /// What Prometheus is told.
    pub metrics: Metrics,
}

impl From<Parts> for App {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Who makes a change, and that it is now.
    pub fn by(&self, caller: Caller) -> By {
        By { actor: caller.into_name(), at: self.clock.now() }
    }
}

/// The routes of the project's own API, but for `/health`.
fn own_routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .merge(version::routes())
        .merge(metrics::routes())
        .merge(models::routes())
        .merge(versions::routes())
        .merge(files::routes())
        .merge(aliases::routes())
        .merge(history::routes())
        .merge(blobs::routes())
        .merge(tokens::routes())
        .merge(gateways::routes())
        .merge(reports::routes())
        .merge(audit::routes())
        .merge(openapi::routes())
}

/// All routes of the registry.
pub fn router(app: App) -> Router {
    let work = Router::from(own_routes()).merge(crate::mlflow::routes());
    // Whether the registry lives can be asked however much it has to do.
    let routes = overload::limited(work, app.max_requests)
        .merge(health::routes())
        .fallback(no_endpoint)
        .method_not_allowed_fallback(no_method);
    let checked = if app.require_token {
        routes.layer(axum::middleware::from_fn_with_state(app.clone(), access::check))
    } else {
        routes
    };
    let allowed_hosts = Arc::clone(&app.allowed_hosts);
    let bounded = checked
        // Each body is read by `extract` or `blobs`, each with its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(axum::middleware::from_fn_with_state(allowed_hosts, access::host::check));
    overload::unpanicked(bounded)
        .layer(axum::middleware::from_fn_with_state(app.metrics.clone(), measure))
        .layer(axum::middleware::map_response(keep_from_browsers))
        .layer(axum::middleware::map_request(async |request| linger::linger(request)))
        .layer(TraceLayer::new_for_http())
        .with_state(app)
}

async fn no_endpoint(method: Method, uri: Uri) -> ApiError {
    ApiError::no_endpoint(&method, &uri)
}

async fn no_method(method: Method, uri: Uri) -> ApiError {
    ApiError::no_method(&method, &uri)
}

/// A browser that guesses types could take an uploaded file for a page of this origin; a page of another origin
/// that shows one of this in a frame could make people click on it unseen.
async fn keep_from_browsers(mut answer: Response) -> Response {
    answer.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.headers_mut().insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    answer
}
