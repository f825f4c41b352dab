//! Units outlive the program: a killed one, a full disk, a damaged file, a file from the future.

use std::fs;

use serde_json::{Value, json};

use crate::support::agent::{self, Agent};
use crate::support::hostile::{self, Mischief};
use crate::support::{bundle, data_dir};
use crate::units::{fitted, numbered, post};

/// A bundle on disk and an agent's directory.
struct Place {
    home: tempfile::TempDir,
    data: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { home: tempfile::tempdir().unwrap(), data: data_dir() };
        bundle::write(&fitted(3), place.home.path(), "v1");
        place
    }

    fn arguments(&self) -> [String; 4] {
        let [bundle, data] = [self.home.path().join("v1"), self.data.path().to_owned()]
            .map(|path| path.to_str().unwrap().to_owned());
        ["--bundle".to_owned(), bundle, "--data-dir".to_owned(), data]
    }

    fn agent(&self) -> Agent {
        Agent::start(&self.arguments())
    }

    fn file(&self) -> std::path::PathBuf {
        self.data.path().join("units.db")
    }
}

/// What is known of a unit, but for the time.
fn unit(agent: &Agent, name: &str) -> Value {
    let (status, mut unit) = agent.ask("GET", &format!("/units/{name}"), b"");
    assert_eq!(status, 200, "{unit}");
    unit["last_seen"] = Value::Null;
    unit
}

#[test]
fn after_a_kill_everything_is_answered_as_if_nothing_had_happened() {
    let (killed, steady) = (Place::new(), Place::new());
    let (one, other) = (killed.agent(), steady.agent());
    let readings = numbered(&fitted(3), 42);
    for agent in [&one, &other] {
        for reading in &readings[..30] {
            assert_eq!(post(agent, "a", std::slice::from_ref(reading)).0, 200);
        }
        assert_eq!(post(agent, "a", &readings[34..40]).0, 200);
        assert_eq!(post(agent, "a", &readings[31..33]).0, 200);
        assert_eq!(post(agent, "gone", &readings[..3]).0, 200);
        assert_eq!(agent.ask("POST", "/units/gone/end-of-life", b"").0, 200);
    }
    one.kill();
    let one = killed.agent();
    assert_eq!(unit(&one, "a"), unit(&other, "a"));
    assert_eq!(one.ask("GET", "/units/gone", b"").0, 404);
    for reading in &readings[40..] {
        let answers = [&one, &other].map(|agent| post(agent, "a", std::slice::from_ref(reading)));
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0, 200);
    }
    assert_eq!(unit(&one, "a"), unit(&other, "a"));
    assert_eq!(one.terminate(), Some(0));
}

#[test]
fn a_full_disk_refuses_readings_and_takes_them_again_when_there_is_room() {
    let place = Place::new();
    let agent = Agent::start_limited_for_now(&place.arguments());
    let readings = numbered(&fitted(3), 600);
    let mut taken = 0;
    let refused = readings.iter().find_map(|reading| {
        let answer = post(&agent, "a", std::slice::from_ref(reading));
        taken += usize::from(answer.0 == 200);
        (answer.0 != 200).then_some(answer)
    });
    let (status, answer) = refused.unwrap();
    assert_eq!(status, 507, "{answer}");
    let line = answer["detail"].as_str().unwrap();
    assert!(line.contains("full or fails") && line.contains("nothing was kept"), "{line}");
    // The agent lives, and what it knows is what it kept.
    assert_eq!(unit(&agent, "a")["cycle"], json!(taken));
    assert_eq!(agent.predict(&[readings[0].1.clone()]).0, 200);
    agent.lift_limit();
    for reading in &readings[taken..taken + 20] {
        let (status, answer) = post(&agent, "a", std::slice::from_ref(reading));
        assert_eq!((status, &answer["accepted"], &answer["flags"]["gap"]), (200, &json!(1), &json!(0)));
    }
    let before = unit(&agent, "a");
    agent.kill();
    assert_eq!(unit(&place.agent(), "a"), before);
}

#[test]
fn a_damaged_file_is_moved_aside_and_the_agent_starts() {
    let place = Place::new();
    fs::write(place.file(), "no database at all, but something that was here before".repeat(100)).unwrap();
    let agent = place.agent();
    assert_eq!(agent.ask("GET", "/units", b"").1["total"], json!(0));
    let log = agent.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("units.db is damaged")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("units.db.damaged"), "{}", lines[0]);
    assert!(place.data.path().join("units.db.damaged").exists());
    assert_eq!(post(&agent, "a", &numbered(&fitted(3), 2)).0, 200);
}

#[test]
fn a_file_of_a_newer_release_and_one_that_cannot_be_made_are_told_in_one_line() {
    let place = Place::new();
    assert_eq!(place.agent().terminate(), Some(0));
    let release = |pragma: &str| -> i64 {
        let connection = rusqlite::Connection::open(place.file()).unwrap();
        connection.execute_batch(pragma).unwrap();
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(release(""), 1);
    assert_eq!(release("PRAGMA user_version = 9"), 9);
    let arguments = place.arguments();
    let run = |arguments: &[String]| {
        let start = ["run", "--listen", "127.0.0.1:0"].map(str::to_owned);
        agent::mistake(&[&start[..], arguments].concat())
    };
    let line = run(&arguments);
    assert!(line.contains("written by a newer release (its version is 9, this one knows 1)"), "{line}");
    assert_eq!(release(""), 9);
    fs::remove_file(place.file()).unwrap();
    fs::create_dir(place.file()).unwrap();
    let line = run(&arguments);
    assert!(line.contains("units.db cannot be written") && line.contains("--data-dir"), "{line}");
}

#[test]
fn without_a_data_directory_units_are_kept_in_memory() {
    let home = tempfile::tempdir().unwrap();
    let component = home.path().join("hostile.wasm");
    fs::write(&component, hostile::component()).unwrap();
    let directory = bundle::write(&bundle::hostile(), home.path(), "v1");
    let [component, directory] = [component.as_path(), &directory].map(|path| path.to_str().unwrap());
    let agent = Agent::start(&["--bundle", directory, "--component", component]);
    let send = |mischief: Mischief| post(&agent, "a", &[(mischief as u64, mischief.window().to_vec())]);
    assert_eq!(send(Mischief::Behave).0, 200);
    // A prediction that fails leaves no reading behind.
    assert_eq!(send(Mischief::Trap).0, 500);
    assert_eq!(unit(&agent, "a")["cycle"], json!(Mischief::Behave as u64));
}
