//! Large files come in parts and leave by signed URLs, neither of which needs credentials.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use common::{Running, files_under, get, http, refusal};
use jiff::Timestamp;
use overhaul_bundle::Sha256Digest;
use overhaul_server::Clock;
use reqwest::Response;
use serde_json::{Value, json};

const ROOT: &str = "/api/2.0/mlflow-artifacts";
const RUN: &str = "1/run/artifacts";
const START: i64 = 1_800_000_000;

/// A registry whose time the test sets.
async fn start(data: &Path, clock: &Arc<AtomicI64>) -> Running {
    let clock = Arc::clone(clock);
    Running::with(data, |options| {
        options.clock =
            Clock::from_fn(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap());
    })
    .await
}

async fn post(server: &Running, what: &str, body: &Value) -> Response {
    http().post(server.at(&format!("{ROOT}/mpu/{what}/{RUN}"))).json(body).send().await.unwrap()
}

/// An upload that was begun: its id, and where its parts go.
async fn begin(server: &Running, name: &str, parts: u32) -> (String, Vec<String>) {
    let begun: Value =
        post(server, "create", &json!({"path": name, "num_parts": parts})).await.json().await.unwrap();
    let urls = begun["credentials"].as_array().unwrap();
    for (at, part) in urls.iter().enumerate() {
        assert_eq!(part["part_number"], at + 1);
    }
    let urls = urls.iter().map(|part| part["url"].as_str().unwrap().to_owned()).collect();
    (begun["upload_id"].as_str().unwrap().to_owned(), urls)
}

async fn send(url: &str, content: impl Into<reqwest::Body>) -> String {
    let answer = http().put(url).body(content).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

fn listed(name: &str, id: &str, etags: &[String]) -> Value {
    let parts: Vec<Value> = etags
        .iter()
        .zip(1..)
        .map(|(etag, number)| json!({"part_number": number, "etag": etag, "url": "x"}))
        .collect();
    json!({"path": name, "upload_id": id, "parts": parts})
}

async fn content(server: &Running, name: &str) -> String {
    get(server.at(&format!("{ROOT}/artifacts/{RUN}/{name}"))).await.text().await.unwrap()
}

/// The files of parts, which must go when an upload is over.
fn parts_left(data: &Path) -> usize {
    files_under(&data.join("blobs")).iter().filter(|file| file.starts_with("uploads")).count()
}

#[tokio::test]
async fn a_file_in_parts_is_whole_after_completion_whatever_order_they_came_in() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let info: Value = get(server.at("/api/3.0/mlflow/server-info")).await.json().await.unwrap();
    assert_eq!(info["multipart_uploads_enabled"], true);
    assert_eq!(info["multipart_downloads_enabled"], true);

    let (id, urls) = begin(&server, "dir/big.bin", 3).await;
    assert!(urls.iter().all(|url| url.starts_with(&server.url)), "{urls:?}");
    let mut etags = vec![String::new(); 3];
    for (part, text) in [(2, "cc"), (0, "first try"), (1, "b"), (0, "aaa")] {
        etags[part] = send(&urls[part], text).await;
    }
    assert_eq!(etags[0], format!("\"{}\"", Sha256Digest::of(b"aaa")));
    assert!(
        refusal(get(server.at(&format!("{ROOT}/artifacts/{RUN}/big.bin"))).await).await.starts_with("404 ")
    );
    let complete = listed("dir/big.bin", &id, &etags);
    let answer = post(&server, "complete", &complete).await;
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "{}"));
    assert_eq!(content(&server, "big.bin").await, "aaabcc");
    // A client that did not get the answer asks again; giving up afterwards undoes nothing.
    assert_eq!(post(&server, "complete", &complete).await.status(), 200);
    assert_eq!(post(&server, "abort", &complete).await.status(), 200);
    assert_eq!(content(&server, "big.bin").await, "aaabcc");
    // The same file sent whole is the same blob.
    assert_eq!(
        http().put(server.at(&format!("{ROOT}/artifacts/2/x"))).body("aaabcc").send().await.unwrap().status(),
        200
    );
    assert_eq!(files_under(&data.path().join("blobs")).len(), 1, "the parts are gone");
    assert!(refusal(http().put(&urls[0]).body("late").send().await.unwrap()).await.starts_with("404 "));
    server.stop().await;
}

#[tokio::test]
async fn a_completion_must_list_the_parts_that_arrived() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let (id, urls) = begin(&server, "big.bin", 2).await;
    let first = send(&urls[0], "a").await;
    let both = [first.clone(), first.clone()];
    let message = refusal(post(&server, "complete", &listed("big.bin", &id, &both)).await).await;
    assert!(
        message.starts_with("400 INVALID_PARAMETER_VALUE") && message.contains("part 2 has not arrived"),
        "{message}"
    );
    let second = send(&urls[1], "b").await;
    for (etags, problem) in [
        (vec![first.clone()], "lists 1 parts, the upload has 2"),
        (vec![second.clone(), first.clone()], "part 1 arrived with another ETag"),
        (vec![first.clone(), String::new()], "part 2 arrived with another ETag"),
    ] {
        let message = refusal(post(&server, "complete", &listed("big.bin", &id, &etags)).await).await;
        assert!(message.starts_with("400 INVALID_PARAMETER_VALUE") && message.contains(problem), "{message}");
    }
    let etags = [first, second];
    for (name, id) in
        [("other.bin", id.as_str()), ("big.bin", "00000000000000000000000000000000"), ("big.bin", "../x")]
    {
        let message = refusal(post(&server, "complete", &listed(name, id, &etags)).await).await;
        assert!(message.starts_with("404 RESOURCE_DOES_NOT_EXIST"), "{message}");
    }
    assert_eq!(post(&server, "complete", &listed("big.bin", &id, &etags)).await.status(), 200);
    assert_eq!(content(&server, "big.bin").await, "ab");
    server.stop().await;
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let (id, urls) = begin(&server, "big.bin", 2).await;
    send(&urls[0], vec![7; 3 << 20]).await;
    assert_eq!(parts_left(data.path()), 1);
    let given_up = json!({"path": "big.bin", "upload_id": id});
    assert_eq!(post(&server, "abort", &given_up).await.status(), 200);
    assert!(files_under(&data.path().join("blobs")).is_empty());
    assert!(refusal(post(&server, "abort", &given_up).await).await.starts_with("404 "));
    assert!(refusal(http().put(&urls[1]).body("x").send().await.unwrap()).await.starts_with("404 "));
    assert!(files_under(&data.path().join("blobs")).is_empty());
    server.stop().await;
}

#[tokio::test]
async fn the_number_of_parts_has_limits() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for (parts, problem) in [
        (json!(0), "Invalid value 0 for parameter 'num_parts'"),
        (json!(-1), "Invalid value -1 for parameter 'num_parts'"),
        (json!(10_001), "use 1 to 10000"),
        (json!("many"), "Invalid value for parameter 'num_parts'"),
        (Value::Null, "Invalid value for parameter 'num_parts'"),
    ] {
        let message = refusal(post(&server, "create", &json!({"path": "x", "num_parts": parts})).await).await;
        assert!(message.starts_with("400 INVALID_PARAMETER_VALUE") && message.contains(problem), "{message}");
    }
    assert_eq!(post(&server, "create", &json!({"path": "x", "num_parts": "3"})).await.status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn a_signed_url_is_for_one_thing_and_cannot_be_changed() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let (_, urls) = begin(&server, "a.bin", 2).await;
    let (_, others) = begin(&server, "b.bin", 2).await;
    let (first, query) = urls[0].split_once('?').unwrap();
    let other_end = if query.ends_with('A') { 'Q' } else { 'A' };
    let part_of = |url: &String| url.split_once('?').unwrap().0.to_owned();
    for forged in [
        format!("{}?{query}", part_of(&urls[1])),
        format!("{}?{query}", part_of(&others[0])),
        format!("{first}?{}", query.replace("expires=1", "expires=2")),
        format!("{first}?{}{other_end}", &query[..query.len() - 1]),
        format!("{first}?{}", query.split_once('&').unwrap().0.to_owned() + "&signature="),
    ] {
        let message = refusal(http().put(&forged).body("x").send().await.unwrap()).await;
        assert!(message.starts_with("403 PERMISSION_DENIED: the URL is not signed"), "{forged}: {message}");
    }
    for unsigned in [first.to_owned(), format!("{first}?expires=1")] {
        let message = refusal(http().put(&unsigned).body("x").send().await.unwrap()).await;
        assert!(message.starts_with("400 "), "{message}");
    }
    // Another registry has another key.
    let elsewhere = tempfile::tempdir().unwrap();
    let other = Running::start(elsewhere.path()).await;
    let moved = urls[0].replace(&server.url, &other.url);
    assert!(refusal(http().put(&moved).body("x").send().await.unwrap()).await.starts_with("403 "));
    other.stop().await;
    assert!(files_under(&data.path().join("blobs")).is_empty());
    send(&urls[0], "x").await;
    server.stop().await;
}

#[tokio::test]
async fn a_download_url_gives_ranges_of_the_file_it_was_made_for_until_it_expires() {
    let data = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    let server = start(data.path(), &clock).await;
    let put = async |content: &'static str| {
        let url =
            server.at(&format!("{ROOT}/artifacts/{RUN}/Gr%C3%B6%C3%9Fe%20%231.bin").replace("%231", "1"));
        assert_eq!(http().put(url).body(content).send().await.unwrap().status(), 200);
    };
    put("0123456789").await;
    let ask = server.at(&format!("{ROOT}/presigned/{RUN}/Gr%C3%B6%C3%9Fe%201.bin"));
    let presigned: Value = get(&ask).await.json().await.unwrap();
    assert_eq!((&presigned["headers"], &presigned["file_size"]), (&json!({}), &json!(10)));
    let url = presigned["url"].as_str().unwrap();
    assert!(url.starts_with(&server.url), "{url}");
    put("replaced in the middle of a download").await;
    let part = http().get(url).header("Range", "bytes=2-4").send().await.unwrap();
    assert_eq!(
        (part.status().as_u16(), part.headers()["content-range"].to_str().unwrap()),
        (206, "bytes 2-4/10")
    );
    assert_eq!(
        part.headers()["content-disposition"],
        "attachment; filename=\"Gr__e 1.bin\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.bin"
    );
    assert_eq!(part.text().await.unwrap(), "234");
    let forged = url.replace("/10/", "/11/");
    assert!(refusal(get(&forged).await).await.starts_with("403 PERMISSION_DENIED"));
    clock.store(START + 15 * 60 - 1, Ordering::Relaxed);
    assert_eq!(get(url).await.status(), 200);
    clock.store(START + 15 * 60, Ordering::Relaxed);
    let message = refusal(get(url).await).await;
    assert_eq!(message, "403 PERMISSION_DENIED: the URL has expired; ask for a new one");
    assert!(refusal(get(server.at(&format!("{ROOT}/presigned/{RUN}/none"))).await).await.starts_with("404 "));
    server.stop().await;
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_and_is_dropped_after_a_day() {
    let data = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    let server = start(data.path(), &clock).await;
    let (done, urls) = begin(&server, "done.bin", 2).await;
    let first = send(&urls[0], "a").await;
    let (left, _) = begin(&server, "left.bin", 1).await;
    let old = server.url.clone();
    server.stop().await;

    clock.store(START + 23 * 3600, Ordering::Relaxed);
    let server = start(data.path(), &clock).await;
    let second = send(&urls[1].replace(&old, &server.url), "b").await;
    let complete = listed("done.bin", &done, &[first, second]);
    assert_eq!(post(&server, "complete", &complete).await.status(), 200);
    assert_eq!(content(&server, "done.bin").await, "ab");
    let (late, late_urls) = begin(&server, "late.bin", 1).await;
    send(&late_urls[0], "c").await;
    server.stop().await;

    // Parts whose upload nobody knows, as a crash may leave them.
    let orphan = data.path().join("blobs/uploads/0123456789abcdef0123456789abcdef");
    std::fs::create_dir_all(&orphan).unwrap();
    std::fs::write(orphan.join("1-x"), "x").unwrap();
    clock.store(START + 24 * 3600 + 1, Ordering::Relaxed);
    let server = start(data.path(), &clock).await;
    for _ in 0..200 {
        if !orphan.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(parts_left(data.path()), 1, "of the upload that is not a day old");
    assert!(
        refusal(post(&server, "abort", &json!({"path": "left.bin", "upload_id": left})).await)
            .await
            .starts_with("404 ")
    );
    assert_eq!(post(&server, "abort", &json!({"path": "late.bin", "upload_id": late})).await.status(), 200);
    assert_eq!(content(&server, "done.bin").await, "ab");
    server.stop().await;
}

#[tokio::test]
async fn urls_lead_where_the_client_found_the_server() {
    let data = tempfile::tempdir().unwrap();
    let names = ["registry", "registry.example.org"].map(|name| name.parse().unwrap());
    let server = Running::with(data.path(), |options| options.allowed_hosts = names.to_vec()).await;
    http().put(server.at(&format!("{ROOT}/artifacts/1/x"))).body("x").send().await.unwrap();
    let url_for = async |server: &Running, headers: &[(&str, &str)]| {
        let request = http().get(server.at(&format!("{ROOT}/presigned/1/x")));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let presigned: Value = request.send().await.unwrap().json().await.unwrap();
        let url = presigned["url"].as_str().unwrap_or_default().to_owned();
        url.split_once("/api/").unwrap_or((&url, "")).0.to_owned()
    };
    assert_eq!(url_for(&server, &[]).await, server.url);
    assert_eq!(url_for(&server, &[("Host", "registry:5000")]).await, "http://registry:5000");
    let behind = [("Host", "registry.example.org"), ("X-Forwarded-Proto", "https")];
    assert_eq!(url_for(&server, &behind).await, "https://registry.example.org");
    assert_eq!(url_for(&server, &[("Host", "a/b?c")]).await, "", "refused");
    server.stop().await;
    let server = Running::with(data.path(), |options| {
        options.public_url = Some("https://x.example/mlflow/".parse().unwrap());
    })
    .await;
    assert_eq!(url_for(&server, &[]).await, "https://x.example/mlflow");
    server.stop().await;
}

#[tokio::test]
async fn the_parts_of_a_file_together_have_the_limit_of_a_file() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::with(data.path(), |options| options.max_blob_bytes = 1000).await;
    let (id, urls) = begin(&server, "big.bin", 3).await;
    let etags = [send(&urls[0], vec![1; 600]).await, send(&urls[1], vec![2; 400]).await];
    for part in [2, 0] {
        let message = refusal(http().put(&urls[part]).body(vec![3; 601]).send().await.unwrap()).await;
        assert!(message.starts_with("413 ") && message.contains("at most 1000 bytes"), "{message}");
    }
    assert_eq!(parts_left(data.path()), 2);
    let etags = [etags[0].clone(), etags[1].clone(), send(&urls[2], "").await];
    assert_eq!(post(&server, "complete", &listed("big.bin", &id, &etags)).await.status(), 200);
    assert_eq!(content(&server, "big.bin").await.len(), 1000);
    server.stop().await;
}
