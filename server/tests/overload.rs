//! Clients that take too much, or all the time there is, cost nobody else anything.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{Running, get, http, raw, refusal};
use overhaul_bundle::Sha256Digest;

fn connect(url: &str) -> TcpStream {
    let socket = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

/// Everything until the other end closes; an error while it stays open.
fn rest(mut socket: TcpStream) -> io::Result<Vec<u8>> {
    let mut rest = Vec::new();
    match socket.read_to_end(&mut rest) {
        Err(e) if e.kind() != io::ErrorKind::ConnectionReset => Err(e),
        _ => Ok(rest),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_limit_are_told_to_come_again_and_the_health_is_told_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::with(data.path(), |options| options.limits.requests = 1).await;
    let digest = Sha256Digest::of(b"ab");
    let head =
        format!("PUT /api/v1/blobs/{digest} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na");
    let mut slow = connect(&server.url);
    slow.write_all(head.as_bytes()).unwrap();
    // A question that is there first would have the upload told to come again.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let models = server.at("/api/v1/models");
    let deadline = Instant::now() + Duration::from_secs(10);
    let answer = loop {
        let answer = get(&models).await;
        if answer.status() != 200 {
            break answer;
        }
        assert!(Instant::now() < deadline, "the upload does not count");
    };
    assert_eq!(answer.headers()["retry-after"], "1");
    let message = refusal(answer).await;
    assert!(message.starts_with("503 TEMPORARILY_UNAVAILABLE: "), "{message}");
    assert_eq!(get(server.at("/health")).await.status(), 200);
    slow.write_all(b"b").unwrap();
    let mut first = [0; 12];
    slow.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 201");
    assert_eq!(get(&models).await.status(), 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_is_cut_off_and_so_is_an_idle_connection() {
    let data = tempfile::tempdir().unwrap();
    let limit = Duration::from_millis(700);
    let server = Running::with(data.path(), |options| options.limits.head = limit).await;
    let began = Instant::now();
    let mut unfinished = connect(&server.url);
    unfinished.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").unwrap();
    let silent = connect(&server.url);
    let mut idle = connect(&server.url);
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(get(server.at("/health")).await.status(), 200);
    assert!(rest(unfinished).unwrap().is_empty());
    assert!(rest(silent).unwrap().is_empty());
    assert!(rest(idle).unwrap().starts_with(b"HTTP/1.1 200 OK"));
    assert!(began.elapsed() >= limit);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let ask = |bytes: usize| {
        let padding = "x".repeat(bytes);
        let request = format!(
            "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Large: {padding}\r\n\r\n"
        );
        raw(&server.url, request.as_bytes()).lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(ask(16 << 10), "HTTP/1.1 200 OK");
    assert_eq!(ask(33 << 10), "HTTP/1.1 431 Request Header Fields Too Large");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_for_others_to_end() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::with(data.path(), |options| options.limits.connections = 2).await;
    let (first, second) = (connect(&server.url), connect(&server.url));
    let mut third = connect(&server.url);
    third.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    third.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut answer = [0; 15];
    assert_eq!(third.read(&mut answer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(first);
    third.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    third.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    drop(second);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_is_cut_off() {
    let data = tempfile::tempdir().unwrap();
    let server =
        Running::with(data.path(), |options| options.limits.stall = Duration::from_millis(500)).await;
    // More than the system keeps of it between the two ends.
    let content = vec![7; 64 << 20];
    let digest = Sha256Digest::of(&content);
    let url = server.at(&format!("/api/v1/blobs/{digest}"));
    assert_eq!(http().put(&url).body(content.clone()).send().await.unwrap().status(), 201);
    let mut lazy = connect(&server.url);
    let request = format!("GET /api/v1/blobs/{digest} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    lazy.write_all(request.as_bytes()).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(rest(lazy).unwrap().len() < content.len());
    // Who reads on gets all of it, however slowly.
    assert_eq!(get(&url).await.bytes().await.unwrap().len(), content.len());
    server.stop().await;
}
