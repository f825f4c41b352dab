//! `overhaul-edge status`: the agent of this machine in a few lines, and an exit code for programs.

use std::fs;

use crate::support::agent::{self, Agent};
use crate::support::{bundle, data_dir};

fn status(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = agent::output(&[&["status"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn an_agent_with_a_version_is_well_and_its_settings_say_where_it_is() {
    let (home, data) = (tempfile::tempdir().unwrap(), data_dir());
    let directory = bundle::write(&bundle::gru(3), home.path(), "v3");
    let [directory, data] = [directory.as_path(), data.path()].map(|path| path.to_str().unwrap());
    let agent = Agent::start(&["--bundle", directory, "--data-dir", data]);
    let url = format!("http://{}", agent.address());
    let (code, text, told) = status(&["--url", &url]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    assert!(text.contains("running: version 3 of RUL-Prediction-Model (GRU)"), "{text}");
    let config = home.path().join("config.toml");
    // A file with a mistake elsewhere still says where the agent is.
    fs::write(&config, format!("listen = {:?}\ncolour = 1\n", agent.address())).unwrap();
    let (code, json, _) = status(&["--config", config.to_str().unwrap(), "--json"]);
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["health"]["model"]["version"], 3);
    assert_eq!(json["refused"], serde_json::json!([]));
}

#[test]
fn an_agent_without_a_version_is_not_as_wanted() {
    let data = data_dir();
    let agent =
        Agent::start(&["--registry", "http://127.0.0.1:1", "--data-dir", data.path().to_str().unwrap()]);
    agent.wait_for("an answer about the registry", |health| health["registry"]["error"].is_string());
    let (code, text, told) = status(&["--url", &format!("http://{}", agent.address())]);
    assert_eq!((code, told.as_str()), (Some(3), ""));
    assert!(text.contains("running: nothing yet") && text.contains("last answer never"), "{text}");
}

#[test]
fn where_no_agent_is_one_line_says_so() {
    let (code, text, told) = status(&["--url", "http://127.0.0.1:1"]);
    assert_eq!((code, text.as_str(), told.lines().count()), (Some(1), "", 1), "{told}");
    assert!(told.contains("http://127.0.0.1:1") && told.contains("--url"), "{told}");
    let line = agent::mistake(&["status", "--url", "here"]);
    assert!(line.contains("\"here\""), "{line}");
}
