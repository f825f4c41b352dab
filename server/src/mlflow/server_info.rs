//! `/api/3.0/mlflow/server-info`: what this server can do, which the client asks before large transfers.

use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::api::App;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/server-info", get(show))
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are the protocol's")]
struct ServerInfo {
    /// The kind of store, by the name that the client knows a database by.
    store_type: &'static str,
    workspaces_enabled: bool,
    trace_archival_enabled: bool,
    multipart_uploads_enabled: bool,
    multipart_downloads_enabled: bool,
}

async fn show() -> Json<ServerInfo> {
    Json(ServerInfo {
        store_type: "SqlStore",
        workspaces_enabled: false,
        trace_archival_enabled: false,
        multipart_uploads_enabled: true,
        multipart_downloads_enabled: true,
    })
}
