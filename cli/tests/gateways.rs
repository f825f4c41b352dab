//! What a fleet manager sees of gateways: which there are, and what one of them reported.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Server, overhaul, refused, without_now};
use overhaul_client::api::{Report, ReportBatch};
use serde_json::{Value, json};

const AT: &str = "2024-01-15T12:00:00Z";

fn version(number: u32) -> Value {
    json!({ "version": number, "bundle_sha256": "0".repeat(64) })
}

/// One event of each kind, and one that is newer than this release.
fn events() -> Vec<Value> {
    let span = |mut event: Value| {
        event["from"] = AT.into();
        event["to"] = "2024-01-15T12:01:00Z".into();
        event
    };
    vec![
        json!({ "kind": "started", "agent_version": "0.1.0", "platform": "x86_64-linux",
                "model": "RUL-Prediction-Model", "alias": "production" }),
        json!({ "kind": "activated", "running": version(1), "cause": "resume" }),
        json!({ "kind": "activated", "running": version(2), "previous": version(1), "cause": "alias" }),
        json!({ "kind": "fell_back", "from": version(2), "to": version(1), "reason": "it traps",
                "predictions": 50, "failures": 7 }),
        span(json!({ "kind": "predictions", "running": version(1), "count": 600, "failed": 1, "clamped": 2,
                     "rul": { "min": 3.0, "p10": 11.0, "p50": 61.5, "p90": 110.0, "max": 125.0 },
                     "latency": { "p50": 0.21, "p99": 0.54 } })),
        json!({ "kind": "prediction", "unit": "7", "cycle": 180, "rul": 21.25, "lower": 1.25, "upper": 41.25,
                "flags": ["padded", "imputed"] }),
        span(json!({ "kind": "statistics", "running": version(1), "readings": 600, "units": 10,
                     "features": [{ "name": "s_2", "count": 600, "psi": 0.02, "imputed": 0.0, "wild": 0.0 },
                                  { "name": "s_11", "count": 600, "psi": 0.31, "imputed": 0.0, "wild": 0.1 }],
                     "coverage": { "units": 1, "predictions": 190, "covered": 171, "level": 0.9 } })),
        span(json!({ "kind": "shadow", "candidate": version(3), "production": version(1), "windows": 600,
                     "failures": 0, "skipped": 4, "worst": [],
                     "divergence": { "mean": 1.5, "p50": 1.0, "p90": 3.0, "p99": 7.25, "max": 9.0 } })),
        json!({ "kind": "alert", "unit": "7", "cycle": 181, "raised": true, "lower": 19.5, "threshold": 20.0 }),
        span(json!({ "kind": "dropped", "count": 12, "reason": "full" })),
        json!({ "kind": "refused", "refused": version(3), "lasting": true, "reason": "golden vectors\u{1b}[2J" }),
        json!({ "kind": "firmware", "of": "sensor 11" }),
    ]
}

async fn report(server: &Server, gateway: &str, events: Vec<Value>) {
    let reports = (1..).zip(events);
    let reports =
        reports.map(|(sequence, event)| Report { sequence, at: AT.parse().unwrap(), event }).collect();
    let batch = ReportBatch { queue: "0".repeat(32).parse().unwrap(), waiting: 40, reports };
    server.registry.send_reports(&gateway.parse().unwrap(), &batch).await.unwrap();
}

fn gateways(server: &Server, arguments: &[&str]) -> String {
    let output = overhaul(&[&["--registry", server.url.as_str(), "gateways"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn gateways_are_listed_with_what_they_run() {
    let server = Server::start();
    assert_eq!(gateways(&server, &[]), "no gateway has reported yet; overhaul-edge run --registry does\n");
    report(&server, "hall-2", events()).await;
    report(&server, "hall-1", events()[..1].to_vec()).await;
    let text = gateways(&server, &[]);
    insta::assert_snapshot!(without_now(&text));
    assert_eq!(gateways(&server, &["list"]), text);
    let json: Value = serde_json::from_str(&gateways(&server, &["--json"])).unwrap();
    assert_eq!(json["gateways"][1]["running"]["version"], 1);
    assert_eq!(json["gateways"][0]["running"], Value::Null);
}

#[tokio::test]
async fn one_gateway_is_shown_with_what_it_reported_newest_first() {
    let server = Server::start();
    report(&server, "hall-2", events()).await;
    insta::assert_snapshot!(without_now(&gateways(&server, &["show", "hall-2"])));
    let text = gateways(&server, &["show", "hall-2", "--kind", "activated", "--reports", "1"]);
    assert!(
        text.contains("version 2 after 1: the alias points at it") && !text.contains("it ran before"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&gateways(&server, &["show", "hall-2", "--json"])).unwrap();
    assert_eq!((&json["id"], &json["reports"][0]["event"]["of"]), (&"hall-2".into(), &"sensor 11".into()));
}

#[tokio::test]
async fn a_gateway_that_never_reported_is_a_mistake() {
    let server = Server::start();
    let show = |id| refused(&overhaul(&["--registry", &server.url, "gateways", "show", id]));
    let line =
        "error: no gateway \"hall-9\" ever reported here; `overhaul gateways list` shows those that did\n";
    assert_eq!(show("hall-9"), (Some(2), line.to_owned()));
    let (code, message) = show("a/b");
    assert!(code == Some(2) && message.contains("gateway id \"a/b\" is not valid"), "{message}");
}
