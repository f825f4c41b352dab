//! Brokers that are away or come and go, and agents that do: nothing that was acknowledged is lost or counts twice.

use serde_json::{Value, json};

use super::Plant;
use crate::support::agent::Agent;
use crate::support::mosquitto::Subscriber;

const READINGS: &str = "overhaul/units/engine-1/readings";

/// Publishes the readings of some cycles and waits until the broker has them.
fn publish(plant: &Plant, client: &mut Subscriber, cycles: std::ops::RangeInclusive<u64>) {
    for cycle in cycles {
        client.publish(READINGS, plant.reading(cycle).to_string(), false);
    }
    client.all_acknowledged();
}

/// Waits until a unit has all readings up to a cycle, each once.
fn has_all(agent: &Agent, cycles: u64) {
    agent.wait_for("all readings", |_| {
        let (status, unit) = agent.ask("GET", "/units/engine-1", b"");
        status == 200 && unit["cycle"] == cycles
    });
    let (_, unit) = agent.ask("GET", "/units/engine-1", b"");
    assert_eq!((&unit["readings"], &unit["oldest_cycle"]), (&json!(cycles), &json!(1)), "{unit}");
    let history = unit["history"].as_array().unwrap();
    let predicted: Vec<u64> = history.iter().map(|point| point["cycle"].as_u64().unwrap()).collect();
    assert_eq!(predicted, (1..=cycles).collect::<Vec<_>>());
}

/// Waits for the prediction of a cycle. One before it may come again: an agent that dies between a prediction and the
/// acknowledgement of its reading gets the reading once more.
fn predicted(client: &Subscriber, cycle: u64) {
    client.wait(&format!("the prediction of cycle {cycle}"), |message| {
        serde_json::from_slice::<Value>(&message.payload).unwrap()["cycle"] == cycle
    });
}

#[test]
fn a_broker_that_is_away_disturbs_neither_the_start_nor_a_prediction() {
    let mut plant = Plant::new();
    plant.broker.stop();
    let agent = plant.lonely_agent("");
    let health = agent.wait_for("an error", |health| health["mqtt"]["error"].is_string());
    assert_eq!((&health["status"], &health["mqtt"]["connected"]), (&json!("ok"), &json!(false)));
    let (status, _) = agent.ask("POST", "/units/engine-1/readings", plant.reading(1).to_string().as_bytes());
    assert_eq!(status, 200);
    plant.broker.restart();
    agent.wait_for("the broker", |health| health["mqtt"]["connected"] == true);
    assert_eq!(agent.log().matches("cannot connect").count(), 1, "{}", agent.log());
}

#[test]
fn readings_outlive_a_broker_that_comes_and_goes() {
    let mut plant = Plant::new();
    let agent = plant.agent();
    let mut client = plant.broker.subscriber("client", "overhaul/units/+/prediction");
    for round in 0..3 {
        for cycle in round * 15 + 1..=round * 15 + 15 {
            // It goes in the middle, with some of it on its way.
            if cycle % 15 == 8 {
                plant.broker.stop();
                agent.wait_for("the loss", |health| health["mqtt"]["connected"] == false);
            }
            client.publish(READINGS, plant.reading(cycle).to_string(), false);
        }
        plant.broker.restart();
        client.all_acknowledged();
    }
    has_all(&agent, 45);
    assert_eq!(agent.health()["mqtt"]["refused"], 0);
    predicted(&client, 45);
}

#[test]
fn readings_outlive_an_agent_that_is_killed_again_and_again() {
    let plant = Plant::new();
    plant.agent().kill();
    let mut client = plant.broker.subscriber("client", "overhaul/nothing");
    for round in 0..4 {
        let agent = plant.lonely_agent("");
        publish(&plant, &mut client, round * 10 + 1..=round * 10 + 10);
        agent.kill();
    }
    publish(&plant, &mut client, 41..=50);
    has_all(&plant.agent(), 50);
}

#[test]
fn a_message_that_is_too_large_to_be_read_does_not_keep_the_others_away_for_ever() {
    let plant = Plant::new();
    let agent = plant.agent();
    let mut client = plant.broker.subscriber("client", "overhaul/units/+/prediction");
    client.publish(READINGS, vec![b' '; 17 << 20], false);
    client.all_acknowledged();
    agent.wait_for("the loss", |health| {
        health["mqtt"]["error"].as_str().is_some_and(|error| error.contains("more than 16 MiB"))
    });
    agent.wait_for("the broker", |health| {
        health["mqtt"]["connected"] == true && { agent.log().contains("asked to forget") }
    });
    client.publish(READINGS, plant.reading(1).to_string(), false);
    predicted(&client, 1);
    // From here on the broker keeps again what comes while the agent is away.
    agent.kill();
    client.publish(READINGS, plant.reading(2).to_string(), false);
    client.all_acknowledged();
    let agent = plant.lonely_agent("");
    predicted(&client, 2);
    has_all(&agent, 2);
}
