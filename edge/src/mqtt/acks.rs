//! Which messages the broker may be told of: those whose readings are kept or refused, in the order in which they
//! came (MQTT 3.1.1, section 4.6).

use std::collections::VecDeque;

/// Messages of one connection that are not acknowledged yet.
#[derive(Default)]
pub(super) struct Acks {
    connection: u64,
    first: u64,
    waiting: VecDeque<(u16, bool)>,
}

/// A message's place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    connection: u64,
    /// `None` for a message that is not acknowledged.
    place: Option<u64>,
}

impl Acks {
    /// Another connection: the broker sends again what was not acknowledged, under whatever numbers.
    pub(super) fn begin(&mut self) {
        *self = Self { connection: self.connection + 1, ..Self::default() };
    }

    /// A message came as this packet; 0 for one that is not acknowledged.
    pub(super) fn arrived(&mut self, packet: u16) -> Ticket {
        if packet == 0 {
            return Ticket { connection: self.connection, place: None };
        }
        self.waiting.push_back((packet, false));
        let place = self.first + self.waiting.len() as u64 - 1;
        Ticket { connection: self.connection, place: Some(place) }
    }

    /// Nothing remains to be done about a message.
    pub(super) fn done(&mut self, ticket: Ticket) {
        let Some(place) = ticket.place.filter(|_| ticket.connection == self.connection) else { return };
        let at = place.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        if let Some((_, done)) = at.and_then(|at| self.waiting.get_mut(at)) {
            *done = true;
        }
    }

    /// The next packet to acknowledge, if there is one.
    pub(super) fn next(&self) -> Option<u16> {
        self.waiting.front().filter(|(_, done)| *done).map(|(packet, _)| *packet)
    }

    /// It was acknowledged.
    pub(super) fn told(&mut self) {
        if self.waiting.pop_front().is_some() {
            self.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(acks: &mut Acks) -> Vec<u16> {
        std::iter::from_fn(|| {
            let packet = acks.next()?;
            acks.told();
            Some(packet)
        })
        .collect()
    }

    #[test]
    fn messages_are_acknowledged_in_the_order_in_which_they_came() {
        let mut acks = Acks::default();
        acks.begin();
        let [first, second, third] = [7, 8, 3].map(|packet| acks.arrived(packet));
        acks.done(second);
        assert!(drain(&mut acks).is_empty());
        acks.done(first);
        assert_eq!(drain(&mut acks), [7, 8]);
        acks.done(third);
        acks.done(first);
        assert_eq!(drain(&mut acks), [3]);
    }

    #[test]
    fn a_message_of_an_earlier_connection_acknowledges_nothing_of_this_one() {
        let mut acks = Acks::default();
        acks.begin();
        let old = acks.arrived(1);
        acks.begin();
        let new = acks.arrived(1);
        acks.done(old);
        assert!(drain(&mut acks).is_empty());
        acks.done(new);
        assert_eq!(drain(&mut acks), [1]);
    }

    #[test]
    fn a_message_that_wants_no_acknowledgement_gets_none() {
        let mut acks = Acks::default();
        let ticket = acks.arrived(0);
        acks.done(ticket);
        assert!(drain(&mut acks).is_empty());
    }
}
