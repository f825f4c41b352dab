//! What gateways report is kept once each, in order, as it came; the oldest goes.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Running, create_token, get, guarded, http, refusal};
use overhaul_client::api::{GatewayPage, Report, ReportBatch, ReportPage, Role};
use serde_json::{Value, json};

const AT: &str = "2026-02-28T23:59:59.5Z";

fn digest(version: u32) -> String {
    format!("{version:064x}")
}

fn activated(version: u32) -> Value {
    json!({ "kind": "activated", "cause": "alias", "running": { "version": version, "bundle_sha256": digest(version) } })
}

fn refused(version: u32, reason: &str) -> Value {
    json!({ "kind": "refused", "reason": reason, "lasting": true,
            "refused": { "version": version, "bundle_sha256": digest(version) } })
}

fn prediction(cycle: u64) -> Value {
    json!({ "kind": "prediction", "unit": "7", "cycle": cycle, "rul": 99.5 })
}

/// A batch of a queue, numbered from `first`.
fn batch(queue: u32, first: u64, events: impl IntoIterator<Item = Value>) -> ReportBatch<Value> {
    let reports = (first..).zip(events);
    let reports =
        reports.map(|(sequence, event)| Report { sequence, at: AT.parse().unwrap(), event }).collect();
    ReportBatch { queue: format!("{queue:032x}").parse().unwrap(), waiting: 0, reports }
}

async fn send(server: &Running, gateway: &str, batch: &ReportBatch<Value>) -> u64 {
    server.registry.send_reports(&gateway.parse().unwrap(), batch).await.unwrap().through
}

async fn reports(server: &Running, query: &str) -> ReportPage {
    get(server.at(&format!("/api/v1/gateways/gw-1/reports?{query}"))).await.json().await.unwrap()
}

/// Cycles of predictions, newest first.
fn cycles(page: &ReportPage) -> Vec<u64> {
    page.reports.iter().map(|report| report.event["cycle"].as_u64().unwrap()).collect()
}

async fn post(server: &Running, body: &Value) -> reqwest::Response {
    let url = server.at("/api/v1/gateways/gw-1/reports");
    http().post(url).header("Content-Type", "application/json").body(body.to_string()).send().await.unwrap()
}

#[tokio::test]
async fn a_report_that_is_sent_twice_is_kept_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    assert_eq!(send(&server, "gw-1", &batch(1, 1, [1, 2, 3].map(prediction))).await, 3);
    assert_eq!(send(&server, "gw-1", &batch(1, 1, [1, 2, 3].map(prediction))).await, 3);
    // Half of this batch is known.
    assert_eq!(send(&server, "gw-1", &batch(1, 3, [3, 4].map(prediction))).await, 4);
    // A batch that was overtaken changes nothing.
    assert_eq!(send(&server, "gw-1", &batch(1, 2, [2].map(prediction))).await, 4);
    assert_eq!(cycles(&reports(&server, "").await), [4, 3, 2, 1]);
    // Nor does it after a restart.
    server.stop().await;
    let server = Running::start(data.path()).await;
    assert_eq!(send(&server, "gw-1", &batch(1, 1, [1, 2, 3, 4].map(prediction))).await, 4);
    assert_eq!(cycles(&reports(&server, "").await), [4, 3, 2, 1]);
    let metrics = get(server.at("/metrics")).await.text().await.unwrap();
    assert!(metrics.contains("overhaul_gateway_reports_total 0\n"), "{metrics}");
    send(&server, "gw-1", &batch(1, 4, [4, 5].map(prediction))).await;
    let metrics = get(server.at("/metrics")).await.text().await.unwrap();
    assert!(metrics.contains("overhaul_gateway_reports_total 1\n"), "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn gateways_and_the_queues_of_one_gateway_are_numbered_apart() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    assert_eq!(send(&server, "gw-1", &batch(1, 1, [1, 2].map(prediction))).await, 2);
    assert_eq!(send(&server, "gw-2", &batch(1, 1, [8].map(prediction))).await, 1);
    // Its disk was wiped.
    assert_eq!(send(&server, "gw-1", &batch(2, 1, [3].map(prediction))).await, 1);
    assert_eq!(cycles(&reports(&server, "").await), [3, 2, 1]);
    // Numbers that the gateway threw away are missing, and missed by nobody.
    assert_eq!(send(&server, "gw-1", &batch(2, 900, [4].map(prediction))).await, 900);
    assert_eq!(cycles(&reports(&server, "").await), [4, 3, 2, 1]);
    server.stop().await;
}

#[tokio::test]
async fn what_a_gateway_reported_last_is_what_is_known_of_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let started = json!({ "kind": "started", "agent_version": "0.1.0", "platform": "x86_64-linux",
                          "model": "RUL-Prediction-Model", "alias": "production" });
    let events = [started, activated(1), refused(2, "it traps"), activated(3), refused(4, "golden")];
    let mut sent = batch(1, 1, events);
    sent.waiting = 12;
    send(&server, "gw-1", &sent).await;
    let known: Value = get(server.at("/api/v1/gateways/gw-1")).await.json().await.unwrap();
    insta::assert_json_snapshot!(known);
    let fell = json!({ "kind": "fell_back", "reason": "7 of 50 predictions trapped", "predictions": 50, "failures": 7,
                       "from": { "version": 3, "bundle_sha256": digest(3) },
                       "to": { "version": 1, "bundle_sha256": digest(1) } });
    send(&server, "gw-1", &batch(1, 6, [fell])).await;
    let known = server.registry.gateway(&"gw-1".parse().unwrap()).await.unwrap();
    assert_eq!(known.running.unwrap().version.unwrap().get(), 1);
    let refused = known.refused.unwrap();
    assert_eq!((refused.version.version.unwrap().get(), known.waiting), (3, 0));
    assert_eq!(refused.reason, "7 of 50 predictions trapped");
    send(&server, "gw-1", &batch(1, 7, [activated(5)])).await;
    assert_eq!(server.registry.gateway(&"gw-1".parse().unwrap()).await.unwrap().refused, None);
    // A batch that is sent again teaches nothing that is old.
    send(&server, "gw-1", &batch(1, 5, [refused_again(), activated(1)])).await;
    let known = server.registry.gateway(&"gw-1".parse().unwrap()).await.unwrap();
    assert_eq!((known.running.unwrap().version.unwrap().get(), known.refused), (5, None));
    server.stop().await;
}

fn refused_again() -> Value {
    refused(4, "golden")
}

#[tokio::test]
async fn an_event_that_is_newer_than_the_registry_is_kept_as_it_came() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let newer = json!({ "kind": "firmware_2", "of": { "sensor": 11, "exact": 9_007_199_254_740_993_u64 } });
    // A kind that is known, with a field more and one that is otherwise than it was.
    let changed = json!({ "kind": "activated", "cause": "rollout", "wave": 2, "running": "three" });
    send(&server, "gw-1", &batch(1, 1, [newer.clone(), changed.clone()])).await;
    let page = reports(&server, "").await;
    let events: Vec<&Value> = page.reports.iter().map(|report| &report.event).collect();
    assert_eq!(events, [&changed, &newer]);
    assert_eq!(page.reports[0].event(), None);
    server.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_not_valid_is_refused_whole() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let queue = "0".repeat(32);
    let report = |sequence: u64, event: Value| json!({ "sequence": sequence, "at": AT, "event": event });
    let many: Vec<Value> = (1..=501).map(|number| report(number, prediction(number))).collect();
    let long = json!({ "kind": "statistics", "padding": "x".repeat(64 << 10) });
    for (reports, words) in [
        (json!([]), "the batch has 0 reports; send 1 to 500"),
        (json!(many), "the batch has 501 reports"),
        (json!([report(1, prediction(1)), report(1, prediction(2))]), "report 1 comes after 1"),
        (json!([report(2, prediction(1)), report(1, prediction(2))]), "report 1 comes after 2"),
        (json!([report(0, prediction(1))]), "report 0 comes after 0"),
        (json!([report(1 << 63, prediction(1))]), "from 1 to 2^63 - 1"),
        (json!([report(1, prediction(1)), report(2, json!([]))]), "report 2 is no object with a kind"),
        (json!([report(1, json!({ "kind": 7 }))]), "report 1 is no object with a kind"),
        (json!([report(1, json!({ "kind": "" }))]), "report 1 has a kind that is not valid"),
        (json!([report(1, json!({ "kind": "x".repeat(65) }))]), "report 1 has a kind that is not valid"),
        (json!([report(1, json!({ "kind": "A\nB" }))]), "report 1 has a kind that is not valid"),
        (json!([report(1, long)]), "the event of report 1 has"),
        (json!([{ "sequence": 1, "at": "yesterday", "event": prediction(1) }]), "the body is not the JSON"),
    ] {
        let message = refusal(post(&server, &json!({ "queue": queue, "reports": reports })).await).await;
        assert!(message.starts_with("400 INVALID_PARAMETER_VALUE: "), "{message}");
        assert!(message.contains(words), "{message}");
    }
    let message =
        refusal(post(&server, &json!({ "queue": "1", "reports": [report(1, prediction(1))] })).await);
    assert!(message.await.contains("queue id \"1\" is not valid"));
    let long =
        json!({ "queue": queue, "reports": [report(1, prediction(1))], "padding": "x".repeat(2 << 20) });
    assert_eq!(post(&server, &long).await.status(), 413);
    // Nothing of all that was kept.
    let message = refusal(get(server.at("/api/v1/gateways/gw-1")).await).await;
    assert!(message.contains("no gateway \"gw-1\" ever reported here"), "{message}");
    server.stop().await;
}

#[tokio::test]
async fn a_token_reports_for_its_own_gateway_only() {
    let data = tempfile::tempdir().unwrap();
    let server = guarded(data.path()).await;
    let token = create_token(data.path(), "hall-1", Role::Gateway, &[]);
    let body = serde_json::to_string(&batch(1, 1, [activated(1)])).unwrap();
    let send = async |gateway: &str| {
        let request = http().post(server.at(&format!("/api/v1/gateways/{gateway}/reports")));
        let request = request.bearer_auth(&token).header("Content-Type", "application/json");
        request.body(body.clone()).send().await.unwrap()
    };
    assert_eq!(send("gw-1").await.status(), 200);
    let message = refusal(send("gw-2").await).await;
    assert!(message.starts_with("403 PERMISSION_DENIED: the token is gateway gw-1's"), "{message}");
    let admin = create_token(data.path(), "root", Role::Admin, &[]);
    let ask = async |path: &str| http().get(server.at(path)).bearer_auth(&admin).send().await.unwrap();
    let page: GatewayPage = ask("/api/v1/gateways").await.json().await.unwrap();
    assert_eq!(page.gateways.len(), 1);
    // That there is a gateway more is a change; what it reports is not.
    assert_eq!(send("gw-1").await.status(), 200);
    let audit = ask("/api/v1/audit?kind=gateway").await.text().await.unwrap();
    assert_eq!(
        audit.matches(r#""actor":"hall-1","action":"create","kind":"gateway","subject":"gw-1""#).count(),
        1
    );
    assert_eq!(audit.matches("\"id\"").count(), 1, "{audit}");
    server.stop().await;
}

#[tokio::test]
async fn of_each_gateway_the_newest_of_each_weight_are_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    send(&server, "gw-1", &batch(1, 1, [activated(1)])).await;
    send(&server, "gw-2", &batch(1, 1, [prediction(1)])).await;
    for first in (2..1502).step_by(500) {
        send(&server, "gw-1", &batch(1, first, (first..first + 500).map(prediction))).await;
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = reports(&server, &format!("kind=prediction&max_results=300{token}")).await;
        seen.extend(cycles(&page));
        let Some(next) = page.next_page_token else { break };
        token = format!("&page_token={next}");
    }
    assert_eq!(seen, (502..1502).rev().collect::<Vec<_>>());
    // What changed is not crowded out, nor is another gateway.
    assert_eq!(reports(&server, "kind=activated").await.reports.len(), 1);
    let other = get(server.at("/api/v1/gateways/gw-2/reports")).await.json::<ReportPage>().await.unwrap();
    assert_eq!(cycles(&other), [1]);
    // What went is not taken again.
    assert_eq!(send(&server, "gw-1", &batch(1, 2, (2..502).map(prediction))).await, 1501);
    assert_eq!(cycles(&reports(&server, "kind=prediction&max_results=1").await), [1501]);
    server.stop().await;
}

#[tokio::test]
async fn gateways_are_listed_by_id_page_by_page() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for gateway in ["hall-2", "a", "hall-1", "Z"] {
        send(&server, gateway, &batch(1, 1, [activated(1)])).await;
    }
    let ask = async |query: &str| get(server.at(&format!("/api/v1/gateways?{query}"))).await;
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page: GatewayPage = ask(&format!("max_results=3{token}")).await.json().await.unwrap();
        seen.extend(page.gateways.iter().map(|gateway| gateway.id.to_string()));
        let Some(next) = page.next_page_token else { break };
        token = format!("&page_token={next}");
    }
    assert_eq!(seen, ["Z", "a", "hall-1", "hall-2"]);
    for (query, words) in [
        ("max_results=0", "use 1 to 1000"),
        ("max_results=1001", "use 1 to 1000"),
        ("page_token=%2F", "page_token \"/\" is not valid"),
        ("nonsense=1", "unknown field"),
    ] {
        let message = refusal(ask(query).await).await;
        assert!(message.contains(words), "{message}");
    }
    let message = refusal(get(server.at("/api/v1/gateways/a/reports?page_token=x")).await).await;
    assert!(message.contains("page_token \"x\" is not valid"), "{message}");
    server.stop().await;
}
