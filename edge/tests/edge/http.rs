//! The agent's HTTP interface: what it answers to readings, and to what are none.

use std::fs;

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::hostile::{self, Mischief};
use crate::support::{bundle, data_dir};

/// An agent with a GRU of three features and windows of seven readings; the directories it uses.
fn agent(draft: &overhaul_bundle::Draft) -> (Agent, [tempfile::TempDir; 2]) {
    let (home, data) = (tempfile::tempdir().unwrap(), data_dir());
    let directory = bundle::write(draft, home.path(), "v1");
    let [directory, at] = [directory.as_path(), data.path()].map(|path| path.to_str().unwrap());
    let agent = Agent::start(&["--bundle", directory, "--data-dir", at]);
    (agent, [home, data])
}

fn detail(answer: &(u16, Value), status: u16) -> String {
    assert_eq!(answer.0, status, "{}", answer.1);
    answer.1["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_window_is_answered_with_an_interval_and_the_version() {
    let draft = bundle::lstm(3);
    let (agent, _home) = agent(&draft);
    let (status, answer) = agent.predict(&bundle::readings(&draft, 7));
    assert_eq!(status, 200, "{answer}");
    let expected = f64::from(draft.golden.expected[0]);
    let close = |value: &Value, to: f64| (value.as_f64().unwrap() - to).abs() < 1e-3;
    assert!(close(&answer["predicted_rul"], expected), "{answer}");
    let interval = &answer["confidence_interval"];
    assert!(close(&interval["lower"], (expected - 20.0).max(0.0)), "{answer}");
    assert!(close(&interval["upper"], expected + 20.0), "{answer}");
    assert_eq!(interval["level"], 0.9);
    assert_eq!((&answer["model_version"], &answer["model_type"]), (&json!(3), &json!("LSTM")));
    assert_eq!((&answer["padded_rows"], &answer["clamped"]), (&json!(0), &json!(false)));
}

#[test]
fn more_rows_than_a_window_use_the_last_and_fewer_are_padded() {
    let draft = bundle::lstm(1);
    let (agent, _home) = agent(&draft);
    let rows = bundle::readings(&draft, 14);
    let whole = agent.predict(&rows).1;
    assert_eq!(whole, agent.predict(&rows[7..]).1);
    let padded = agent.predict(&rows[12..]).1;
    assert_eq!(padded["padded_rows"], 5);
    let by_hand = [vec![rows[12].clone(); 5], rows[12..].to_vec()].concat();
    assert_eq!(agent.predict(&by_hand).1["predicted_rul"], padded["predicted_rul"]);
    assert_eq!(agent.predict(&vec![rows[0].clone(); 100]).0, 200);
}

#[test]
fn a_prediction_below_zero_is_said_to_be_clamped() {
    let draft = bundle::gru(1);
    assert!(draft.golden.expected[0] < 0.0);
    let (agent, _home) = agent(&draft);
    let answer = agent.predict(&bundle::readings(&draft, 7)).1;
    assert_eq!((&answer["predicted_rul"], &answer["clamped"]), (&json!(0.0), &json!(true)));
}

#[test]
fn bad_windows_are_refused_with_their_row_and_column() {
    let (agent, _home) = agent(&bundle::gru(1));
    let post = |body: &str| agent.ask("POST", "/predict/simple", body.as_bytes());
    let line = detail(&agent.predict(&[vec![1.0; 3], vec![1.0; 2]]), 422);
    assert_eq!(line, "sensor_data row 1 has 2 columns; the model takes 3");
    assert!(detail(&agent.predict(&[]), 422).contains("0 rows; send 1 to 100"));
    assert!(detail(&agent.predict(&vec![vec![1.0; 3]; 101]), 422).contains("101 rows; send 1 to 100"));
    let line = detail(&post(r#"{"sensor_data": [[1, null, 3]]}"#), 422);
    assert_eq!(line, "sensor_data row 0 column 1 (sensor_2) is null; send a finite number");
    assert!(detail(&post(r#"{"sensor_data": [[1, "2", 3]]}"#), 422).contains("row 0 column 1"));
    assert!(detail(&post(r#"{"readings": []}"#), 422).contains("lacks sensor_data"));
    assert!(detail(&post(r#"{"sensor_data": [[1, NaN, 3]]}"#), 400).contains("neither NaN nor infinities"));
    assert!(detail(&post("hello"), 400).contains("not valid JSON"));
    assert!(!detail(&agent.ask("POST", "/predict/simple", &vec![b' '; (2 << 20) + 1]), 413).is_empty());
    assert!(detail(&agent.ask("GET", "/nothing", b""), 404).contains("/docs"));
    assert!(detail(&agent.ask("GET", "/predict/simple", b""), 405).contains("/docs"));
}

#[test]
fn the_models_are_listed_with_their_metadata() {
    let draft = bundle::gru(2);
    let (agent, _home) = agent(&draft);
    let (status, answer) = agent.ask("GET", "/models", b"");
    assert_eq!(status, 200);
    let model = &answer["models"][0];
    assert_eq!((&model["version"], &model["model_type"]), (&json!(2), &json!("GRU")));
    assert_eq!(model["feature_columns"], json!(draft.metadata.feature_columns));
    assert_eq!(model["bundle_sha256"], agent.health()["model"]["bundle_sha256"]);
}

#[test]
fn without_a_version_predictions_are_told_to_wait() {
    let data = data_dir();
    let agent =
        Agent::start(&["--registry", "http://127.0.0.1:1", "--data-dir", data.path().to_str().unwrap()]);
    assert!(detail(&agent.predict(&[vec![1.0; 3]]), 503).contains("no model version is here yet"));
    let health = agent.wait_for("a registry that is away", |health| health["registry"]["reachable"] == false);
    assert_eq!((&health["status"], &health["model"]), (&json!("waiting"), &Value::Null));
    assert!(health["registry"]["error"].as_str().unwrap().contains("no registry answers"));
    assert_eq!(agent.ask("GET", "/models", b"").1, json!({ "count": 0, "models": [] }));
}

#[test]
fn a_trap_and_a_missed_deadline_cost_one_answer_each() {
    let (home, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let component = home.path().join("hostile.wasm");
    fs::write(&component, hostile::component()).unwrap();
    let directory = bundle::write(&bundle::hostile(), home.path(), "v1");
    let [component, directory, data] =
        [component.as_path(), &directory, data.path()].map(|path| path.to_str().unwrap());
    let agent = Agent::start(&["--bundle", directory, "--data-dir", data, "--component", component]);
    let send = |mischief: Mischief| agent.predict(&[mischief.window().to_vec()]);
    let count = || {
        let (status, answer) = send(Mischief::Behave);
        assert_eq!(status, 200, "{answer}");
        answer["predicted_rul"].as_f64().unwrap()
    };
    // The first call of the instance was the golden window.
    assert!((count() - 2.0).abs() < 1e-6);
    assert!(detail(&send(Mischief::Trap), 500).contains("trapped"));
    assert!((count() - 1.0).abs() < 1e-6);
    assert!(detail(&send(Mischief::EatMemory), 500).contains("memory"));
    assert!((count() - 1.0).abs() < 1e-6);
    assert!(detail(&send(Mischief::LoopForever), 504).contains("deadline of 5 s"));
    assert!((count() - 1.0).abs() < 1e-6);
    assert_eq!(agent.health()["status"], "ok");
}

#[test]
fn a_window_that_traps_costs_those_that_arrive_with_it_nothing() {
    let (home, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let component = home.path().join("hostile.wasm");
    fs::write(&component, hostile::component()).unwrap();
    let directory = bundle::write(&bundle::hostile(), home.path(), "v1");
    let [component, directory, data] =
        [component.as_path(), &directory, data.path()].map(|path| path.to_str().unwrap());
    let agent = Agent::start(&["--bundle", directory, "--data-dir", data, "--component", component]);
    std::thread::scope(|scope| {
        for number in 0..16 {
            let (mischief, expected) =
                if number % 4 == 0 { (Mischief::Trap, 500) } else { (Mischief::Behave, 200) };
            let agent = &agent;
            scope.spawn(move || {
                for _ in 0..20 {
                    let (status, answer) = agent.predict(&[mischief.window().to_vec()]);
                    assert_eq!(status, expected, "{answer}");
                }
            });
        }
    });
}
