//! Webhooks and events as JSON.

use serde::{Deserialize, Serialize};

use crate::api::ApiError;
use crate::store::webhooks::Webhook;
use crate::webhooks::EventKind;

#[derive(Deserialize)]
pub(super) struct Create {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<NamedEvent>>,
    pub(super) description: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) status: Option<Status>,
}

#[derive(Deserialize)]
pub(super) struct Update {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<NamedEvent>>,
    pub(super) description: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) status: Option<Status>,
}

#[derive(Deserialize)]
pub(super) struct Test {
    pub(super) event: Option<NamedEvent>,
}

/// An event by the names that the protocol has for its parts, such as `MODEL_VERSION` and `CREATED`.
#[derive(Deserialize, Serialize)]
pub(super) struct NamedEvent {
    entity: String,
    action: String,
}

impl NamedEvent {
    pub(super) fn kind(&self) -> Result<EventKind, ApiError> {
        let (entity, action) = (self.entity.to_ascii_lowercase(), self.action.to_ascii_lowercase());
        EventKind::find(&entity, &action).ok_or_else(|| {
            let known = EventKind::ALL.map(|kind| format!("{}.{}", kind.entity(), kind.action()));
            ApiError::invalid(format!(
                "Invalid value for parameter 'events': nothing here makes the event {:?}; there are: {}",
                format!("{entity}.{action}"),
                known.join(", ")
            ))
        })
    }
}

impl From<EventKind> for NamedEvent {
    fn from(kind: EventKind) -> Self {
        Self { entity: kind.entity().to_ascii_uppercase(), action: kind.action().to_ascii_uppercase() }
    }
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE", try_from = "String")]
pub(super) enum Status {
    Active,
    Disabled,
}

impl TryFrom<String> for Status {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "ACTIVE" => Ok(Self::Active),
            "DISABLED" => Ok(Self::Disabled),
            other => Err(format!("unknown status {other:?}; there are: ACTIVE, DISABLED")),
        }
    }
}

impl Status {
    pub(super) fn is_active(self) -> bool {
        matches!(self, Self::Active)
    }
}

#[derive(Serialize)]
pub(super) struct Answer {
    pub(super) webhook: Shown,
}

#[derive(Serialize)]
pub(super) struct Listed {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) webhooks: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_page_token: Option<String>,
}

/// A webhook without its secret.
#[derive(Serialize)]
pub(super) struct Shown {
    webhook_id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    url: String,
    events: Vec<NamedEvent>,
    status: Status,
    creation_timestamp: i64,
    last_updated_timestamp: i64,
}

impl From<Webhook> for Shown {
    fn from(webhook: Webhook) -> Self {
        Self {
            webhook_id: webhook.id,
            name: webhook.name,
            description: webhook.description,
            url: webhook.url,
            events: webhook.events.into_iter().map(Into::into).collect(),
            status: if webhook.active { Status::Active } else { Status::Disabled },
            creation_timestamp: webhook.created_at.as_millisecond(),
            last_updated_timestamp: webhook.updated_at.as_millisecond(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Tested {
    pub(super) result: TestResult,
}

#[derive(Serialize)]
pub(super) struct TestResult {
    pub(super) success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_message: Option<String>,
}
