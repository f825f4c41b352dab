//! Messages by connection and outcome, and whether the brokers are there.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

pub(super) struct Messages {
    messages: Family<Message, Counter>,
    connected: Family<Link, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Link {
    link: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Message {
    link: &'static str,
    outcome: &'static str,
}

impl Messages {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let messages = Self { messages: Family::default(), connected: Family::default() };
        registry.register(
            "messages",
            "Messages with readings that were received or refused, and others that were published or dropped",
            messages.messages.clone(),
        );
        registry.register("connected", "1 if the broker is there", messages.connected.clone());
        messages
    }

    pub(super) fn connected(&self, link: &'static str, is_connected: bool) {
        self.connected.get_or_create(&Link { link }).set(i64::from(is_connected));
    }

    pub(super) fn count(&self, link: &'static str, outcome: &'static str, messages: u64) {
        self.messages.get_or_create(&Message { link, outcome }).inc_by(messages);
    }
}
