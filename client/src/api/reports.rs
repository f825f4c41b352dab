//! What gateways report, and how the registry shows it.
//!
//! A gateway numbers its reports and sends them in that order; the registry keeps each once and answers up to which
//! it has them, and only then does the gateway forget them. What happened is an [`Event`].

use jiff::Timestamp;
use overhaul_bundle::{Alias, GatewayId, ModelName, QueueId};
use serde::{Deserialize, Serialize};

use super::events::{Event, VersionId};

/// One report of a gateway.
///
/// Who only passes it on reads its event as raw JSON in the place of `E`, so that one of a newer release gets through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report<E = Event> {
    /// Its number in the gateway's queue: from 1, each higher than the one before. A number that is missing belongs to
    /// a report that was thrown away, which an event `dropped` tells.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 9_223_372_036_854_775_807_u64))]
    pub sequence: u64,
    /// When, by the gateway's clock.
    pub at: Timestamp,
    /// What happened.
    pub event: E,
}

/// The body of `POST /api/v1/gateways/{id}/reports`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportBatch<E = Event> {
    /// The queue that they are numbered in; a gateway whose disk was wiped begins a new one.
    pub queue: QueueId,
    /// How many reports wait on the gateway, these included.
    #[serde(default)]
    pub waiting: u64,
    /// 1 to 500 reports, lowest number first.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub reports: Vec<Report<E>>,
}

impl ReportBatch {
    /// The most reports of a batch.
    pub const MAX_REPORTS: usize = 500;
    /// The most bytes of one event as JSON.
    pub const MAX_EVENT: usize = 64 << 10;
    /// The most bytes of a batch as JSON.
    pub const MAX_BYTES: usize = 2 << 20;
}

/// The answer to a batch of reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportsAccepted {
    /// The highest number that the registry has of the queue; the gateway may forget all up to it.
    pub through: u64,
}

/// What the registry knows of a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayEntry {
    /// Its id.
    pub id: GatewayId,
    /// When its first report came, by the registry's clock.
    pub first_seen: Timestamp,
    /// When its last report came, by the registry's clock.
    pub last_seen: Timestamp,
    /// The agent's release, such as `0.1.0`.
    pub agent_version: Option<String>,
    /// The registered model that it follows.
    pub model: Option<ModelName>,
    /// The alias that it follows.
    pub alias: Option<Alias>,
    /// What it runs.
    pub running: Option<VersionId>,
    /// Since when it runs that, by the gateway's clock.
    pub running_since: Option<Timestamp>,
    /// The version that it refused last, until it activates one that the alias points at.
    pub refused: Option<GatewayRefusal>,
    /// How many reports waited on the gateway when it reported last and the registry had taken what it sent.
    pub waiting: u64,
}

/// A version that a gateway does not run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayRefusal {
    /// The version.
    pub version: VersionId,
    /// Why, in one line.
    pub reason: String,
    /// When, by the gateway's clock.
    pub at: Timestamp,
}

/// `GET /api/v1/gateways`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayPage {
    /// The gateways, by id.
    pub gateways: Vec<GatewayEntry>,
    /// What to ask with for those after; `None` when there are none.
    pub next_page_token: Option<String>,
}

/// A report as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportEntry {
    /// The queue that it is numbered in.
    pub queue: QueueId,
    /// Its number there.
    pub sequence: u64,
    /// When, by the gateway's clock.
    pub at: Timestamp,
    /// When it came, by the registry's clock.
    pub received_at: Timestamp,
    /// What happened, as the gateway sent it: an `Event`, or an object with a `kind` that is newer than this registry.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, example = json!({"kind": "alert"})))]
    pub event: serde_json::Value,
}

impl ReportEntry {
    /// The event's kind, such as `activated`.
    pub fn kind(&self) -> &str {
        self.event.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    /// The event, unless it is of a kind or a shape that this release does not know.
    pub fn event(&self) -> Option<Event> {
        Event::deserialize(&self.event).ok()
    }
}

/// `GET /api/v1/gateways/{id}/reports`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportPage {
    /// The reports, newest first.
    pub reports: Vec<ReportEntry>,
    /// What to ask with for those before; `None` when there are none.
    pub next_page_token: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(event: &str) -> ReportEntry {
        let json = format!(
            r#"{{"queue":"00000000000000000000000000000001","sequence":1,"at":"2026-03-01T12:00:00Z",
                "received_at":"2026-03-01T12:00:05Z","event":{event}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn an_event_is_one_object_that_names_its_kind() {
        let sent = r#"{"kind":"alert","unit":"7","cycle":180,"raised":true,"lower":19.5,"threshold":20.0,"version":3}"#;
        let event = entry(sent).event().unwrap();
        assert_eq!(event.kind(), "alert");
        assert_eq!(serde_json::to_string(&event).unwrap(), sent);
    }

    #[test]
    fn an_event_that_is_newer_than_this_release_is_shown_as_it_came() {
        let newer = entry(r#"{"kind":"firmware","of":{"sensor":11}}"#);
        assert_eq!((newer.kind(), newer.event()), ("firmware", None));
        assert_eq!(newer.event["of"]["sensor"], 11);
    }
}
