//! A page of another host can neither read the registry nor change it, whatever name it makes the address have.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{MODEL, Process, Running, http, raw, refusal};

/// The status line of an answer, and its body.
fn ask(url: &str, request: &str) -> (String, String) {
    let answer = raw(url, request.replace('\n', "\r\n").as_bytes());
    let status = answer.lines().next().unwrap_or_default().to_owned();
    (status, answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_names_another_host_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let request = "GET /api/v1/models HTTP/1.1\nHost: evil.test:5000\nConnection: close\n\n";
    let (status, body) = ask(&server.url, request);
    assert_eq!(status, "HTTP/1.1 403 Forbidden");
    assert!(body.contains("PERMISSION_DENIED") && body.contains("--allowed-host evil.test"), "{body}");
    for (request, expected) in [
        ("GET /health HTTP/1.1\nHost: evil.test", "403 Forbidden"),
        ("GET /nothing/here HTTP/1.1\nHost: evil.test", "403 Forbidden"),
        ("GET http://evil.test/health HTTP/1.1\nHost: localhost", "403 Forbidden"),
        ("GET http://localhost/health HTTP/1.1\nHost: localhost", "200 OK"),
        ("GET /health HTTP/1.1\nHost: localhost:1", "200 OK"),
        ("GET /health HTTP/1.1\nHost: [::1]:5000", "200 OK"),
        ("GET /health HTTP/1.1", "400 Bad Request"),
        ("GET /health HTTP/1.0", "400 Bad Request"),
        ("GET /health HTTP/1.1\nHost:", "400 Bad Request"),
        ("GET /health HTTP/1.1\nHost: localhost\nHost: localhost", "400 Bad Request"),
        ("GET /health HTTP/1.1\nHost: a@localhost", "400 Bad Request"),
        ("GET /health HTTP/1.1\nHost: local host", "400 Bad Request"),
    ] {
        let (status, _) = ask(&server.url, &format!("{request}\nConnection: close\n\n"));
        assert!(status.ends_with(expected), "{request:?}: {status}");
    }
    server.stop().await;
}

#[test]
fn names_that_an_operator_lists_are_answered() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Process::command(data.path(), "127.0.0.1:0");
    command.args(["--allowed-host", "registry.example.org", "--allowed-host", "*.fleet.test"]);
    command.args(["--public-url", "https://mlflow.example.net:8443/registry"]);
    let server = Process::spawn(&mut command);
    for (host, expected) in [
        ("registry.example.org:5000", "200 OK"),
        ("a.fleet.test", "200 OK"),
        ("example.org", "403 Forbidden"),
    ] {
        let request = format!("GET /health HTTP/1.1\nHost: {host}\nConnection: close\n\n");
        let (status, _) = ask(&server.url, &request);
        assert!(status.ends_with(expected), "{host}: {status}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let url = server.at(&format!("/api/v1/models/{MODEL}/versions"));
    for origin in ["http://evil.test", "null", "http://127.0.0.1:1"] {
        let answer = http().post(&url).header("Origin", origin).send().await.unwrap();
        let message = refusal(answer).await;
        assert!(message.starts_with("403 PERMISSION_DENIED") && message.contains(origin), "{message}");
    }
    assert!(server.registry.models().await.unwrap().is_empty());
    let own = http().post(&url).header("Origin", &server.url).send().await.unwrap();
    assert_eq!(own.status(), 201);
    // What only reads is answered, and the browser keeps the answer from the page.
    let read =
        http().get(server.at("/api/v1/models")).header("Origin", "http://evil.test").send().await.unwrap();
    assert_eq!(read.status(), 200);
    assert!(!read.headers().contains_key("access-control-allow-origin"));
    server.stop().await;
}

#[test]
fn a_name_that_is_none_is_refused_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Process::command(data.path(), "127.0.0.1:0");
    let output = command.args(["--allowed-host", "registry.example.org:5000"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("without a port"), "{message}");
}
