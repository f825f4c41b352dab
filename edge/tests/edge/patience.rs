//! Slow, huge and broken clients: each holds its own connection and nobody else's.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::agent::Agent;
use crate::support::{bundle, data_dir};

fn agent() -> (Agent, tempfile::TempDir) {
    let home = data_dir();
    let directory = bundle::write(&bundle::gru(1), home.path(), "v1");
    let [directory, data] = [directory.as_path(), home.path()].map(|path| path.to_str().unwrap());
    (Agent::start(&["--bundle", directory, "--data-dir", data]), home)
}

fn connect(agent: &Agent) -> TcpStream {
    let stream = TcpStream::connect(agent.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    stream
}

#[test]
fn three_hundred_clients_that_never_end_their_requests_keep_nobody_from_an_answer() {
    let (agent, _home) = agent();
    let slow: Vec<TcpStream> = (0..300)
        .map(|number| {
            let mut stream = connect(&agent);
            // Half of them stall in the head, half in the body.
            let head = "POST /predict/simple HTTP/1.1\r\nHost: x\r\n";
            let rest = if number % 2 == 0 { "X-Slow" } else { "Content-Length: 1000\r\n\r\n{" };
            stream.write_all(format!("{head}{rest}").as_bytes()).unwrap();
            stream
        })
        .collect();
    let (status, answer) = agent.predict(&bundle::readings(&bundle::gru(1), 7));
    assert_eq!(status, 200, "{answer}");
    drop(slow);
}

#[test]
fn a_body_of_a_hundred_megabytes_is_refused_before_it_is_sent() {
    let (agent, _home) = agent();
    for path in ["/predict", "/predict/simple", "/v2/models/RUL-Prediction-Model/infer"] {
        let mut stream = connect(&agent);
        write!(stream, "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n").unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 413", "{path}");
    }
}

#[test]
fn a_body_without_a_length_is_cut_off_at_the_limit() {
    let (agent, _home) = agent();
    let mut stream = connect(&agent);
    write!(stream, "POST /predict/simple HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    let chunk = vec![b' '; 1 << 16];
    let mut sent = 0;
    while sent < 100 << 20
        && write!(stream, "{:x}\r\n", chunk.len()).is_ok()
        && stream.write_all(&chunk).is_ok()
    {
        sent += chunk.len();
        if stream.write_all(b"\r\n").is_err() {
            break;
        }
    }
    assert!(sent < 90 << 20, "{sent} bytes were taken");
    assert_eq!(agent.health()["status"], "ok");
}

#[test]
fn rubbish_instead_of_http_costs_one_connection() {
    let (agent, _home) = agent();
    for rubbish in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", &[0xff; 4096], b"POST / HTTP/9.9\r\n\r\n"]
    {
        let mut stream = connect(&agent);
        // The other side may close while this is sent.
        let _ = stream.write_all(rubbish);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
    }
    assert_eq!(agent.predict(&bundle::readings(&bundle::gru(1), 7)).0, 200);
}
