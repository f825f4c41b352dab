//! The token and the certificate authorities are found in the environment, and the token is never shown.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;

use common::refused;

/// Runs `overhaul models list` against a server that answers once; its output, and the head of the request.
fn list(environment: &[(&str, &str)]) -> (Output, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"models\":[]}").unwrap();
        String::from_utf8(head).unwrap().to_lowercase()
    });
    let output = command(&["--registry", &url], environment);
    (output, server.join().unwrap())
}

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overhaul"));
    command.args(arguments).args(["models", "list"]).env_clear().envs(environment.iter().copied());
    command.output().unwrap()
}

#[test]
fn the_registrys_token_is_sent_and_mlflows_where_there_is_no_other() {
    for (environment, sent) in [
        (&[("OVERHAUL_TOKEN", "ovh_1_a")][..], Some("ovh_1_a")),
        (&[("MLFLOW_TRACKING_TOKEN", "ovh_2_b")], Some("ovh_2_b")),
        (&[("OVERHAUL_TOKEN", "ovh_1_a"), ("MLFLOW_TRACKING_TOKEN", "ovh_2_b")], Some("ovh_1_a")),
        (&[("OVERHAUL_TOKEN", " "), ("MLFLOW_TRACKING_TOKEN", "ovh_2_b")], Some("ovh_2_b")),
        (&[], None),
    ] {
        let (output, head) = list(environment);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let header = sent.map(|token| format!("authorization: bearer {token}\r\n"));
        assert_eq!(head.contains("authorization:"), sent.is_some(), "{head}");
        assert!(header.is_none_or(|header| head.contains(&header)), "{head}");
    }
}

#[test]
fn a_token_that_is_none_is_refused_without_being_shown() {
    let (code, message) = refused(&command(&[], &[("OVERHAUL_TOKEN", "s3cret\nX: y")]));
    assert_eq!((code, message.lines().count()), (Some(2), 1), "{message}");
    assert!(message.contains("OVERHAUL_TOKEN holds no token") && !message.contains("s3cret"), "{message}");
}

#[test]
fn certificate_authorities_that_are_none_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("ca.pem");
    std::fs::write(&empty, "nothing").unwrap();
    for (path, problem) in
        [(folder.path().join("missing"), "No such file"), (empty, "it holds no certificate")]
    {
        let (code, message) = refused(&command(&[], &[("OVERHAUL_CA_CERT", path.to_str().unwrap())]));
        assert_eq!((code, message.lines().count()), (Some(2), 1), "{message}");
        assert!(message.contains(path.to_str().unwrap()) && message.contains(problem), "{message}");
    }
}
