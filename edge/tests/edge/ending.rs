//! A clean stop in the midst of everything: requests, a pull and a compilation.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use overhaul_bundle::Sha256Digest;

use crate::support::agent::Agent;
use crate::support::registry::Registry;
use crate::support::{bundle, data_dir, eventually};
use crate::zoo::{self, breeds};

/// A whole `POST /predict/simple`.
fn request(body: &str) -> String {
    let head = "POST /predict/simple HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Length:";
    format!("{head} {}\r\n\r\n{body}", body.len())
}

/// What is answered, as far as it comes; nothing where nobody listens any more.
fn answer(address: &str, request: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}

fn is_whole(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200") && answer.ends_with('}')
}

#[test]
fn a_clean_stop_waits_for_neither_a_pull_nor_a_compilation_and_breaks_off_no_answer() {
    let (home, data, registry) = (tempfile::tempdir().unwrap(), data_dir(), Registry::start());
    registry.promote(&bundle::write(&bundle::gru(1), home.path(), "v1"));
    let more = ["--shadow-alias", "candidate", "--download-rate", "1 MiB/s"];
    let agent = Agent::follow(&registry.url(), data.path(), &more);
    agent.wait_for_version(1);
    // Production compiles for more than ten seconds.
    let slow = breeds::remembers(300, 30_000);
    registry.change(|content| content.blobs.insert(Sha256Digest::of(&slow), slow.clone()));
    let two = bundle::foreign(2, &slow, zoo::Model::default(), 1);
    registry.promote(&bundle::write(&two, home.path(), "v2"));
    let child = eventually("a compiling process", || agent.children().first().copied());
    // The candidate has a model that takes a minute to fetch.
    let mut three = bundle::gru(3);
    bundle::change_model(&mut three, |model| model.doc_string = "x".repeat(60 << 20));
    let three = registry.propose(&bundle::write(&three, home.path(), "v3")).digest();
    let staging = data.path().join("staging").join(three.to_string());
    let half = staging.join("model.onnx.partial");
    let fetched = || std::fs::metadata(&half).map_or(0, |half| half.len());
    eventually("a part of it", || (fetched() > 0).then_some(()));
    let request =
        request(&serde_json::json!({ "sensor_data": bundle::readings(&bundle::gru(1), 7) }).to_string());
    let (begin, end) = request.split_at(request.len() - 1);
    let mut held = TcpStream::connect(agent.address()).unwrap();
    held.write_all(begin.as_bytes()).unwrap();
    let (address, over, answers) = (agent.address().to_owned(), AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let since = Instant::now();
                while !over.load(Ordering::Relaxed) && since.elapsed() < Duration::from_mins(2) {
                    let answer = answer(&address, &request);
                    assert!(is_whole(&answer) || answer.is_empty(), "{answer:?}");
                    answers.fetch_add(usize::from(!answer.is_empty()), Ordering::Relaxed);
                }
            });
        }
        eventually("answers", || (answers.load(Ordering::Relaxed) > 20).then_some(()));
        assert_eq!(agent.children(), [child]);
        let start = Instant::now();
        agent.signal("TERM");
        agent.wait_for_line(&["ending: requests in flight are finished first"]);
        // What had begun is answered.
        held.write_all(end.as_bytes()).unwrap();
        let mut answer = String::new();
        held.read_to_string(&mut answer).unwrap();
        assert!(is_whole(&answer), "{answer:?}");
        let code = agent.terminate();
        over.store(true, Ordering::Relaxed);
        assert_eq!(code, Some(0));
        assert!(start.elapsed() < Duration::from_secs(10), "it took {:?}", start.elapsed());
    });
    assert!(fetched() > 0 && !staging.join("model.onnx").exists());
}
