//! The edge node that the gateway is: its births, each unit as a device with its last prediction, and its death.

use std::collections::BTreeMap;

use bytes::Bytes;
use overhaul_bundle::UnitId;
use prost::Message as _;
use rumqttc::QoS;

use super::payload::{Metric, Payload, Value, datatype, now};
use super::topic::{self, Kind};
use crate::mqtt::outbox::Message;
use crate::units::answer::UnitAnswer;

/// The command that asks a node to tell all again.
pub(super) const REBIRTH: &str = "Node Control/Rebirth";

/// The edge node that the gateway is.
pub(super) struct Node {
    group: String,
    name: String,
    bd_seq: u8,
    seq: u8,
    /// The units that were predicted, each with its last metrics.
    units: BTreeMap<UnitId, Last>,
}

/// A unit's last prediction.
#[derive(Debug, Clone, PartialEq)]
struct Last {
    cycle: u64,
    rul: f32,
    interval: Option<(f32, f32)>,
    version: Option<u32>,
    alert: bool,
}

impl Node {
    pub(super) fn new(group: &str, name: &str) -> Self {
        Self {
            group: group.to_owned(),
            name: name.to_owned(),
            bd_seq: u8::MAX,
            seq: 0,
            units: BTreeMap::new(),
        }
    }

    /// Another session begins; what the broker is to publish when it ends without a word.
    pub(super) fn will(&mut self) -> (String, Vec<u8>) {
        self.bd_seq = self.bd_seq.wrapping_add(1);
        (topic::of_node(&self.group, Kind::NodeDeath, &self.name), self.death())
    }

    /// What is published when it ends with a word.
    pub(super) fn farewell(&self) -> Message {
        let topic = topic::of_node(&self.group, Kind::NodeDeath, &self.name);
        Message { topic, payload: self.death().into(), qos: QoS::AtMostOnce, retain: false }
    }

    /// All that it has to tell: itself, and each unit.
    pub(super) fn births(&mut self) -> Vec<Message> {
        self.seq = u8::MAX;
        let metrics = vec![
            self.session(),
            Metric::named(REBIRTH, datatype::BOOLEAN, Some(Value::Boolean(false))),
            Metric::named(
                "Node Info/Version",
                datatype::STRING,
                Some(Value::String(env!("CARGO_PKG_VERSION").to_owned())),
            ),
        ];
        let mut messages = vec![self.message(Kind::NodeBirth, None, metrics)];
        let units: Vec<(UnitId, Vec<Metric>)> =
            self.units.iter().map(|(unit, last)| (unit.clone(), last.metrics())).collect();
        for (unit, metrics) in units {
            messages.push(self.message(Kind::DeviceBirth, Some(&unit), metrics));
        }
        messages
    }

    /// Keeps a unit's prediction. Answers whether it is the unit's first.
    pub(super) fn keep(&mut self, answer: &UnitAnswer) -> bool {
        let prediction = &answer.prediction;
        let last = Last {
            cycle: answer.cycle,
            rul: prediction.predicted_rul,
            interval: prediction
                .confidence_interval
                .as_ref()
                .map(|interval| (interval.lower, interval.upper)),
            version: prediction.model_version.map(overhaul_bundle::VersionNumber::get),
            alert: answer.alert.active,
        };
        self.units.insert(answer.unit.clone(), last).is_none()
    }

    /// What there is to tell of a unit whose prediction was kept: its birth if it is new, else its data.
    pub(super) fn data(&mut self, unit: &UnitId, is_new: bool) -> Option<Message> {
        let metrics = self.units.get(unit)?.metrics();
        let kind = if is_new { Kind::DeviceBirth } else { Kind::DeviceData };
        Some(self.message(kind, Some(unit), metrics))
    }

    /// How many units it tells of.
    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    fn message(&mut self, kind: Kind, unit: Option<&UnitId>, metrics: Vec<Metric>) -> Message {
        self.seq = self.seq.wrapping_add(1);
        let payload = Payload { timestamp: Some(now()), metrics, seq: Some(u64::from(self.seq)) };
        let topic = match unit {
            Some(unit) => topic::of_device(&self.group, kind, &self.name, unit.as_str()),
            None => topic::of_node(&self.group, kind, &self.name),
        };
        Message { topic, payload: Bytes::from(payload.encode_to_vec()), qos: QoS::AtMostOnce, retain: false }
    }

    fn death(&self) -> Vec<u8> {
        // A death has no number: nobody knows when it will be (section 6.4.21).
        Payload { timestamp: Some(now()), metrics: vec![self.session()], seq: None }.encode_to_vec()
    }

    fn session(&self) -> Metric {
        Metric::named("bdSeq", datatype::INT64, Some(Value::Long(u64::from(self.bd_seq))))
    }
}

impl Last {
    fn metrics(&self) -> Vec<Metric> {
        let float =
            |name: &str, value: Option<f32>| Metric::named(name, datatype::FLOAT, value.map(Value::Float));
        let mut metrics = vec![
            Metric::named("Cycle", datatype::UINT64, Some(Value::Long(self.cycle))),
            float("RUL", Some(self.rul)),
            float("RUL lower", self.interval.map(|(lower, _)| lower)),
            float("RUL upper", self.interval.map(|(_, upper)| upper)),
            Metric::named("Model version", datatype::UINT32, self.version.map(Value::Int)),
            Metric::named("Alert", datatype::BOOLEAN, Some(Value::Boolean(self.alert))),
        ];
        let now = now();
        for metric in &mut metrics {
            metric.timestamp = Some(now);
        }
        metrics
    }
}

/// The command that asks a node to tell all again.
pub(super) fn rebirth(group: &str, node: &str) -> Message {
    let metrics = vec![Metric::named(REBIRTH, datatype::BOOLEAN, Some(Value::Boolean(true)))];
    let payload = Payload { timestamp: Some(now()), metrics, seq: None };
    Message {
        topic: topic::of_node(group, Kind::NodeCommand, node),
        payload: Bytes::from(payload.encode_to_vec()),
        qos: QoS::AtMostOnce,
        retain: false,
    }
}

/// Whether a command asks to tell all again.
pub(super) fn is_rebirth(payload: &Payload) -> bool {
    payload
        .metrics
        .iter()
        .any(|metric| metric.name.as_deref() == Some(REBIRTH) && metric.value == Some(Value::Boolean(true)))
}

#[cfg(test)]
mod tests;
