//! Nobody reaches this machine's neighbours through a webhook, unless the operator allowed it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;
mod receiver;

use std::time::{Duration, Instant};

use common::{Process, Running, model};
use overhaul_server::webhooks::Reach;
use receiver::{Receiver, send, subscribe};
use serde_json::json;

#[tokio::test]
async fn a_url_of_a_private_address_is_refused_in_every_disguise() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let hooks = server.at("/api/2.0/mlflow/webhooks");
    let events = json!([{"entity": "MODEL_VERSION", "action": "CREATED"}]);
    let public = json!({"name": "h", "url": "https://93.184.216.34/hook", "events": events});
    let (_, answer) = send("POST", hooks.clone(), public).await;
    let one = format!("{hooks}/{}", answer["webhook"]["webhook_id"].as_str().unwrap());
    for host in [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:a00:1::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "168.63.129.16",
        "１２７。０。０。１",
    ] {
        let url = format!("https://{host}:8443/x");
        for (method, path, body) in [
            ("POST", &hooks, json!({"name": "x", "url": url, "events": events})),
            ("PATCH", &one, json!({"url": url})),
        ] {
            let (status, answer) = send(method, path.clone(), body).await;
            let message = answer["message"].as_str().unwrap_or_default();
            assert_eq!(
                (status, answer["error_code"].as_str()),
                (400, Some("INVALID_PARAMETER_VALUE")),
                "{host}: {answer}"
            );
            assert!(message.contains("must not resolve to a non-public IP address"), "{host}: {message}");
        }
    }
    // A name that is not found now may be found later.
    for host in ["no-such-name.invalid", "localhost."] {
        let body = json!({"name": "x", "url": format!("https://{host}/x"), "events": events});
        let (status, answer) = send("POST", hooks.clone(), body).await;
        let message = answer["message"].as_str().unwrap_or_default();
        let known = ["Cannot resolve Webhook URL hostname", "non-public IP address"];
        assert!(status == 400 && known.iter().any(|known| message.contains(known)), "{answer}");
    }
    server.stop().await;
}

/// As after a name that answered a public address to the check was pointed at a private one: what a URL was
/// when it was checked says nothing of what it is when it is called.
#[tokio::test]
async fn an_address_is_checked_again_at_each_delivery_and_test() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    let server = Running::with(data.path(), |options| options.webhooks = Reach::Anywhere).await;
    let mut ids = Vec::new();
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{port}/hook");
        ids.push(subscribe(&server.url, &url, &["registered_model.created"], "").await);
    }
    server.stop().await;

    let server = Running::start(data.path()).await;
    server.registry.reserve_version(&model()).await.unwrap();
    for id in &ids {
        let test = server.at(&format!("/api/2.0/mlflow/webhooks/{id}/test"));
        let (status, answer) = send("POST", test, json!({})).await;
        assert_eq!((status, &answer["result"]["success"]), (200, &json!(false)));
        let message = answer["result"]["error_message"].as_str().unwrap();
        assert!(message.contains("non-public IP address") && message.contains("127.0.0.1"), "{message}");
    }
    let outcomes = outcomes(data.path(), 2).await;
    assert!(outcomes.iter().all(|outcome| outcome.contains("non-public IP address")), "{outcomes:?}");
    server.stop().await;
    assert!(receiver.told().is_empty());
}

/// What the first attempts met, once each delivery was tried.
async fn outcomes(data: &std::path::Path, count: usize) -> Vec<String> {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let database = rusqlite::Connection::open(data.join("registry.sqlite")).unwrap();
        let mut rows = database.prepare("SELECT outcome FROM deliveries WHERE attempts > 0").unwrap();
        let outcomes: Vec<String> =
            rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        if outcomes.len() == count {
            return outcomes;
        }
        assert!(Instant::now() < until, "{outcomes:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    receiver.answer(&[302, 307]);
    let server = Running::with(data.path(), |options| options.webhooks = Reach::Anywhere).await;
    let id = subscribe(&server.url, &receiver.url(), &["registered_model.created"], "").await;
    let test = server.at(&format!("/api/2.0/mlflow/webhooks/{id}/test"));
    let (_, answer) = send("POST", test, json!({})).await;
    assert_eq!(answer["result"]["response_status"], 302);
    server.registry.reserve_version(&model()).await.unwrap();
    assert_eq!(outcomes(data.path(), 1).await, ["status 307"]);
    assert!(receiver.told().iter().all(|told| told.path == "/hook"), "{:?}", receiver.told());
    server.stop().await;
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_asked() {
    let data = tempfile::tempdir().unwrap();
    let (receiver, proxy) = (Receiver::start().await, Receiver::start().await);
    let mut command = Process::command(data.path(), "127.0.0.1:0");
    command.arg("--allow-private-webhooks");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, format!("http://{}", proxy.address));
    }
    let process = Process::spawn(&mut command);
    subscribe(&process.url, &receiver.url(), &["registered_model.created"], "").await;
    process.registry().reserve_version(&model()).await.unwrap();
    receiver.wait(1).await;
    assert!(proxy.told().is_empty());
}
