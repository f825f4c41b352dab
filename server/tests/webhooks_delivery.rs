//! What happens in the registry reaches whoever subscribed: in order, signed, at least once.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;
mod receiver;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use common::{MODEL, Process, Running, model, publish, version};
use overhaul_client::MoveAlias;
use overhaul_server::Clock;
use overhaul_server::webhooks::Reach;
use receiver::{Receiver, Told, send, subscribe};
use serde_json::json;

const ALIASES: &[&str] = &["model_version_alias.created"];

/// A time that tests move.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_772_366_400)))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

async fn start(data: &Path, hand: &Hand) -> Running {
    let hand = hand.clone();
    Running::with(data, |options| {
        options.webhooks = Reach::Anywhere;
        options.clock =
            Clock::from_fn(move || jiff::Timestamp::from_second(hand.0.load(Ordering::Relaxed)).unwrap());
    })
    .await
}

async fn point(server: &Running, alias: &str) {
    let to = MoveAlias { version: version(1), actor: "Ada".to_owned(), reason: None };
    server.registry.move_alias(&model(), &alias.parse().unwrap(), &to).await.unwrap();
}

fn aliases(told: &[Told]) -> Vec<String> {
    told.iter().map(|told| told.json()["data"]["alias"].as_str().unwrap().to_owned()).collect()
}

/// Long enough for the worker to look several times.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(800)).await;
}

#[tokio::test]
async fn what_happens_is_told_in_order_and_signed() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, hand) = (Receiver::start().await, Hand::new());
    let server = start(data.path(), &hand).await;
    let events = ["registered_model.created", "model_version.created", "model_version_alias.created"];
    subscribe(&server.url, &receiver.url(), &events, "geheim").await;
    let bundle = publish(&server.registry, b"one").await.bundle_sha256;
    point(&server, "production").await;
    let told = receiver.wait(3).await;
    assert_eq!(told.iter().map(Told::event).collect::<Vec<_>>(), events);
    let timestamp = "2026-03-01T12:00:00.000000+00:00";
    for (told, data) in told.iter().zip([
        json!({"name": MODEL, "tags": {}, "description": ""}),
        json!({"name": MODEL, "version": "1", "source": format!("mlflow-artifacts:/bundles/{bundle}"),
               "run_id": null, "tags": {}, "description": null}),
        json!({"name": MODEL, "alias": "production", "version": "1"}),
    ]) {
        let (entity, action) = (told.json()["entity"].clone(), told.json()["action"].clone());
        let whole = json!({"entity": entity, "action": action, "timestamp": timestamp, "data": data});
        assert_eq!(told.json(), whole);
        assert!(told.is_signed_with("geheim") && !told.is_signed_with("another"), "{told:?}");
        assert_eq!(told.headers["content-type"], "application/json");
        assert_eq!(told.headers["x-mlflow-timestamp"], "1772366400");
    }
    let ids: std::collections::BTreeSet<_> = told.iter().map(Told::delivery_id).collect();
    assert_eq!(ids.len(), 3);
    a_while().await;
    assert_eq!(receiver.told().len(), 3, "each is told once when it is taken");
    server.stop().await;
}

/// What the real server says of the same changes, but for the times.
#[tokio::test]
async fn what_mlflows_client_changes_is_told_as_the_real_server_tells_it() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, hand) = (Receiver::start().await, Hand::new());
    let server = start(data.path(), &hand).await;
    let events = [
        "registered_model.created",
        "model_version.created",
        "model_version_tag.set",
        "model_version_tag.deleted",
        "model_version_alias.created",
        "model_version_alias.deleted",
    ];
    subscribe(&server.url, &receiver.url(), &events, "geheim").await;
    let (name, key, alias) = ("RUL", "größe", "champion");
    let tags = json!([{"key": key, "value": "✓"}]);
    let of = |version: &str, more: serde_json::Value| -> serde_json::Value {
        let mut body = json!({"name": name, "version": version});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (method, path, body) in [
        ("POST", "registered-models/create", json!({"name": name, "tags": tags, "description": "d"})),
        ("POST", "model-versions/create", json!({"name": name, "source": "s3://bucket/x", "tags": tags})),
        ("POST", "model-versions/set-tag", of("1", json!({"key": key, "value": "x"}))),
        ("DELETE", "model-versions/delete-tag", of("1", json!({"key": key}))),
        ("DELETE", "model-versions/delete-tag", of("1", json!({"key": "was never there"}))),
        ("POST", "registered-models/alias", of("1", json!({"alias": alias}))),
        ("DELETE", "registered-models/alias", json!({"name": name, "alias": alias})),
        // What happens to a prompt is no event of a model.
        (
            "POST",
            "registered-models/create",
            json!({"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}),
        ),
        ("POST", "registered-models/create", json!({"name": "last"})),
    ] {
        let (status, answer) = send(method, server.at(&format!("/api/2.0/mlflow/{path}")), body).await;
        assert_eq!(status, 200, "{path}: {answer}");
    }
    let told = receiver.wait(7).await;
    let tags = json!({key: "✓"});
    for (told, (event, data)) in told.iter().zip([
        (events[0], json!({"name": name, "tags": tags, "description": "d"})),
        (events[1], json!({"name": name, "version": "1", "source": "s3://bucket/x", "run_id": null, "tags": tags, "description": null})),
        (events[2], json!({"name": name, "version": "1", "key": key, "value": "x"})),
        (events[3], json!({"name": name, "version": "1", "key": key})),
        (events[4], json!({"name": name, "alias": alias, "version": "1"})),
        (events[5], json!({"name": name, "alias": alias})),
        (events[0], json!({"name": "last", "tags": {}, "description": ""})),
    ]) {
        assert_eq!((told.event().as_str(), &told.json()["data"]), (event, &data));
        assert!(told.is_signed_with("geheim"));
    }
    assert_eq!(told.len(), 7);
    server.stop().await;
}

#[tokio::test]
async fn a_change_that_is_refused_is_not_told() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, hand) = (Receiver::start().await, Hand::new());
    let server = start(data.path(), &hand).await;
    subscribe(&server.url, &receiver.url(), ALIASES, "").await;
    publish(&server.registry, b"one").await;
    let to = MoveAlias { version: version(9), actor: "Ada".to_owned(), reason: None };
    server.registry.move_alias(&model(), &"production".parse().unwrap(), &to).await.unwrap_err();
    point(&server, "canary").await;
    assert_eq!(aliases(&receiver.wait(1).await), ["canary"]);
    a_while().await;
    let told = receiver.told();
    assert_eq!(told.len(), 1);
    assert!(!told[0].headers.contains_key("x-mlflow-signature"), "there is no secret to sign with");
    server.stop().await;
}

#[tokio::test]
async fn a_receiver_that_fails_is_told_again_later_under_the_same_id_and_before_what_came_after() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, hand) = (Receiver::start().await, Hand::new());
    let server = start(data.path(), &hand).await;
    subscribe(&server.url, &receiver.url(), ALIASES, "geheim").await;
    publish(&server.registry, b"one").await;
    receiver.answer(&[500, 404]);
    point(&server, "first").await;
    receiver.wait(1).await;
    point(&server, "second").await;
    a_while().await;
    assert_eq!(receiver.told().len(), 1, "the pause after a failure is kept");
    hand.advance(6);
    receiver.wait(2).await;
    a_while().await;
    assert_eq!(receiver.told().len(), 2, "the next pause is longer");
    hand.advance(18);
    let told = receiver.wait(4).await;
    assert_eq!(aliases(&told), ["first", "first", "first", "second"]);
    assert!(told[..3].iter().all(|one| one.delivery_id() == told[0].delivery_id()));
    assert!(told[..3].iter().all(|one| one.payload == told[0].payload && one.is_signed_with("geheim")));
    // The time that is signed is the attempt's, so that a receiver can refuse what is old.
    let times: Vec<_> = told.iter().map(|told| told.headers["x-mlflow-timestamp"].as_str()).collect();
    assert_eq!(times, ["1772366400", "1772366406", "1772366424", "1772366424"]);
    server.stop().await;
}

#[tokio::test]
async fn after_ten_attempts_it_is_given_up_and_the_next_follows() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, hand) = (Receiver::start().await, Hand::new());
    let server = start(data.path(), &hand).await;
    subscribe(&server.url, &receiver.url(), ALIASES, "").await;
    publish(&server.registry, b"one").await;
    receiver.answer(&[503; 10]);
    point(&server, "lost").await;
    point(&server, "next").await;
    for attempt in 1..=10 {
        receiver.wait(attempt).await;
        // The outcome is kept after the answer.
        a_while().await;
        hand.advance(4 * 60 * 60);
    }
    let told = receiver.wait(11).await;
    assert_eq!(aliases(&told[9..]), ["lost", "next"]);
    server.stop().await;
    let database = rusqlite::Connection::open(data.path().join("registry.sqlite")).unwrap();
    let lost: (String, u32, String) = database
        .query_row("SELECT state, attempts, outcome FROM deliveries ORDER BY id LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(lost, ("failed".to_owned(), 10, "status 503".to_owned()));
}

#[tokio::test]
async fn a_dead_receiver_and_a_restart_lose_nothing() {
    let data = tempfile::tempdir().unwrap();
    let hand = Hand::new();
    let address = free_address().await;
    let server = start(data.path(), &hand).await;
    subscribe(&server.url, &format!("http://{address}/hook"), ALIASES, "geheim").await;
    publish(&server.registry, b"one").await;
    point(&server, "first").await;
    a_while().await;
    server.stop().await;

    let receiver = Receiver::at(address).await;
    hand.advance(60);
    let server = start(data.path(), &hand).await;
    point(&server, "second").await;
    let told = receiver.wait(2).await;
    assert_eq!(aliases(&told), ["first", "second"]);
    assert!(told.iter().all(|told| told.is_signed_with("geheim")));
    server.stop().await;
}

/// Where nobody listens.
async fn free_address() -> SocketAddr {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_is_told_after_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let address = free_address().await;
    let spawn = || {
        let mut command = Process::command(data.path(), "127.0.0.1:0");
        Process::spawn(command.arg("--allow-private-webhooks"))
    };
    let process = spawn();
    subscribe(&process.url, &format!("http://{address}/hook"), ALIASES, "").await;
    publish(&process.registry(), b"one").await;
    let to = MoveAlias { version: version(1), actor: "Ada".to_owned(), reason: None };
    process.registry().move_alias(&model(), &"production".parse().unwrap(), &to).await.unwrap();
    drop(process); // SIGKILL
    let receiver = Receiver::at(address).await;
    let _process = spawn();
    assert_eq!(aliases(&receiver.wait(1).await), ["production"]);
}

#[tokio::test]
async fn a_slow_receiver_does_not_hold_the_others_and_is_asked_once_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let (slow, quick, hand) = (Receiver::start().await, Receiver::start().await, Hand::new());
    slow.pause(Duration::from_secs(4));
    let server = start(data.path(), &hand).await;
    for receiver in [&slow, &quick] {
        subscribe(&server.url, &receiver.url(), ALIASES, "").await;
    }
    publish(&server.registry, b"one").await;
    let begun = std::time::Instant::now();
    for alias in ["a", "b", "c"] {
        point(&server, alias).await;
    }
    assert_eq!(aliases(&quick.wait(3).await), ["a", "b", "c"]);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(slow.told().len(), 1);
    assert_eq!(aliases(&slow.wait(2).await), ["a", "b"]);
    // A stop waits for the one on its way, not for those that wait.
    server.stop().await;
    assert_eq!(slow.told().len(), 2);
}

#[tokio::test]
async fn a_webhook_that_is_disabled_or_deleted_is_told_nothing() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, hand) = (Receiver::start().await, Hand::new());
    let server = start(data.path(), &hand).await;
    let hooks = server.at("/api/2.0/mlflow/webhooks");
    publish(&server.registry, b"one").await;
    let disabled = subscribe(&server.url, &receiver.url(), ALIASES, "").await;
    let one = format!("{hooks}/{disabled}");
    send("PATCH", one.clone(), json!({"status": "DISABLED"})).await;
    point(&server, "unheard").await;
    send("PATCH", one.clone(), json!({"status": "ACTIVE"})).await;
    point(&server, "heard").await;
    assert_eq!(aliases(&receiver.wait(1).await), ["heard"]);

    receiver.answer(&[500]);
    point(&server, "failed").await;
    receiver.wait(2).await;
    a_while().await;
    send("DELETE", one, json!({})).await;
    hand.advance(60);
    a_while().await;
    assert_eq!(aliases(&receiver.told()), ["heard", "failed"]);
    server.stop().await;
}

#[tokio::test]
async fn a_test_sends_the_example_of_an_event_at_once_and_shows_the_answer() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, hand) = (Receiver::start().await, Hand::new());
    let server = start(data.path(), &hand).await;
    let id = subscribe(&server.url, &receiver.url(), ALIASES, "geheim").await;
    let test = server.at(&format!("/api/2.0/mlflow/webhooks/{id}/test"));
    let (_, answer) = send("POST", test.clone(), json!({})).await;
    let result = json!({"success": true, "response_status": 200, "response_body": "thank you"});
    assert_eq!(answer, json!({"result": result}));
    let event = json!({"event": {"entity": "MODEL_VERSION_TAG", "action": "SET"}});
    receiver.answer(&[418]);
    let (_, answer) = send("POST", test.clone(), event).await;
    let result = json!({"success": false, "response_status": 418, "response_body": "thank you"});
    assert_eq!(answer, json!({"result": result}));
    let told = receiver.told();
    assert_eq!(
        told[0].json()["data"],
        json!({"name": "example_model", "alias": "example_alias", "version": "1"})
    );
    assert_eq!(told[1].event(), "model_version_tag.set");
    assert!(told.iter().all(|told| told.is_signed_with("geheim")));
    drop(receiver);
    let (status, answer) = send("POST", test, json!({})).await;
    let message = answer["result"]["error_message"].as_str().unwrap();
    assert_eq!((status, &answer["result"]["success"]), (200, &json!(false)));
    assert!(message.starts_with("Failed to test webhook: ") && message.contains("refused"), "{message}");
    server.stop().await;
}
