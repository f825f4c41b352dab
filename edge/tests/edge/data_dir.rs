//! The port and the data directory have one owner; a signal ends the agent in order.

use std::net::TcpListener;

use crate::support::agent::{self, Agent};
use crate::support::{bundle, data_dir};

#[test]
fn a_port_in_use_is_told_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = data_dir();
    let data = data.path().to_str().unwrap();
    let line = agent::mistake(&[
        "run",
        "--registry",
        "http://127.0.0.1:1",
        "--data-dir",
        data,
        "--listen",
        &address,
    ]);
    assert!(line.contains(&address) && line.contains("is in use") && line.contains("--listen"), "{line}");
}

#[test]
fn a_data_directory_that_another_agent_holds_is_told_in_one_line() {
    let data = data_dir();
    let data = data.path().to_str().unwrap();
    let arguments = ["--registry", "http://127.0.0.1:1", "--data-dir", data];
    let first = Agent::start(&arguments);
    let line = agent::mistake(&[&["run", "--listen", "127.0.0.1:0"], &arguments[..]].concat());
    assert!(
        line.contains(data) && line.contains("held by another agent") && line.contains("--data-dir"),
        "{line}"
    );
    first.kill();
    // A killed agent holds nothing.
    assert_eq!(Agent::start(&arguments).terminate(), Some(0));
}

#[test]
fn bad_arguments_are_mistakes() {
    let data = data_dir();
    let data = data.path().to_str().unwrap();
    let with = |more: &[&str]| {
        let all = [&["run", "--listen", "127.0.0.1:0", "--data-dir", data], more].concat();
        agent::mistake(&all)
    };
    assert!(with(&["--registry", "not a url"]).contains("not a url"));
    assert!(with(&["--registry", "http://127.0.0.1:1", "--alias", "v3"]).contains("alias \"v3\""));
    assert!(with(&["--registry", "http://127.0.0.1:1", "--model", "a/b"]).contains("model name \"a/b\""));
    for more in [&["--registry", "http://127.0.0.1:1", "--poll", "soon"][..], &["--bundle"], &[]] {
        let arguments = [&["run", "--data-dir", data], more].concat();
        assert_eq!(agent::output(&arguments).status.code(), Some(2), "{more:?}");
    }
}

#[test]
fn what_an_earlier_agent_left_half_done_is_swept_but_what_it_had_downloaded() {
    let data = data_dir();
    let staging = data.path().join("staging");
    let digest = overhaul_bundle::Sha256Digest::of(b"a bundle").to_string();
    for name in [digest.as_str(), "half"] {
        std::fs::create_dir_all(staging.join(name)).unwrap();
        std::fs::write(staging.join(name).join("model.onnx.partial"), "half").unwrap();
    }
    let written = data.path().join(".tmpAb12Cd");
    std::fs::write(&written, "half of active.json").unwrap();
    let agent =
        Agent::start(&["--registry", "http://127.0.0.1:1", "--data-dir", data.path().to_str().unwrap()]);
    assert!(!staging.join("half").exists() && !written.exists());
    assert!(staging.join(digest).join("model.onnx.partial").exists());
    assert_eq!(agent.terminate(), Some(0));
}

#[test]
fn one_bundle_runs_without_a_registry_and_ends_in_order() {
    let data = data_dir();
    let home = tempfile::tempdir().unwrap();
    let directory = bundle::write(&bundle::gru(1), home.path(), "v1");
    let [directory, data] = [directory.as_path(), data.path()].map(|path| path.to_str().unwrap());
    let agent = Agent::start(&["--bundle", directory, "--data-dir", data]);
    let health = agent.health();
    assert_eq!((&health["status"], &health["model"]["version"]), (&"ok".into(), &1.into()));
    assert_eq!(health["registry"], serde_json::Value::Null);
    assert_eq!(agent.terminate(), Some(0));
}
