//! Sparkplug B's connection, beside that of the plain topics: each has a will of its own.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use overhaul_bundle::UnitId;
use prost::Message as _;
use rumqttc::{
    AsyncClient, Event, EventLoop, LastWill, MqttOptions, Outgoing, Packet, Publish, QoS,
    SubscribeFilterInput, SubscribeReasonCode,
};
use tokio::sync::watch;

use super::host::{Host, Step};
use super::node::{self, Node};
use super::payload::Payload;
use super::topic::{self, Kind, Topic};
use crate::mqtt::connection::{Connection, network_options};
use crate::mqtt::lanes::{Done, Job, Lanes};
use crate::mqtt::link::{self, Link};
use crate::mqtt::outbox::{Outbox, WINDOW};
use crate::mqtt::seldom::Seldom;
use crate::mqtt::settings::{Sparkplug, UnitName};
use crate::mqtt::status::{Count, Monitor};
use crate::mqtt::take::MAX_BYTES;
use crate::units::Units;
use crate::units::answer::UnitAnswer;

/// How long the broker is given to take the last messages when the agent ends.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// The most messages that wait, beside two of each unit; with more, all is told anew, from the last predictions.
const MAX_WAITING: usize = 1000;

/// Sparkplug B's connection.
pub(in crate::mqtt) struct Session {
    settings: Sparkplug,
    connection: Connection,
    monitor: Monitor,
    link: Link,
    host: Host,
    node: Node,
    lanes: Lanes<()>,
    outbox: Outbox,
    client: Option<AsyncClient>,
    refused: Seldom,
    stale: Seldom,
}

impl Session {
    pub(in crate::mqtt) fn new(
        settings: Sparkplug,
        connection: Connection,
        units: &Arc<Units>,
        monitor: Monitor,
    ) -> Self {
        Self {
            link: Link::new(monitor.clone(), "Sparkplug", connection.broker()),
            host: Host::new(settings.cycle.clone()),
            node: Node::new(&settings.group_id, &settings.node_id),
            lanes: Lanes::new(units),
            outbox: Outbox::new(usize::MAX),
            client: None,
            refused: Seldom::default(),
            stale: Seldom::default(),
            settings,
            connection,
            monitor,
        }
    }

    /// Connects, and connects again, until `stop` says that the agent ends.
    pub(in crate::mqtt) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let why = match self.options() {
                Ok(options) => match self.connected(options, &mut stop).await {
                    Some(why) => why,
                    None => return,
                },
                Err(why) => why,
            };
            let pause = self.link.lost(&why);
            self.client = None;
            // What the nodes told meanwhile is not known, and what waits is told anew by the next births.
            self.host = Host::new(self.settings.cycle.clone());
            self.monitor.count(Count::Dropped, self.outbox.clear());
            if self.meanwhile(tokio::time::sleep(pause), &mut stop).await.is_none() {
                return;
            }
        }
    }

    /// One connection from its attempt to its end. Answers why it ended; `None` if the agent ends.
    async fn connected(&mut self, options: MqttOptions, stop: &mut watch::Receiver<bool>) -> Option<String> {
        let (client, mut events) = AsyncClient::builder(options).capacity(WINDOW * 2).build();
        events.set_network_options(network_options());
        self.client = Some(client);
        loop {
            match self.meanwhile(events.poll(), stop).await {
                Some(Ok(event)) => self.on(event),
                Some(Err(error)) => return Some(link::reason(&error)),
                None => {
                    self.say_goodbye(events).await;
                    return None;
                }
            }
            self.pump();
        }
    }

    /// Waits for something, and deals with answers from the units until it is there. `None` if the agent ends.
    async fn meanwhile<F: Future>(
        &mut self,
        wanted: F,
        stop: &mut watch::Receiver<bool>,
    ) -> Option<F::Output> {
        let mut wanted = pin!(wanted);
        loop {
            tokio::select! {
                output = &mut wanted => return Some(output),
                Some(done) = self.lanes.next() => self.on_answer(done),
                _ = stop.wait_for(|stop| *stop) => return None,
            }
            self.pump();
        }
    }

    fn options(&mut self) -> Result<MqttOptions, String> {
        let id = format!("{}-sparkplug", self.connection.client_id());
        let mut options = self.connection.options(&id).map_err(|e| e.to_string())?;
        // Births tell all there is to know (Sparkplug 3.0, section 5.4).
        options.set_clean_session(true);
        let (topic, payload) = self.node.will();
        options.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, false));
        Ok(options)
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => self.on_connected(),
            Event::Incoming(Packet::SubAck(answer)) => {
                if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                    let group = &self.settings.group_id;
                    self.monitor.cannot(&format!(
                        "the broker does not let this client subscribe to spBv1.0/{group}; allow it there"
                    ));
                }
                // Births come after the subscriptions, so that no request to tell all again is missed.
                self.tell_all();
            }
            Event::Incoming(Packet::Publish(publish)) => self.on_message(&publish),
            Event::Outgoing(Outgoing::Publish(packet)) if self.outbox.sent(packet) => {
                self.monitor.count(Count::Published, 1);
            }
            _ => {}
        }
    }

    fn on_connected(&mut self) {
        self.link.connected();
        let Some(client) = &self.client else { return };
        let filters = topic::filters(&self.settings.group_id, &self.settings.node_id);
        let filters = filters.into_iter().map(|filter| SubscribeFilterInput::new(filter, QoS::AtLeastOnce));
        if let Err(e) = client.try_subscribe_many(filters) {
            tracing::error!("Sparkplug: cannot subscribe: {e}");
        }
    }

    fn tell_all(&mut self) {
        for message in self.node.births() {
            self.outbox.push(message);
        }
    }

    fn on_message(&mut self, publish: &Publish) {
        let name = String::from_utf8_lossy(&publish.topic);
        let Some(topic) = topic::parse(&name, &self.settings.group_id) else { return };
        if topic.node == self.settings.node_id && topic.kind != Kind::NodeCommand {
            return;
        }
        if publish.retain {
            self.monitor.count(Count::Refused, 1);
            self.stale
                .warn(&format!("Sparkplug: what the broker had kept under {name:?} is stale, and ignored"));
            return;
        }
        if publish.payload.len() > MAX_BYTES {
            let bytes = publish.payload.len();
            return self.refuse(&topic, &format!("the message has {bytes} bytes; send at most {MAX_BYTES}"));
        }
        let payload = match Payload::decode(publish.payload.as_ref()) {
            Ok(payload) => payload,
            Err(e) => return self.refuse(&topic, &format!("the payload is not Sparkplug B's ({e})")),
        };
        if topic.kind == Kind::NodeCommand {
            if node::is_rebirth(&payload) {
                self.tell_all();
            }
            return;
        }
        match self.host.on(&topic, &payload, Instant::now()) {
            Step::Nothing => {}
            Step::Rebirth(why) => {
                tracing::info!("Sparkplug: node {:?} is asked to tell all again: {why}", topic.node);
                self.outbox.push(node::rebirth(&self.settings.group_id, topic.node));
            }
            Step::Reading(reading) => self.on_reading(&topic, &reading),
            Step::Refused(line) => self.refuse(&topic, &line),
        }
    }

    fn on_reading(&mut self, topic: &Topic<'_>, reading: &serde_json::Value) {
        self.monitor.count(Count::Received, 1);
        let device = topic.device.unwrap_or_default();
        let unit = match self.settings.unit {
            UnitName::Device => device.parse(),
            UnitName::NodeAndDevice => format!("{}:{device}", topic.node).parse(),
        };
        let unit: UnitId = match unit {
            Ok(unit) => unit,
            Err(e) => return self.refuse(topic, &e.to_string()),
        };
        let body = reading.to_string().into();
        if self.lanes.send(Job { unit, body, ticket: () }).is_err() {
            self.refuse(topic, "too many readings wait, and this one is lost");
        }
    }

    fn refuse(&mut self, topic: &Topic<'_>, why: &str) {
        self.monitor.count(Count::Refused, 1);
        let device = topic.device.map(|device| format!("device {device:?} of ")).unwrap_or_default();
        self.refused
            .warn(&format!("Sparkplug: a message of {device}node {:?} is refused: {why}", topic.node));
    }

    fn on_answer(&mut self, done: Done<()>) {
        let answer: UnitAnswer = match done.result {
            Ok(answer) => answer,
            Err(line) => {
                self.monitor.count(Count::Refused, 1);
                return self
                    .refused
                    .warn(&format!("Sparkplug: a reading of unit {} is refused: {line}", done.unit));
            }
        };
        let is_new = self.node.keep(&answer);
        if !self.link.is_up() {
            // The births of the next connection tell the last one.
            return self.monitor.count(Count::Dropped, u64::from(!is_new));
        }
        if self.outbox.len() > MAX_WAITING + 2 * self.node.len() {
            self.monitor.count(Count::Dropped, self.outbox.clear());
            self.tell_all();
        } else if let Some(message) = self.node.data(&answer.unit, is_new) {
            self.outbox.push(message);
        }
    }

    fn pump(&mut self) {
        if let Some(client) = self.client.as_ref().filter(|_| self.link.is_up()) {
            self.outbox.pump(client);
        }
    }

    /// Says that the node is gone, as its will would.
    async fn say_goodbye(&mut self, mut events: EventLoop) {
        if !self.link.is_up() {
            return;
        }
        self.outbox.push(self.node.farewell());
        let farewell = async {
            while !self.outbox.is_empty() {
                self.pump();
                match events.poll().await {
                    Ok(event @ Event::Outgoing(_)) => self.on(event),
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
            // Without this the broker publishes the will, which says the same.
            if self.client.as_ref().is_some_and(|client| client.try_disconnect().is_ok()) {
                while events.poll().await.is_ok() {}
            }
        };
        if tokio::time::timeout(LAST_WORDS, farewell).await.is_err() {
            tracing::warn!("Sparkplug: the broker did not take the last messages");
        }
    }
}
