//! What the gateway says as an edge node.

use super::*;
use crate::model::{ConfidenceInterval, Prediction};
use crate::units::alert::Alert;
use crate::units::answer::Flags;

fn answer(unit: &str, cycle: u64) -> UnitAnswer {
    UnitAnswer {
        unit: unit.parse().unwrap(),
        cycle,
        prediction: Prediction {
            predicted_rul: 20.0,
            clamped: false,
            model_version: Some(3.try_into().unwrap()),
            model_type: "GRU".to_owned(),
            confidence_interval: Some(ConfidenceInterval { lower: 12.0, upper: 31.0, level: 0.9 }),
            padded_rows: 0,
        },
        smoothed_rul: None,
        alert: Alert { active: true, since_cycle: Some(cycle), streak: 0 },
        accepted: 1,
        flags: Flags {
            taken: crate::units::rules::Taken::default(),
            findings: crate::units::prepare::Findings::default(),
        },
        note: None,
    }
}

fn tell(node: &mut Node, unit: &str, cycle: u64) -> Message {
    let answer = answer(unit, cycle);
    let is_new = node.keep(&answer);
    node.data(&answer.unit, is_new).unwrap()
}

fn payload(message: &Message) -> Payload {
    Payload::decode(message.payload.as_ref()).unwrap()
}

fn number(payload: &Payload, name: &str) -> Option<f64> {
    payload.metrics.iter().find(|metric| metric.name.as_deref() == Some(name)).unwrap().number(None)
}

#[test]
fn a_session_begins_with_the_node_then_each_unit_and_its_messages_are_numbered() {
    let mut node = Node::new("g", "gw");
    node.will();
    node.keep(&answer("a", 7));
    node.keep(&answer("b", 8));
    let births = node.births();
    let topics: Vec<&str> = births.iter().map(|message| message.topic.as_str()).collect();
    assert_eq!(topics, ["spBv1.0/g/NBIRTH/gw", "spBv1.0/g/DBIRTH/gw/a", "spBv1.0/g/DBIRTH/gw/b"]);
    assert_eq!(births.iter().map(|message| payload(message).seq.unwrap()).collect::<Vec<_>>(), [0, 1, 2]);
    let first = tell(&mut node, "c", 1);
    assert_eq!((first.topic.as_str(), payload(&first).seq), ("spBv1.0/g/DBIRTH/gw/c", Some(3)));
    for number in 4..600_u64 {
        let message = tell(&mut node, "c", number);
        assert_eq!(
            (message.topic.as_str(), payload(&message).seq),
            ("spBv1.0/g/DDATA/gw/c", Some(number % 256))
        );
    }
    assert_eq!(payload(&node.births()[0]).seq, Some(0));
}

#[test]
fn a_units_metrics_are_its_prediction() {
    let mut node = Node::new("g", "gw");
    let told = payload(&tell(&mut node, "a", 7));
    for (name, value) in [
        ("Cycle", 7.0),
        ("RUL", 20.0),
        ("RUL lower", 12.0),
        ("RUL upper", 31.0),
        ("Model version", 3.0),
        ("Alert", 1.0),
    ] {
        assert_eq!(number(&told, name), Some(value), "{name}");
    }
    let mut bare = answer("a", 8);
    (bare.prediction.confidence_interval, bare.prediction.model_version) = (None, None);
    node.keep(&bare);
    let told = payload(&node.data(&bare.unit, false).unwrap());
    for name in ["RUL lower", "RUL upper", "Model version"] {
        assert_eq!(number(&told, name), None, "{name}");
        assert!(
            told.metrics
                .iter()
                .any(|metric| metric.name.as_deref() == Some(name) && metric.is_null == Some(true))
        );
    }
}

#[test]
fn a_death_names_the_session_that_its_birth_named() {
    let mut node = Node::new("g", "gw");
    for session in (0..=255).chain(0..3) {
        let (topic, will) = node.will();
        assert_eq!(topic, "spBv1.0/g/NDEATH/gw");
        let will = Payload::decode(will.as_slice()).unwrap();
        assert_eq!((number(&will, "bdSeq"), will.seq), (Some(f64::from(session)), None));
        assert_eq!(number(&payload(&node.births()[0]), "bdSeq"), Some(f64::from(session)));
        assert_eq!(number(&payload(&node.farewell()), "bdSeq"), Some(f64::from(session)));
    }
}

#[test]
fn a_request_to_tell_all_again_is_read_as_it_is_written() {
    let request = rebirth("g", "n");
    assert_eq!(request.topic, "spBv1.0/g/NCMD/n");
    assert!(is_rebirth(&payload(&request)));
    assert!(!is_rebirth(&Payload::default()));
    let declined = Metric::named(REBIRTH, datatype::BOOLEAN, Some(Value::Boolean(false)));
    assert!(!is_rebirth(&Payload { metrics: vec![declined], ..Payload::default() }));
}
