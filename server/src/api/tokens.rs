//! `/api/v1/tokens`: access tokens, made, listed and revoked by admins.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use overhaul_bundle::TokenName;
use overhaul_client::api::{NewToken, TokenEntry, TokenList};

use super::caller::Caller;
use super::extract::{JsonBody, Names};
use super::{ApiError, App};
use crate::access::grant;
use crate::store::tokens;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/tokens", get(list).post(create))
        .route("/api/v1/tokens/{name}", delete(revoke))
}

async fn list(State(app): State<App>) -> Result<Json<TokenList>, ApiError> {
    app.store.read(|tx| Ok(Json(TokenList { tokens: tokens::all(tx)? }))).await
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<Response, ApiError> {
    let by = admin(&app, caller)?;
    let created = app.store.write(move |tx| Ok::<_, ApiError>(grant::create(tx, &by, &new)?)).await?;
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(created)).into_response())
}

async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Names((name,)): Names<(TokenName,)>,
) -> Result<Json<TokenEntry>, ApiError> {
    let by = admin(&app, caller)?;
    app.store.write(move |tx| Ok(Json(grant::revoke(tx, &by, &name)?))).await
}

/// Where nobody is asked for a token, anybody could make one here that is good for later, when everybody is.
fn admin(app: &App, caller: Caller) -> Result<crate::store::audit::By, ApiError> {
    if caller.0.is_some() {
        return Ok(app.by(caller));
    }
    Err(ApiError::forbidden(
        "this registry does not ask for tokens, so nobody knows who makes one here; use `overhaul-server token`, \
         or start the registry with --require-token",
    ))
}
