//! Sparkplug B: a device's readings in, a unit's prediction out, births, deaths and requests for births.

use overhaul_edge::mqtt::sparkplug::payload::{Metric, Payload, Value, datatype};
use prost::Message as _;

use super::Plant;
use crate::support::agent::Agent;
use crate::support::bundle;
use crate::support::mosquitto::{Received, Subscriber};

const SPARKPLUG: &str = "[mqtt.sparkplug]\ngroup-id = 'g'\nnode-id = 'gw'";

/// An edge node with one device.
struct Node {
    client: Subscriber,
    seq: u8,
}

impl Node {
    fn say(&mut self, topic: &str, metrics: Vec<Metric>) {
        self.seq = if topic.starts_with("NBIRTH") { 0 } else { self.seq.wrapping_add(1) };
        let payload = Payload { timestamp: Some(1), metrics, seq: Some(u64::from(self.seq)) };
        self.client.publish(&format!("spBv1.0/g/{topic}"), payload.encode_to_vec(), false);
    }

    fn be_born(&mut self, cycle: u64, row: &[f32]) {
        let bd_seq = Metric::named("bdSeq", datatype::INT64, Some(Value::Long(0)));
        self.say("NBIRTH/plc", vec![bd_seq]);
        self.say("DBIRTH/plc/engine-1", metrics(cycle, row));
    }

    fn hear(&self, topic: &str) -> Payload {
        payload(&self.client.wait(topic, |message| message.topic == format!("spBv1.0/g/{topic}")))
    }
}

fn payload(message: &Received) -> Payload {
    Payload::decode(message.payload.as_ref()).unwrap()
}

/// Every metric of a reading by name and alias.
fn metrics(cycle: u64, row: &[f32]) -> Vec<Metric> {
    let cycle = Metric::named("cycle", datatype::UINT64, Some(Value::Long(cycle)));
    let sensor = |(number, value): (u64, &f32)| Metric {
        alias: Some(number),
        ..Metric::named(&format!("sensor_{number}"), datatype::FLOAT, Some(Value::Float(*value)))
    };
    [Metric { alias: Some(100), ..cycle }].into_iter().chain((1..).zip(row).map(sensor)).collect()
}

/// As data has them: by alias alone, and only those that changed.
fn changed(before: &[Metric], after: &[Metric]) -> Vec<Metric> {
    let changed = before.iter().zip(after).filter(|(before, after)| before.value != after.value);
    changed.map(|(_, after)| Metric { name: None, datatype: None, ..after.clone() }).collect()
}

fn number(payload: &Payload, name: &str) -> Option<f64> {
    payload.metrics.iter().find(|metric| metric.name.as_deref() == Some(name)).unwrap().number(None)
}

fn start(plant: &Plant) -> (Agent, Node) {
    let client = plant.broker.subscriber("client", "spBv1.0/g/#");
    let agent = plant.lonely_agent(SPARKPLUG);
    agent.wait_for("the broker", |health| health["mqtt"]["sparkplug"]["connected"] == true);
    (agent, Node { client, seq: 0 })
}

#[test]
fn a_devices_readings_come_back_as_a_units_prediction() {
    let plant = Plant::new();
    let (agent, mut node) = start(&plant);
    let birth = node.hear("NBIRTH/gw");
    assert_eq!((number(&birth, "bdSeq"), birth.seq), (Some(0.0), Some(0)));
    let mut rows = bundle::readings(&plant.draft, 9);
    // The first sensor stands still: after the birth, nobody tells of it.
    let still = rows[0][0];
    for row in &mut rows {
        row[0] = still;
    }
    node.be_born(1, &rows[0]);
    for cycle in 1..=9 {
        let at = cycle as usize - 1;
        if cycle > 1 {
            let told = changed(&metrics(cycle - 1, &rows[at - 1]), &metrics(cycle, &rows[at]));
            assert!(told.iter().all(|metric| metric.alias != Some(1)));
            node.say("DDATA/plc/engine-1", told);
        }
        let told = node.hear(if cycle == 1 { "DBIRTH/gw/engine-1" } else { "DDATA/gw/engine-1" });
        let reading = serde_json::json!({ "cycle": cycle, "values": rows[at] });
        let (status, answer) = agent.ask("POST", "/units/other/readings", reading.to_string().as_bytes());
        assert_eq!((status, number(&told, "Cycle")), (200, Some(cycle as f64)));
        let float = |value: &serde_json::Value| Some(f64::from(value.as_f64().unwrap() as f32));
        assert_eq!(number(&told, "RUL"), float(&answer["predicted_rul"]));
        assert_eq!(number(&told, "RUL lower"), float(&answer["confidence_interval"]["lower"]));
        assert_eq!(number(&told, "RUL upper"), float(&answer["confidence_interval"]["upper"]));
        assert_eq!(number(&told, "Model version"), Some(3.0));
        assert_eq!(number(&told, "Alert"), Some(f64::from(u8::from(answer["alert"]["active"] == true))));
        assert_eq!(told.seq, Some(cycle));
    }
    assert_eq!(agent.ask("GET", "/units/engine-1", b"").1["readings"], 9);
    assert_eq!(agent.health()["mqtt"]["sparkplug"]["refused"], 0);
}

#[test]
fn a_node_that_was_not_heard_from_its_birth_on_is_asked_to_tell_all_again() {
    let plant = Plant::new();
    let (_agent, mut node) = start(&plant);
    let rows = bundle::readings(&plant.draft, 4);
    let bare = |cycle: u64| changed(&metrics(0, &[0.0; 3]), &metrics(cycle, &rows[cycle as usize - 1]));
    node.say("DDATA/plc/engine-1", bare(1));
    assert_eq!(number(&node.hear("NCMD/plc"), "Node Control/Rebirth"), Some(1.0));
    node.be_born(1, &rows[0]);
    assert_eq!(number(&node.hear("DBIRTH/gw/engine-1"), "Cycle"), Some(1.0));
    // A message is lost on its way.
    node.seq += 1;
    node.say("DDATA/plc/engine-1", bare(3));
    node.hear("NCMD/plc");
    node.be_born(3, &rows[2]);
    assert_eq!(number(&node.hear("DDATA/gw/engine-1"), "Cycle"), Some(3.0));
}

#[test]
fn the_gateway_tells_all_again_when_asked_and_its_death_names_its_birth() {
    let plant = Plant::new();
    let (agent, mut node) = start(&plant);
    node.hear("NBIRTH/gw");
    node.be_born(7, &bundle::readings(&plant.draft, 1)[0]);
    node.hear("DBIRTH/gw/engine-1");
    let ask = Metric::named("Node Control/Rebirth", datatype::BOOLEAN, Some(Value::Boolean(true)));
    let ask = Payload { timestamp: Some(1), metrics: vec![ask], seq: None };
    node.client.publish("spBv1.0/g/NCMD/gw", ask.encode_to_vec(), false);
    assert_eq!(node.hear("NBIRTH/gw").seq, Some(0));
    let born = node.hear("DBIRTH/gw/engine-1");
    assert_eq!((born.seq, number(&born, "Cycle")), (Some(1), Some(7.0)));
    agent.kill();
    let death = node.hear("NDEATH/gw");
    assert_eq!((number(&death, "bdSeq"), death.seq), (Some(0.0), None));
    let agent = plant.lonely_agent(SPARKPLUG);
    node.hear("NBIRTH/gw");
    assert_eq!(agent.terminate(), Some(0));
    node.hear("NDEATH/gw");
}

#[test]
fn what_is_no_sparkplug_is_refused_and_the_agent_goes_on() {
    let plant = Plant::new();
    let (agent, mut node) = start(&plant);
    for payload in [&b"{\"no\": \"protobuf\"}"[..], b"\xff\xff\xff\xff", b"\x12\x7f"] {
        node.client.publish("spBv1.0/g/DDATA/plc/engine-1", payload, false);
    }
    agent.wait_for("the counts", |health| health["mqtt"]["sparkplug"]["refused"] == 3);
    node.be_born(1, &bundle::readings(&plant.draft, 1)[0]);
    node.hear("DBIRTH/gw/engine-1");
    assert_eq!(agent.log().matches("is refused").count(), 1, "{}", agent.log());
}
