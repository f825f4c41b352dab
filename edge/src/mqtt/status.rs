//! How MQTT stands, for `/health` and `/metrics`.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::agent::Agent;

/// How MQTT stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// The connection of the plain topics.
    #[serde(flatten)]
    pub plain: LinkStatus,
    /// That of Sparkplug B, if it is spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sparkplug: Option<LinkStatus>,
}

/// How one connection to a broker stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkStatus {
    /// The broker.
    pub broker: String,
    /// Whether the broker is there.
    pub connected: bool,
    /// Since when it is there, or is not; `None` before the first attempt ended.
    pub since: Option<Timestamp>,
    /// Why there is no connection, in one line.
    pub error: Option<String>,
    /// Messages that came with readings, whatever became of them.
    pub received: u64,
    /// Messages whose readings were refused, stale ones and such that were too much at once among them.
    pub refused: u64,
    /// Messages that were sent, and acknowledged where that is asked for.
    pub published: u64,
    /// Messages that were to be sent and were not, because the broker was away for too long.
    pub dropped: u64,
}

/// Which connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Plain,
    Sparkplug,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Received,
    Refused,
    Published,
    Dropped,
}

/// Where one connection says how it stands.
#[derive(Clone)]
pub(super) struct Monitor {
    agent: Arc<Agent>,
    which: Which,
}

impl Monitor {
    pub(super) fn new(agent: Arc<Agent>, which: Which, broker: String) -> Self {
        let monitor = Self { agent, which };
        monitor.update(|link| link.broker = broker);
        monitor.agent.metrics().mqtt_connected(which.name(), false);
        monitor
    }

    pub(super) fn connected(&self) {
        self.update(|link| {
            (link.connected, link.error) = (true, None);
            link.since = Some(Timestamp::now());
        });
        self.agent.metrics().mqtt_connected(self.which.name(), true);
    }

    /// Answers whether that is news.
    pub(super) fn lost(&self, error: &str) -> bool {
        let mut is_news = false;
        self.update(|link| {
            if link.connected || link.since.is_none() {
                link.since = Some(Timestamp::now());
            }
            is_news = link.error.as_deref() != Some(error);
            (link.connected, link.error) = (false, Some(error.to_owned()));
        });
        self.agent.metrics().mqtt_connected(self.which.name(), false);
        is_news
    }

    /// The broker is there, and does not let the gateway do its work.
    pub(super) fn cannot(&self, error: &str) {
        tracing::error!("MQTT: {error}");
        self.update(|link| link.error = Some(error.to_owned()));
    }

    pub(super) fn count(&self, what: Count, messages: u64) {
        if messages == 0 {
            return;
        }
        self.update(|link| {
            let counter = match what {
                Count::Received => &mut link.received,
                Count::Refused => &mut link.refused,
                Count::Published => &mut link.published,
                Count::Dropped => &mut link.dropped,
            };
            *counter += messages;
        });
        self.agent.metrics().mqtt_messages(self.which.name(), what.name(), messages);
    }

    fn update(&self, change: impl FnOnce(&mut LinkStatus)) {
        self.agent.update(|status| {
            let mqtt = status.mqtt.get_or_insert_default();
            change(match self.which {
                Which::Plain => &mut mqtt.plain,
                Which::Sparkplug => mqtt.sparkplug.get_or_insert_default(),
            });
        });
    }
}

impl Which {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Sparkplug => "sparkplug",
        }
    }
}

impl Count {
    fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Refused => "refused",
            Self::Published => "published",
            Self::Dropped => "dropped",
        }
    }
}
