//! Messages on their way out: how many may wait, and which are sent again after a connection was lost.

use std::collections::VecDeque;

use bytes::Bytes;
use rumqttc::{AsyncClient, ClientError, PublishOptions, QoS};

/// How many messages are sent before the first of them is acknowledged.
pub(super) const WINDOW: usize = 20;

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) topic: String,
    pub(super) payload: Bytes,
    pub(super) qos: QoS,
    pub(super) retain: bool,
}

/// Messages on their way out, oldest first.
pub(super) struct Outbox {
    waiting: VecDeque<Message>,
    /// Handed to the connection; with the packet's number once it was sent.
    flying: VecDeque<(Option<u16>, Message)>,
    most: usize,
}

impl Outbox {
    /// With room for `most` messages that wait.
    pub(super) fn new(most: usize) -> Self {
        Self { waiting: VecDeque::new(), flying: VecDeque::new(), most }
    }

    /// Puts a message at the end. Answers how many of the oldest went for it.
    pub(super) fn push(&mut self, message: Message) -> u64 {
        self.waiting.push_back(message);
        self.trim()
    }

    /// Hands to the connection what it takes now.
    pub(super) fn pump(&mut self, client: &AsyncClient) {
        while self.flying.len() < WINDOW {
            let Some(message) = self.waiting.pop_front() else { return };
            let options = PublishOptions::new(message.qos).retain(message.retain);
            match client.try_publish(message.topic.clone(), message.payload.clone(), options) {
                Ok(()) => self.flying.push_back((None, message)),
                Err(ClientError::RequestChannelFull(_) | ClientError::RequestChannelDisconnected(_)) => {
                    return self.waiting.push_front(message);
                }
                // Topics are checked before they come here.
                Err(e) => tracing::error!("MQTT: a message to {:?} cannot be sent: {e}", message.topic),
            }
        }
    }

    /// The connection sent the next message as this packet; 0 for one that is not acknowledged. Answers whether it
    /// is published with that.
    pub(super) fn sent(&mut self, packet: u16) -> bool {
        let Some(at) = self.flying.iter().position(|(number, _)| number.is_none()) else { return false };
        if packet == 0 {
            self.flying.remove(at);
            return true;
        }
        self.flying[at].0 = Some(packet);
        false
    }

    /// The broker has this packet. Answers whether a message is published with that.
    pub(super) fn acknowledged(&mut self, packet: u16) -> bool {
        let at = self.flying.iter().position(|(number, _)| *number == Some(packet));
        at.is_some_and(|at| self.flying.remove(at).is_some())
    }

    /// The connection is no more: what was not acknowledged is sent again. Answers how many of the oldest had to go.
    pub(super) fn lost(&mut self) -> u64 {
        while let Some((_, message)) = self.flying.pop_back() {
            self.waiting.push_front(message);
        }
        self.trim()
    }

    /// Forgets all of it. Answers how many there were.
    pub(super) fn clear(&mut self) -> u64 {
        let count = self.len();
        self.waiting.clear();
        self.flying.clear();
        count as u64
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.flying.len()
    }

    /// Whether all of it is published.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn trim(&mut self) -> u64 {
        let over = self.waiting.len().saturating_sub(self.most);
        self.waiting.drain(..over);
        over as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message {
            topic: "a/b".to_owned(),
            payload: Bytes::copy_from_slice(text.as_bytes()),
            qos: QoS::AtLeastOnce,
            retain: false,
        }
    }

    fn waiting(outbox: &Outbox) -> Vec<&str> {
        outbox.waiting.iter().map(|message| str::from_utf8(&message.payload).unwrap()).collect()
    }

    fn client() -> (AsyncClient, rumqttc::EventLoop) {
        let options = rumqttc::MqttOptions::new("a", rumqttc::Broker::tcp("localhost", 1));
        AsyncClient::builder(options).capacity(WINDOW).build()
    }

    #[test]
    fn while_the_broker_is_away_the_oldest_messages_go_first() {
        let mut outbox = Outbox::new(2);
        assert_eq!(["1", "2", "3", "4"].map(|text| outbox.push(message(text))), [0, 0, 1, 1]);
        assert_eq!(waiting(&outbox), ["3", "4"]);
    }

    #[test]
    fn what_was_not_acknowledged_is_sent_again_in_its_order() {
        let (mut outbox, (client, _events)) = (Outbox::new(10), client());
        for text in ["1", "2", "3", "4"] {
            outbox.push(message(text));
        }
        outbox.pump(&client);
        assert!(!outbox.sent(1) && !outbox.sent(2) && !outbox.sent(3));
        assert!(outbox.acknowledged(2) && !outbox.acknowledged(2) && !outbox.acknowledged(9));
        outbox.push(message("5"));
        assert_eq!(outbox.lost(), 0);
        assert_eq!(waiting(&outbox), ["1", "3", "4", "5"]);
    }

    #[test]
    fn a_message_that_nobody_acknowledges_is_published_once_it_is_sent() {
        let (mut outbox, (client, _events)) = (Outbox::new(10), client());
        outbox.push(message("1"));
        outbox.pump(&client);
        assert!(outbox.sent(0) && outbox.is_empty() && !outbox.sent(0));
    }
}
