//! `/api/2.0/mlflow/webhooks`: who is told of what.
//!
//! | module | holds |
//! | --- | --- |
//! | `body` | webhooks and events as JSON |
//! | `check` | what a webhook may be called, and what it may say |
//! | `page` | which part of all webhooks is asked for |

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::{Body, Query};
use super::path::Path;
use crate::api::{ApiError, App, Caller};
use crate::store::webhooks::{self, Webhook};
use crate::webhooks::{Envelope, Event, Secret, TargetError};

mod body;
mod check;
mod page;

use body::{Answer, Create, Listed, Status, Test, TestResult, Tested, Update};
use page::Pages;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/webhooks", get(list).post(create))
        .route("/webhooks/{webhook_id}", get(show).patch(update).delete(delete))
        .route("/webhooks/{webhook_id}/test", post(test))
}

impl From<TargetError> for ApiError {
    fn from(error: TargetError) -> Self {
        Self::invalid(error.to_string())
    }
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<Json<Answer>, ApiError> {
    let (name, url) = (check::name(body.name)?, check::required("url", body.url)?);
    let events = check::events(&check::required("events", body.events)?)?;
    let description = check::description(body.description)?.filter(|text| !text.is_empty());
    let secret = check::secret(body.secret)?.and_then(Secret::new);
    app.webhooks.check(&url).await?;
    let by = app.by(caller);
    let webhook = Webhook {
        id: Uuid::new_v4().to_string(),
        name,
        description,
        url,
        secret,
        active: body.status.is_none_or(Status::is_active),
        events,
        created_at: by.at,
        updated_at: by.at,
    };
    app.store
        .write(move |tx| {
            webhooks::put(tx, &webhook)?;
            by.did("create", "webhook", &webhook.id).to(Some(&webhook.name)).record(tx)?;
            // As it is kept, with its events in order.
            Ok(Json(Answer { webhook: find(tx, &webhook.id)?.into() }))
        })
        .await
}

async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Answer>, ApiError> {
    app.store.read(move |tx| Ok(Json(Answer { webhook: find(tx, &id)?.into() }))).await
}

fn find(connection: &Connection, id: &str) -> Result<Webhook, ApiError> {
    let unknown = || ApiError::not_found(format!("Webhook with ID {id} not found."));
    webhooks::find(connection, id)?.ok_or_else(unknown)
}

async fn list(State(app): State<App>, Query(pages): Query<Pages>) -> Result<Json<Listed>, ApiError> {
    let page = pages.page()?;
    let mut found = app.store.read(move |tx| webhooks::page(tx, page.offset, page.size + 1)).await?;
    let next_page_token = page.next(found.len());
    found.truncate(page.size as usize);
    Ok(Json(Listed { webhooks: found.into_iter().map(Into::into).collect(), next_page_token }))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<Update>,
) -> Result<Json<Answer>, ApiError> {
    // What is empty is left as it is, but for the description and the secret, which it removes.
    let name = body.name.filter(|name| !name.is_empty()).map(|name| check::name(Some(name))).transpose()?;
    let url = body.url.filter(|url| !url.is_empty());
    let events = body.events.filter(|events| !events.is_empty());
    let events = events.map(|events| check::events(&events)).transpose()?;
    let (description, secret) = (check::description(body.description)?, check::secret(body.secret)?);
    // A webhook that is not there is said to be so, whatever its new URL.
    let known = id.clone();
    app.store.read(move |tx| find(tx, &known).map(drop)).await?;
    if let Some(url) = &url {
        app.webhooks.check(url).await?;
    }
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let mut webhook = find(tx, &id)?;
            let before = webhook.name.clone();
            webhook.name = name.unwrap_or(webhook.name);
            webhook.url = url.unwrap_or(webhook.url);
            webhook.events = events.unwrap_or(webhook.events);
            if let Some(description) = description {
                webhook.description = Some(description).filter(|text| !text.is_empty());
            }
            if let Some(secret) = secret {
                webhook.secret = Secret::new(secret);
            }
            webhook.active = body.status.map_or(webhook.active, Status::is_active);
            webhook.updated_at = by.at;
            webhooks::put(tx, &webhook)?;
            by.did("update", "webhook", &id).from(Some(&before)).to(Some(&webhook.name)).record(tx)?;
            Ok(Json(Answer { webhook: find(tx, &id)?.into() }))
        })
        .await
}

async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            let webhook = find(tx, &id)?;
            webhooks::delete(tx, &id)?;
            by.did("delete", "webhook", &id).from(Some(&webhook.name)).record(tx)?;
            Ok(Json(json!({})))
        })
        .await
}

/// Sends an example of an event now, and answers what the receiver says.
async fn test(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<Test>,
) -> Result<Json<Tested>, ApiError> {
    let kind = body.event.map(|event| event.kind()).transpose()?;
    let webhook = app.store.read(move |tx| find(tx, &id)).await?;
    let kind = kind.or_else(|| webhook.events.first().copied());
    let kind = kind.ok_or_else(|| ApiError::invalid("the webhook has no event; name one"))?;
    let payload = Event::example(kind).payload(app.clock.now()).map_err(anyhow::Error::from)?;
    let envelope = Envelope {
        url: webhook.url,
        secret: webhook.secret,
        delivery_id: Uuid::new_v4().to_string(),
        payload,
    };
    let result = match app.webhooks.test(envelope).await {
        Ok(answer) => TestResult {
            success: answer.status < 400,
            response_status: Some(answer.status),
            response_body: Some(answer.body),
            error_message: None,
        },
        Err(error) => TestResult {
            success: false,
            response_status: None,
            response_body: None,
            error_message: Some(format!("Failed to test webhook: {error}")),
        },
    };
    Ok(Json(Tested { result }))
}
