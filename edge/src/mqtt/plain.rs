//! The plain topics' connection: readings in, predictions out, the gateway's status.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::{
    AckMode, AsyncClient, Event, EventLoop, LastWill, ManualAck, MqttOptions, Outgoing, Packet, PubAck,
    Publish, QoS, SubscribeReasonCode,
};
use serde_json::json;
use tokio::sync::watch;

use super::acks::{Acks, Ticket};
use super::connection::{Connection, network_options};
use super::lanes::{Done, Job, Lanes};
use super::link::{self, Link};
use super::outbox::{Message, Outbox, WINDOW};
use super::seldom::Seldom;
use super::settings::Settings;
use super::status::{Count, Monitor};
use super::take::MAX_BYTES;
use super::topics::Topics;
use crate::units::Units;

/// How long the broker is given to take the last messages when the agent ends.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// After so many messages in a row that were too large to be read, the broker is asked to forget what waits for this
/// gateway: it would send the same one again for ever.
const MAX_TOO_LARGE: u32 = 3;

/// The plain topics' connection.
pub(super) struct Plain {
    settings: Arc<Settings>,
    connection: Connection,
    topics: Topics,
    monitor: Monitor,
    link: Link,
    lanes: Lanes<Ticket>,
    acks: Acks,
    outbox: Outbox,
    client: Option<AsyncClient>,
    /// Too much came at once: what comes is left unacknowledged until the broker sends it again.
    is_behind: bool,
    too_large: u32,
    /// The broker is asked to forget what waits; a session that it keeps begins with the next connection.
    is_forgetting: bool,
    refused: Seldom,
    stale: Seldom,
    dropped: Seldom,
}

impl Plain {
    pub(super) fn new(
        settings: Arc<Settings>,
        connection: Connection,
        units: &Arc<Units>,
        monitor: Monitor,
    ) -> Self {
        Self {
            topics: Topics::new(&settings.prefix),
            link: Link::new(monitor.clone(), "MQTT", settings.url.to_string()),
            monitor,
            lanes: Lanes::new(units),
            acks: Acks::default(),
            outbox: Outbox::new(settings.queue),
            client: None,
            is_behind: false,
            too_large: 0,
            is_forgetting: false,
            refused: Seldom::default(),
            stale: Seldom::default(),
            dropped: Seldom::default(),
            settings,
            connection,
        }
    }

    /// Connects, and connects again, until `stop` says that the agent ends.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let why = match self.options() {
                Ok(options) => match self.connected(options, &mut stop).await {
                    Some(why) => why,
                    None => return,
                },
                Err(why) => why,
            };
            let (pause, dropped) = (self.link.lost(&why), self.outbox.lost());
            self.client = None;
            self.count_dropped(dropped);
            if self.meanwhile(tokio::time::sleep(pause), &mut stop).await.is_none() {
                return;
            }
        }
    }

    /// One connection from its attempt to its end. Answers why it ended; `None` if the agent ends.
    async fn connected(&mut self, options: MqttOptions, stop: &mut watch::Receiver<bool>) -> Option<String> {
        let (client, mut events) = AsyncClient::builder(options).capacity(WINDOW * 2).build();
        events.set_network_options(network_options());
        self.acks.begin();
        self.is_behind = false;
        self.client = Some(client);
        loop {
            match self.meanwhile(events.poll(), stop).await {
                Some(Ok(Event::Incoming(Packet::ConnAck(_)))) if self.is_forgetting => {
                    return Some("the broker forgot what it had kept; connecting again".to_owned());
                }
                Some(Ok(event)) => self.on(event),
                Some(Err(error)) => {
                    self.too_large = if link::is_too_large(&error) { self.too_large + 1 } else { 0 };
                    return Some(link::reason(&error));
                }
                None => {
                    self.say_goodbye(events).await;
                    return None;
                }
            }
            if self.is_behind && self.lanes.is_empty() {
                return Some("too many readings came at once; the broker sends them again".to_owned());
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
        let id = self.connection.client_id();
        let mut options = self.connection.options(id).map_err(|e| e.to_string())?;
        options.set_ack_mode(AckMode::Manual);
        options.set_inflight(WINDOW as u16);
        self.is_forgetting = self.too_large >= MAX_TOO_LARGE;
        if self.is_forgetting {
            self.too_large = 0;
            tracing::error!(
                "MQTT: the broker keeps a message that is too large; it is asked to forget all that waits"
            );
        }
        // The broker keeps what comes while this gateway is away.
        options.set_clean_session(self.is_forgetting);
        options.set_last_will(LastWill::new(self.topics.status(id), offline(), QoS::AtLeastOnce, true));
        Ok(options)
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => self.on_connected(),
            Event::Incoming(Packet::SubAck(answer))
                if answer.return_codes.contains(&SubscribeReasonCode::Failure) =>
            {
                self.monitor.cannot(&format!(
                    "the broker does not let this client subscribe to {}; allow it there",
                    self.topics.readings()
                ));
            }
            Event::Incoming(Packet::Publish(publish)) => self.on_message(publish),
            Event::Incoming(Packet::PubAck(PubAck { pkid })) if self.outbox.acknowledged(pkid) => {
                self.monitor.count(Count::Published, 1);
            }
            Event::Outgoing(Outgoing::Publish(packet)) if self.outbox.sent(packet) => {
                self.monitor.count(Count::Published, 1);
            }
            _ => {}
        }
    }

    fn on_connected(&mut self) {
        self.link.connected();
        if let Some(client) = &self.client {
            // The channel is empty: nothing was sent before the connection was there.
            if let Err(e) = client.try_subscribe(self.topics.readings(), qos(self.settings.qos)) {
                tracing::error!("MQTT: cannot subscribe: {e}");
            }
        }
        let online = json!({ "status": "online", "version": env!("CARGO_PKG_VERSION") });
        self.say(self.topics.status(self.connection.client_id()), online.to_string(), true);
    }

    fn on_message(&mut self, publish: Publish) {
        let ticket = self.acks.arrived(publish.pkid);
        if self.is_behind {
            return;
        }
        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
        let Some(unit) = self.topics.unit(&topic) else { return self.acks.done(ticket) };
        self.monitor.count(Count::Received, 1);
        if publish.retain {
            self.monitor.count(Count::Refused, 1);
            self.stale.warn(&format!(
                "MQTT: readings that the broker had kept under {topic:?} are stale, and ignored"
            ));
            return self.acks.done(ticket);
        }
        let unit = match unit {
            Ok(unit) => unit,
            Err(problem) => {
                self.monitor.count(Count::Refused, 1);
                self.refused.warn(&format!("MQTT: readings are refused: {problem}"));
                return self.acks.done(ticket);
            }
        };
        if publish.payload.len() > MAX_BYTES {
            let bytes = publish.payload.len();
            let line =
                format!("the message has {bytes} bytes; send at most {MAX_BYTES}, and the rest in another");
            self.on_answer(Done::refused(unit, ticket, line));
            return;
        }
        if let Err(job) = self.lanes.send(Job { unit, body: publish.payload, ticket }) {
            if publish.qos == QoS::AtMostOnce {
                self.monitor.count(Count::Refused, 1);
                self.refused
                    .warn(&format!("MQTT: too many readings wait; some of unit {} are lost", job.unit));
            } else {
                self.is_behind = true;
            }
        }
    }

    fn on_answer(&mut self, done: Done<Ticket>) {
        match done.result {
            Ok(answer) => match serde_json::to_vec(&answer) {
                Ok(answer) => self.say(self.topics.prediction(&done.unit), answer, self.settings.retain),
                Err(e) => tracing::error!("MQTT: the answer for unit {} cannot be written: {e}", done.unit),
            },
            Err(line) => {
                self.monitor.count(Count::Refused, 1);
                self.refused.warn(&format!("MQTT: readings of unit {} are refused: {line}", done.unit));
                self.say(self.topics.error(&done.unit), json!({ "detail": line }).to_string(), false);
            }
        }
        self.acks.done(done.ticket);
    }

    fn say(&mut self, topic: String, payload: impl Into<Bytes>, retain: bool) {
        let payload = payload.into();
        let dropped = self.outbox.push(Message { topic, payload, qos: qos(self.settings.qos), retain });
        self.count_dropped(dropped);
    }

    fn count_dropped(&mut self, messages: u64) {
        if messages > 0 {
            self.monitor.count(Count::Dropped, messages);
            self.dropped.warn("MQTT: the broker is away for long; the oldest messages to it are dropped");
        }
    }

    /// Hands acknowledgements and messages to the connection, as many as it takes.
    fn pump(&mut self) {
        let Some(client) = self.client.as_ref().filter(|_| self.link.is_up()) else { return };
        while let Some(packet) = self.acks.next() {
            if client.try_manual_ack(ManualAck::PubAck(PubAck::new(packet))).is_err() {
                break;
            }
            self.acks.told();
        }
        self.outbox.pump(client);
    }

    /// Says that the gateway is offline, as its will would.
    async fn say_goodbye(&mut self, mut events: EventLoop) {
        if !self.link.is_up() {
            return;
        }
        self.say(self.topics.status(self.connection.client_id()), offline(), true);
        let farewell = async {
            while !self.outbox.is_empty() {
                self.pump();
                match events.poll().await {
                    Ok(event @ (Event::Outgoing(_) | Event::Incoming(Packet::PubAck(_)))) => self.on(event),
                    // What comes now is sent again at the next start.
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
            tracing::warn!("MQTT: the broker did not take the last messages");
        }
    }
}

/// What the broker is to say of a gateway that is gone.
fn offline() -> String {
    json!({ "status": "offline" }).to_string()
}

fn qos(number: u8) -> QoS {
    if number == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce }
}
