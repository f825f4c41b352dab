//! What the gateway knows of a group's edge nodes: each device's metrics by name and alias with their last values,
//! since a message has only those that changed; and when to ask a node to tell it all again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use super::device::Device;
use super::payload::{Metric, Payload};
use super::topic::{Kind, Topic};

/// The most edge nodes of a group.
const MAX_NODES: usize = 20_000;
/// The most metrics that are remembered, of all devices together.
const MAX_METRICS: usize = 1_000_000;
/// The shortest time between two requests to one node to tell all again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest cycle: see [`crate::units::body`].
const MAX_CYCLE: f64 = ((1_u64 << 53) - 1) as f64;

/// What the gateway knows of a group's edge nodes.
pub(super) struct Host {
    /// The metric with the cycle number.
    cycle: String,
    nodes: HashMap<String, Node>,
    /// Devices have the same metrics, more often than not.
    names: HashSet<Arc<str>>,
    metrics: usize,
}

#[derive(Default)]
struct Node {
    /// The number of its last message; `None` while it is not known what it told before.
    seq: Option<u8>,
    bd_seq: Option<u64>,
    devices: HashMap<String, Device>,
    asked: Option<Instant>,
}

/// What is to be done about a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Nothing,
    /// Its node is to tell all again, for this reason.
    Rebirth(&'static str),
    /// A reading, as `POST /units/{id}/readings` takes it.
    Reading(Json),
    /// It cannot be made use of, for this reason.
    Refused(String),
}

impl Host {
    pub(super) fn new(cycle: String) -> Self {
        Self { cycle, nodes: HashMap::new(), names: HashSet::new(), metrics: 0 }
    }

    /// Takes a message of another node in.
    pub(super) fn on(&mut self, topic: &Topic<'_>, payload: &Payload, now: Instant) -> Step {
        if !self.nodes.contains_key(topic.node) {
            if self.nodes.len() >= MAX_NODES {
                return Step::Refused(format!("there are more than {MAX_NODES} edge nodes in the group"));
            }
            self.nodes.insert(topic.node.to_owned(), Node::default());
        }
        let Some(node) = self.nodes.get_mut(topic.node) else { return Step::Nothing };
        let bd_seq = || {
            let metric = payload.metrics.iter().find(|metric| metric.name.as_deref() == Some("bdSeq"));
            metric.and_then(|metric| metric.number(None)).map(|number| number as u64)
        };
        match topic.kind {
            Kind::NodeBirth => {
                self.metrics -= node.forget();
                (node.seq, node.bd_seq, node.asked) = (Some(number(payload)), bd_seq(), None);
                return Step::Nothing;
            }
            Kind::NodeDeath => {
                // A will of an earlier session that comes late says nothing of this one (section 5.5).
                let is_of_another = node.bd_seq.is_some() && bd_seq().is_some() && node.bd_seq != bd_seq();
                if !is_of_another {
                    self.metrics -= node.forget();
                    self.nodes.remove(topic.node);
                }
                return Step::Nothing;
            }
            Kind::NodeCommand => return Step::Nothing,
            Kind::NodeData | Kind::DeviceBirth | Kind::DeviceData | Kind::DeviceDeath => {}
        }
        let Some(before) = node.seq else {
            return node.ask("what it told before is not known here", now);
        };
        if payload.seq.is_some() && number(payload) != before.wrapping_add(1) {
            self.metrics -= node.forget();
            return node.ask("a message of it was lost", now);
        }
        node.seq = Some(before.wrapping_add(1));
        let Some(name) = topic.device else { return Step::Nothing };
        match topic.kind {
            Kind::DeviceBirth => {
                let device = match Device::born(&payload.metrics, &mut self.names) {
                    Ok(device) => device,
                    Err(line) => return Step::Refused(line),
                };
                let before = node.devices.get(name).map_or(0, Device::len);
                let metrics = self.metrics - before + device.len();
                if metrics > MAX_METRICS {
                    return Step::Refused(format!("there are more than {MAX_METRICS} metrics in the group"));
                }
                self.metrics = metrics;
                node.devices.insert(name.to_owned(), device);
                self.reading(topic, &payload.metrics)
            }
            Kind::DeviceData => {
                let Some(device) = node.devices.get_mut(name) else {
                    return node.ask("a device was not born", now);
                };
                if payload.metrics.iter().any(|metric| metric.is_historical == Some(true)) {
                    // What did not change then is not known: the last values are newer.
                    return Step::Refused(
                        "it sends values of an earlier time, which make no whole reading".to_owned(),
                    );
                }
                if device.update(&payload.metrics).is_err() {
                    return node.ask("a metric is not known here", now);
                }
                self.reading(topic, &payload.metrics)
            }
            Kind::DeviceDeath => {
                self.metrics -= node.devices.remove(name).map_or(0, |device| device.len());
                Step::Nothing
            }
            Kind::NodeBirth | Kind::NodeData | Kind::NodeDeath | Kind::NodeCommand => Step::Nothing,
        }
    }

    /// A message with the cycle number is a reading of that cycle: the last value of each metric. One without it
    /// changes values of the reading to come.
    fn reading(&self, topic: &Topic<'_>, metrics: &[Metric]) -> Step {
        let device = topic.device.and_then(|name| self.nodes.get(topic.node)?.devices.get(name));
        let Some(device) = device else { return Step::Nothing };
        if !device.has(&self.cycle) {
            return Step::Refused(format!(
                "it has no metric {:?} with its cycle number; add it, or name another in mqtt.sparkplug.cycle",
                self.cycle
            ));
        }
        if !device.is_among(&self.cycle, metrics) {
            return Step::Nothing;
        }
        let Some(cycle) = device.value(&self.cycle) else { return Step::Nothing };
        if cycle.fract() != 0.0 || !(0.0..=MAX_CYCLE).contains(&cycle) {
            return Step::Refused(format!(
                "its {:?} is {cycle}; send a whole number from 0 to {MAX_CYCLE}",
                self.cycle
            ));
        }
        let values: Map<String, Json> = device
            .values()
            .filter(|(name, _)| *name != self.cycle)
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        Step::Reading(json!({ "cycle": cycle as u64, "values": values }))
    }
}

impl Node {
    /// Forgets what it told. Answers how many metrics that were.
    fn forget(&mut self) -> usize {
        self.seq = None;
        self.devices.drain().map(|(_, device)| device.len()).sum()
    }

    /// Asks it to tell all again, unless it was asked a short time ago.
    fn ask(&mut self, why: &'static str, now: Instant) -> Step {
        if self.asked.is_some_and(|asked| now < asked + PATIENCE) {
            return Step::Nothing;
        }
        self.asked = Some(now);
        Step::Rebirth(why)
    }
}

fn number(payload: &Payload) -> u8 {
    payload.seq.unwrap_or_default() as u8
}

#[cfg(test)]
mod tests;
