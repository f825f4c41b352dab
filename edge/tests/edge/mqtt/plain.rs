//! Plain topics: readings in, predictions out, what is refused, the gateway's status.

use serde_json::{Value, json};

use super::Plant;

#[test]
fn readings_are_answered_as_over_http() {
    let plant = Plant::new();
    let agent = plant.agent();
    let mut client = plant.broker.subscriber("client", "overhaul/#");
    for cycle in 1..=9 {
        client.publish("overhaul/units/engine-1/readings", plant.reading(cycle).to_string(), false);
        let mut answer = client.json("overhaul/units/engine-1/prediction");
        let (status, mut posted) =
            agent.ask("POST", "/units/engine-2/readings", plant.reading(cycle).to_string().as_bytes());
        assert_eq!((status, &answer["unit"]), (200, &json!("engine-1")));
        answer["unit"] = Value::Null;
        posted["unit"] = Value::Null;
        assert_eq!(answer, posted);
    }
    let many = json!({ "readings": [plant.reading(10), plant.reading(11)] });
    client.publish("overhaul/units/engine-1/readings", many.to_string(), false);
    assert_eq!(client.json("overhaul/units/engine-1/prediction")["accepted"], 2);
    let health = agent.wait_for("the counts", |health| health["mqtt"]["published"] == 11);
    assert_eq!((&health["mqtt"]["received"], &health["mqtt"]["refused"]), (&json!(10), &json!(0)));
    let metrics = agent.text("/metrics");
    assert!(
        metrics.contains("overhaul_edge_mqtt_messages_total{link=\"plain\",outcome=\"received\"} 10\n"),
        "{metrics}"
    );
    assert!(metrics.contains("overhaul_edge_mqtt_connected{link=\"plain\"} 1\n"), "{metrics}");
}

#[test]
fn what_cannot_be_taken_is_told_and_the_agent_goes_on() {
    let plant = Plant::new();
    let agent = plant.agent();
    let mut client = plant.broker.subscriber("client", "overhaul/units/#");
    let text =
        |length| format!("{{\"cycle\": 1, \"values\": [1, 2, 3], \"note\": \"{}\"}}", "x".repeat(length));
    for (payload, problem) in [
        ("no JSON".to_owned(), "the body is not valid JSON"),
        (String::new(), "the body is not valid JSON"),
        ("{\"cycle\": 1, \"values\": [1]}".to_owned(), "reading 0 has 1 values"),
        ("{\"cycle\": 1, \"values\": {\"sensor_1\": \"hot\"}}".to_owned(), "sensor_1 is the text"),
        ("{\"values\": [1, 2, 3]}".to_owned(), "reading 0 has no cycle"),
        (text(1 << 20), "send at most 1048576"),
    ] {
        client.publish("overhaul/units/engine-1/readings", payload.clone(), false);
        let detail = client.json("overhaul/units/engine-1/error")["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(problem), "{detail}");
        if !problem.contains("no cycle") && !problem.contains("1048576") {
            let (_, posted) = agent.ask("POST", "/units/engine-1/readings", payload.as_bytes());
            assert_eq!(posted["detail"], detail);
        }
    }
    // A payload in no language, and a unit that is none.
    client.publish("overhaul/units/engine-1/readings", [0xff, 0xfe, 0x00], false);
    client.json("overhaul/units/engine-1/error");
    client.publish(&format!("overhaul/units/{}/readings", "x".repeat(500)), "{}", false);
    client.publish("overhaul/units/engine-1/readings", text(0), false);
    assert_eq!(client.json("overhaul/units/engine-1/prediction")["cycle"], 1);
    agent.wait_for("the counts", |health| health["mqtt"]["refused"] == 8 && health["mqtt"]["received"] == 9);
    assert_eq!(agent.log().matches("are refused").count(), 1, "{}", agent.log());
}

#[test]
fn what_the_broker_kept_from_before_is_no_reading() {
    let plant = Plant::new();
    let mut client = plant.broker.subscriber("client", "overhaul/units/#");
    client.publish("overhaul/units/engine-1/readings", "garbage", true);
    client.publish("overhaul/units/engine-2/readings", plant.reading(1).to_string(), true);
    client.all_acknowledged();
    let agent = plant.agent();
    agent.wait_for("the counts", |health| health["mqtt"]["refused"] == 2);
    assert_eq!(agent.ask("GET", "/units/engine-2", b"").0, 404);
    assert_eq!(agent.log().matches("are stale").count(), 1, "{}", agent.log());
    client.publish("overhaul/units/engine-2/readings", plant.reading(2).to_string(), false);
    assert_eq!(client.json("overhaul/units/engine-2/prediction")["cycle"], 2);
}

#[test]
fn the_broker_says_whether_the_gateway_is_there() {
    let plant = Plant::new();
    let topic = "overhaul/gateways/gw-1/status";
    let client = plant.broker.subscriber("client", topic);
    let agent = plant.agent();
    let online = client.json(topic);
    assert_eq!((&online["status"], online["version"].is_string()), (&json!("online"), true));
    assert_eq!(agent.terminate(), Some(0));
    assert_eq!(client.json(topic), json!({ "status": "offline" }));
    let agent = plant.agent();
    assert_eq!(client.json(topic)["status"], "online");
    agent.kill();
    assert_eq!(client.json(topic), json!({ "status": "offline" }));
    let late = plant.broker.subscriber("late", topic);
    assert!(late.wait("the status", |_| true).retain);
}
