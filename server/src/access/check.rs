//! The check of every request against the [policy](super::policy).
//!
//! A token comes as `Authorization: Bearer` (RFC 6750) or as the password of `Basic` (RFC 7617), whose user name
//! is ignored: the token itself says whose it is. It is looked up for every request, so that a revocation holds
//! from the next request on, whoever made it.

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use overhaul_client::api::TokenEntry;

use super::policy::{Rule, rule};
use super::secret::Presented;
use crate::api::{ApiError, App, Caller, TokenGateway};
use crate::store::tokens;

/// Lets a request through to its handler if its token may do what the route asks for.
pub(crate) async fn check(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let route = request.extensions().get::<MatchedPath>().cloned();
    // What matches no route is answered as such: there is nothing to protect.
    let Some(route) = route else { return Ok(next.run(request).await) };
    let need = match rule(request.method(), route.as_str()) {
        Rule::Needs(super::policy::Need::Nothing) => return Ok(next.run(request).await),
        Rule::Needs(need) => need,
        Rule::OtherMethod => return Err(ApiError::no_method(request.method(), request.uri())),
        Rule::Missing => {
            let what = format!("{} {}", request.method(), request.uri().path());
            return Err(ApiError::forbidden(format!("no role may {what}: the registry has no rule for it")));
        }
    };
    let holder = holder(&app, request.headers())?;
    if !need.is_met_by(holder.role) {
        return Err(ApiError::forbidden(format!(
            "token {:?} has role {}, but {} {} needs role {}",
            holder.name.as_str(),
            holder.role,
            request.method(),
            request.uri().path(),
            need.least()
        )));
    }
    request.extensions_mut().insert(Caller(Some(holder.name.into())));
    if let Some(gateway) = holder.gateway {
        request.extensions_mut().insert(TokenGateway(gateway));
    }
    Ok(next.run(request).await)
}

/// Whose token a request has.
fn holder(app: &App, headers: &HeaderMap) -> Result<TokenEntry, ApiError> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Err(ApiError::unauthenticated(
            "this registry asks for an access token; set OVERHAUL_TOKEN or MLFLOW_TRACKING_TOKEN, or send it as \
             Authorization: Bearer or as the password of Basic",
        ));
    };
    let token = header.to_str().ok().and_then(token);
    let presented = token.as_deref().and_then(Presented::parse).ok_or_else(|| {
        ApiError::unauthenticated(
            "what the request sends is no access token; those of this registry begin with ovh_",
        )
    })?;
    let found = app.store.read_now(|connection| tokens::by_id(connection, presented.id))?;
    let entry = found.filter(|token| presented.is(&token.sha256)).map(|token| token.entry);
    let entry = entry.ok_or_else(|| {
        ApiError::unauthenticated("this registry does not know the access token; ask an admin for one")
    })?;
    let name = entry.name.as_str();
    if let Some(at) = entry.revoked_at {
        let message = format!("access token {name:?} was revoked at {at}; ask an admin for another");
        return Err(ApiError::unauthenticated(message));
    }
    match entry.expires_at {
        Some(end) if end <= app.clock.now() => {
            let message = format!("access token {name:?} ended at {end}; ask an admin for another");
            Err(ApiError::unauthenticated(message))
        }
        _ => Ok(entry),
    }
}

/// The token in an `Authorization` header; the scheme's case does not matter (RFC 9110, section 11.1).
fn token(header: &str) -> Option<String> {
    let (scheme, value) = header.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        return pair.split_once(':').map(|(_, password)| password.to_owned());
    }
    None
}
