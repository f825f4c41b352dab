//! `/metrics`, `/version` and `/health`: what whoever watches a registry reads.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fmt::Debug;
use std::str::FromStr;

use common::{MODEL, Running, get, http, publish};
use overhaul_bundle::Sha256Digest;
use reqwest::Method;

async fn scraped(server: &Running) -> String {
    let answer = get(server.at("/metrics")).await;
    assert_eq!(answer.status(), 200);
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(media_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    answer.text().await.unwrap()
}

/// The value of a line that begins with this.
fn value<T: FromStr<Err: Debug>>(text: &str, line: &str) -> T {
    let found = text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("{line} is not in\n{text}")).parse().unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_template_method_and_status() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"one").await;
    for path in ["1", "1", "7"] {
        get(server.at(&format!("/api/v1/models/{MODEL}/versions/{path}"))).await;
    }
    get(server.at("/nothing/here")).await;
    http().request(Method::from_bytes(b"BREW").unwrap(), server.at("/health")).send().await.unwrap();
    let text = scraped(&server).await;
    let route = "route=\"/api/v1/models/{name}/versions/{version}\"";
    let count = |labels: &str| value::<u64>(&text, &format!("overhaul_http_requests_total{{{labels}}}"));
    assert_eq!(count(&format!("method=\"GET\",{route},status=\"200\"")), 2);
    assert_eq!(count(&format!("method=\"GET\",{route},status=\"404\"")), 1);
    assert_eq!(count("method=\"GET\",route=\"other\",status=\"404\""), 1);
    assert_eq!(count("method=\"other\",route=\"/health\",status=\"405\""), 1);
    let timed = format!("overhaul_http_request_duration_seconds_count{{method=\"GET\",{route}}}");
    assert_eq!(value::<u64>(&text, &timed), 3);
    // The one that asks.
    assert_eq!(value::<u64>(&text, "overhaul_http_requests_in_flight"), 1);
    for raw in [MODEL, "nothing", "BREW"] {
        assert!(!text.contains(raw), "{raw} is in\n{text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn models_files_transactions_and_the_process_are_told_of() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let before = scraped(&server).await;
    assert_eq!(value::<u64>(&before, "overhaul_registered_models"), 0);
    let version = publish(&server.registry, b"one").await;
    publish(&server.registry, b"two").await;
    let text = scraped(&server).await;
    assert_eq!(value::<u64>(&text, "overhaul_registered_models"), 1);
    assert_eq!(value::<u64>(&text, "overhaul_model_versions"), 2);
    assert!(value::<u64>(&text, "overhaul_database_batch_changes_count") >= 4);
    assert!(value::<f64>(&text, "overhaul_database_batch_duration_seconds_sum") > 0.0);
    assert_eq!(value::<u64>(&text, "overhaul_database_waiting_changes"), 0);
    let received = value::<u64>(&text, "overhaul_files_received_bytes_total");
    let content = vec![7; 1000];
    let url = server.at(&format!("/api/v1/blobs/{}", Sha256Digest::of(&content)));
    http().put(&url).body(content).send().await.unwrap();
    http().get(&url).header("Range", "bytes=0-99").send().await.unwrap().bytes().await.unwrap();
    let text = scraped(&server).await;
    assert_eq!(value::<u64>(&text, "overhaul_files_received_bytes_total"), received + 1000);
    assert_eq!(value::<u64>(&text, "overhaul_files_served_bytes_total"), 100);
    assert!(value::<u64>(&text, "process_resident_memory_bytes") > 1_000_000);
    assert!(value::<u64>(&text, "process_start_time_seconds") > 1_700_000_000);
    assert!(value::<u64>(&text, "process_open_fds") > 3);
    let build = format!("overhaul_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(value::<u64>(&text, &build), 1);
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert_eq!(version.version.get(), 1);
    server.stop().await;
}

#[tokio::test]
async fn the_version_is_this_programs_and_the_protocols() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let version: serde_json::Value = get(server.at("/version")).await.json().await.unwrap();
    assert_eq!(version, serde_json::json!({ "version": env!("CARGO_PKG_VERSION"), "mlflow": "3.17.2" }));
    server.stop().await;
}

#[tokio::test]
async fn a_registry_whose_database_does_not_answer_is_not_well() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    assert_eq!(server.registry.health().await.unwrap().status, "ok");
    let other = rusqlite::Connection::open(data.path().join("registry.sqlite")).unwrap();
    other.execute("ALTER TABLE migrations RENAME TO lost", ()).unwrap();
    assert_eq!(get(server.at("/health")).await.status(), 500);
    server.stop().await;
}
