//! What the process promises: one server a directory, clear refusals to start, a clean stop.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use common::{Process, model};

fn refused(command: &mut Command) -> (Option<i32>, String) {
    let output = command.env("RUST_LOG", "off").output().unwrap();
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_second_server_on_the_same_directory_is_refused_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    let _first = Process::start(data.path());
    let (code, message) = refused(&mut Process::command(data.path(), "127.0.0.1:0"));
    assert_eq!(code, Some(2));
    let line = format!(
        "error: data directory {} is held by another overhaul-server; stop that one, or name another --data-dir\n",
        data.path().display()
    );
    assert_eq!(message, line);
}

#[test]
fn a_directory_is_free_again_after_a_kill() {
    let data = tempfile::tempdir().unwrap();
    drop(Process::start(data.path()));
    drop(Process::start(data.path()));
}

#[test]
fn a_port_in_use_is_refused_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, message) = refused(&mut Process::command(data.path(), &address));
    assert_eq!((code, message.lines().count()), (Some(2), 1));
    assert!(message.contains(&format!("cannot listen on {address}: the port is in use")), "{message}");
}

#[test]
fn an_address_that_is_none_is_refused_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    for address in ["127.0.0.1:99999", "nonsense", "192.0.2.1:0"] {
        let (code, message) = refused(&mut Process::command(data.path(), address));
        assert_eq!((code, message.lines().count()), (Some(2), 1), "{message}");
        assert!(message.contains(address) && message.contains("--listen"), "{message}");
    }
}

#[test]
fn a_database_of_a_newer_release_is_refused_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    drop(Process::start(data.path()));
    let database = rusqlite::Connection::open(data.path().join("registry.sqlite")).unwrap();
    database.execute("INSERT INTO migrations VALUES ('9999_later', 'x', 'x')", ()).unwrap();
    drop(database);
    let (code, message) = refused(&mut Process::command(data.path(), "127.0.0.1:0"));
    assert_eq!((code, message.lines().count()), (Some(2), 1), "{message}");
    assert!(message.contains("9999_later"), "{message}");
}

#[tokio::test]
async fn a_signal_stops_it_cleanly_and_what_was_done_stays() {
    let data = tempfile::tempdir().unwrap();
    for (signal, number) in [("TERM", 1), ("INT", 2)] {
        let mut process = Process::start(data.path());
        assert_eq!(process.registry().reserve_version(&model()).await.unwrap().get(), number);
        kill(&process, signal);
        assert_eq!(process.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn a_request_in_progress_is_answered_before_the_stop_and_an_endless_one_cannot_hold_it() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path());
    let address = process.url.strip_prefix("http://").unwrap().to_owned();
    let digest = overhaul_bundle::Sha256Digest::of(b"ab");
    let request =
        format!("PUT /api/v1/blobs/{digest} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na");
    let mut slow = TcpStream::connect(&address).unwrap();
    slow.write_all(request.as_bytes()).unwrap();
    let mut endless = TcpStream::connect(&address).unwrap();
    endless.write_all(request.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    kill(&process, "TERM");
    let told = Instant::now();
    std::thread::sleep(Duration::from_millis(300));
    slow.write_all(b"b").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
    assert!(told.elapsed() < Duration::from_secs(30));
}

fn kill(process: &Process, signal: &str) {
    let id = process.child.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
}
