//! What the gateway makes of other nodes' births, data and deaths.

use proptest::prelude::*;

use super::*;
use crate::mqtt::sparkplug::payload::{Value, datatype};
use crate::mqtt::sparkplug::topic;

/// A group of one node, which counts its messages.
struct Group {
    host: Host,
    seq: u8,
    now: Instant,
}

fn float(name: &str, alias: u64, value: f32) -> Metric {
    Metric { alias: Some(alias), ..Metric::named(name, datatype::FLOAT, Some(Value::Float(value))) }
}

fn cycle(value: u64) -> Metric {
    Metric { alias: Some(9), ..Metric::named("cycle", datatype::UINT64, Some(Value::Long(value))) }
}

/// As it is in data: an alias, and neither name nor type.
fn bare(metric: Metric) -> Metric {
    Metric { name: None, datatype: None, ..metric }
}

fn birth() -> Vec<Metric> {
    vec![
        Metric { is_null: Some(true), value: None, ..cycle(0) },
        float("sensor_1", 1, 0.5),
        float("sensor_2", 2, 1.5),
    ]
}

fn reading(cycle: u64, first: f64, second: f64) -> Step {
    Step::Reading(json!({ "cycle": cycle, "values": { "sensor_1": first, "sensor_2": second } }))
}

impl Group {
    fn new() -> Self {
        Self { host: Host::new("cycle".to_owned()), seq: 255, now: Instant::now() }
    }

    /// A node that was born with one device.
    fn born() -> Self {
        let mut group = Self::new();
        assert_eq!(group.say("NBIRTH/n", vec![]), Step::Nothing);
        assert_eq!(group.say("DBIRTH/n/d", birth()), Step::Nothing);
        group
    }

    fn say(&mut self, topic: &str, metrics: Vec<Metric>) -> Step {
        self.seq = if topic.starts_with("NBIRTH") { 0 } else { self.seq.wrapping_add(1) };
        let payload = Payload { timestamp: None, metrics, seq: Some(u64::from(self.seq)) };
        let topic = format!("spBv1.0/g/{topic}");
        self.host.on(&topic::parse(&topic, "g").unwrap(), &payload, self.now)
    }

    fn death(&mut self, bd_seq: u64) {
        let metrics = vec![Metric::named("bdSeq", datatype::INT64, Some(Value::Long(bd_seq)))];
        let payload = Payload { timestamp: None, metrics, seq: None };
        self.host.on(&topic::parse("spBv1.0/g/NDEATH/n", "g").unwrap(), &payload, self.now);
    }
}

fn is_rebirth(step: &Step) -> bool {
    matches!(step, Step::Rebirth(_))
}

#[test]
fn a_reading_is_the_last_value_of_every_metric() {
    let mut group = Group::born();
    assert_eq!(group.say("DDATA/n/d", vec![bare(cycle(1)), bare(float("", 1, 2.5))]), reading(1, 2.5, 1.5));
    assert_eq!(group.say("DDATA/n/d", vec![cycle(2), float("sensor_2", 2, 3.5)]), reading(2, 2.5, 3.5));
}

#[test]
fn values_without_a_cycle_wait_for_the_next_one() {
    let mut group = Group::born();
    assert_eq!(group.say("DDATA/n/d", vec![bare(float("", 1, 7.0))]), Step::Nothing);
    assert_eq!(group.say("DDATA/n/d", vec![bare(cycle(1))]), reading(1, 7.0, 1.5));
}

#[test]
fn a_birth_with_a_cycle_is_a_reading_so_that_a_gateways_restart_loses_none() {
    let mut group = Group::new();
    assert!(is_rebirth(&group.say("DDATA/n/d", vec![bare(cycle(8))])));
    group.say("NBIRTH/n", vec![]);
    let metrics = vec![cycle(8), float("sensor_1", 1, 0.5), float("sensor_2", 2, 1.5)];
    assert_eq!(group.say("DBIRTH/n/d", metrics), reading(8, 0.5, 1.5));
}

#[test]
fn a_null_is_a_missing_value() {
    let mut group = Group::born();
    let null = Metric { alias: Some(1), is_null: Some(true), ..Metric::default() };
    let Step::Reading(json) = group.say("DDATA/n/d", vec![bare(cycle(1)), null]) else {
        panic!("no reading")
    };
    assert_eq!(json["values"], json!({ "sensor_1": null, "sensor_2": 1.5 }));
}

#[test]
fn a_node_that_lost_a_message_tells_all_again_before_it_is_believed() {
    let mut group = Group::born();
    group.seq += 1;
    assert!(is_rebirth(&group.say("DDATA/n/d", vec![bare(cycle(1))])));
    assert_eq!(group.say("DDATA/n/d", vec![bare(cycle(2))]), Step::Nothing, "it was asked a moment ago");
    group.now += PATIENCE;
    assert!(is_rebirth(&group.say("DDATA/n/d", vec![bare(cycle(3))])));
    group.say("NBIRTH/n", vec![]);
    group.say("DBIRTH/n/d", birth());
    assert_eq!(group.say("DDATA/n/d", vec![bare(cycle(4))]), reading(4, 0.5, 1.5));
}

#[test]
fn an_alias_or_a_device_that_was_not_born_asks_for_births() {
    let mut group = Group::born();
    assert!(is_rebirth(&group.say("DDATA/n/d", vec![bare(cycle(1)), bare(float("", 77, 1.0))])));
    let mut group = Group::born();
    assert!(is_rebirth(&group.say("DDATA/n/other", vec![bare(cycle(1))])));
    let mut group = Group::born();
    group.say("DDEATH/n/d", vec![]);
    assert!(is_rebirth(&group.say("DDATA/n/d", vec![bare(cycle(1))])));
}

#[test]
fn numbers_of_messages_begin_again_after_255() {
    let mut group = Group::born();
    for number in 1..=600 {
        assert_eq!(group.say("DDATA/n/d", vec![bare(cycle(number))]), reading(number, 0.5, 1.5));
    }
}

#[test]
fn only_the_death_of_its_own_session_ends_a_node() {
    let mut group = Group::new();
    let session = Metric::named("bdSeq", datatype::INT64, Some(Value::Long(4)));
    group.say("NBIRTH/n", vec![session]);
    group.say("DBIRTH/n/d", birth());
    group.death(3);
    assert_eq!(group.say("DDATA/n/d", vec![bare(cycle(1))]), reading(1, 0.5, 1.5));
    group.death(4);
    assert!(is_rebirth(&group.say("DDATA/n/d", vec![bare(cycle(2))])));
}

#[test]
fn what_makes_no_reading_is_told_with_its_mend() {
    let mut group = Group::new();
    group.say("NBIRTH/n", vec![]);
    let Step::Refused(line) = group.say("DBIRTH/n/d", vec![float("sensor_1", 1, 0.5)]) else { panic!() };
    assert!(line.contains("mqtt.sparkplug.cycle"), "{line}");
    let mut group = Group::born();
    for bad in [Value::Double(1.5), Value::Double(-1.0), Value::Double(1e300)] {
        let metric = Metric { datatype: Some(10), value: Some(bad), ..cycle(0) };
        let Step::Refused(line) = group.say("DDATA/n/d", vec![metric]) else { panic!() };
        assert!(line.contains("whole number"), "{line}");
    }
    let old = Metric { is_historical: Some(true), ..cycle(1) };
    let Step::Refused(line) = group.say("DDATA/n/d", vec![old]) else { panic!() };
    assert!(line.contains("earlier time"), "{line}");
}

#[test]
fn what_is_forgotten_makes_room_again() {
    let mut group = Group::born();
    assert_eq!(group.host.metrics, 3);
    group.say("DBIRTH/n/d", birth());
    assert_eq!(group.host.metrics, 3);
    group.say("DBIRTH/n/e", birth());
    group.say("DDEATH/n/d", vec![]);
    assert_eq!(group.host.metrics, 3);
    group.say("NBIRTH/n", vec![]);
    assert_eq!(group.host.metrics, 0);
}

proptest! {
    #[test]
    fn foreign_messages_never_panic(
        messages in proptest::collection::vec(
            (0..7_usize, proptest::collection::vec(any::<u8>(), 0..60), 0..3_u64), 0..60
        )
    ) {
        let mut group = Group::born();
        let topics = ["NBIRTH/n", "NDATA/n", "NDEATH/n", "NCMD/n", "DBIRTH/n/d", "DDATA/n/d", "DDEATH/n/d"];
        for (topic, bytes, seq) in messages {
            let topic = format!("spBv1.0/g/{}", topics[topic]);
            let mut payload = <Payload as prost::Message>::decode(bytes.as_slice()).unwrap_or_default();
            payload.seq = payload.seq.or(Some(seq));
            let _ = group.host.on(&topic::parse(&topic, "g").unwrap(), &payload, group.now);
        }
        let metrics: usize =
            group.host.nodes.values().flat_map(|node| node.devices.values()).map(Device::len).sum();
        prop_assert_eq!(group.host.metrics, metrics);
    }
}
