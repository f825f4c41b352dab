//! `/api/v1/tokens`: access tokens, made, listed and revoked by admins.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use overhaul_bundle::TokenName;
use overhaul_client::api::{CreatedToken, NewToken, TokenEntry, TokenList};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Caller;
use super::extract::{JsonBody, Names};
use super::{ApiError, App};
use crate::access::grant;
use crate::store::tokens;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(revoke))
}

/// Lists the access tokens, without the tokens.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "list_tokens",
    tag = "access",
    responses((status = 200, description = "All of them.", body = TokenList)),
)]
async fn list(State(app): State<App>) -> Result<Json<TokenList>, ApiError> {
    app.store.read(|tx| Ok(Json(TokenList { tokens: tokens::all(tx)? }))).await
}

/// Makes an access token.
///
/// Nobody sees it but in this answer. A registry that asks for no tokens makes none here.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "create_token",
    tag = "access",
    request_body = NewToken,
    responses(
        (status = 201, description = "The token.", body = CreatedToken),
        (status = 409, description = "There is or was a token of that name."),
        (status = 415, description = "The body does not call itself `application/json`."),
    ),
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<Response, ApiError> {
    let by = admin(&app, caller)?;
    let created = app.store.write(move |tx| Ok::<_, ApiError>(grant::create(tx, &by, &new)?)).await?;
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(created)).into_response())
}

/// Revokes an access token, from the next request on.
///
/// A registry that asks for no tokens revokes none here.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{name}",
    operation_id = "revoke_token",
    tag = "access",
    params(("name" = TokenName, Path)),
    responses(
        (status = 200, description = "What is known of the token.", body = TokenEntry),
        (status = 404, description = "There is no such token."),
    ),
)]
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
