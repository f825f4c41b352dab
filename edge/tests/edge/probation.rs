//! A new version that fails its first predictions is taken back by the gateway itself, and no request is lost.

use std::path::PathBuf;

use overhaul_bundle::Sha256Digest;
use serde_json::Value;

use crate::support::agent::Agent;
use crate::support::hostile::{self, Mischief};
use crate::support::registry::{Registry, Reported};
use crate::support::{bundle, data_dir, eventually};

/// A registry with a robust version 1 in production, and a version 2 beside it that misbehaves when asked to.
struct Setup {
    home: tempfile::TempDir,
    data: tempfile::TempDir,
    registry: Registry,
}

impl Setup {
    fn new() -> Self {
        let setup =
            Self { home: tempfile::tempdir().unwrap(), data: data_dir(), registry: Registry::start() };
        let one = bundle::hostile_with(1, hostile::ROBUST_MODEL);
        bundle::write(&bundle::hostile_with(2, hostile::MODEL), setup.home.path(), "v2");
        setup.registry.promote(&bundle::write(&one, setup.home.path(), "v1"));
        let component = hostile::component();
        setup
            .registry
            .change(|content| content.blobs.insert(Sha256Digest::of(&component), component.clone()));
        setup
    }

    fn agent(&self, more: &[&str]) -> Agent {
        Agent::follow(&self.registry.url(), self.data.path(), more)
    }

    /// An agent that has just swapped version 1 for version 2.
    fn on_probation(&self, more: &[&str]) -> Agent {
        let agent = self.agent(more);
        agent.wait_for_version(1);
        self.registry.promote(&self.home.path().join("v2"));
        agent.wait_for_version(2);
        agent
    }

    fn bundle_on_disk(&self, version: &str) -> PathBuf {
        let digest = overhaul_bundle::Bundle::open(&self.home.path().join(version)).unwrap().digest();
        self.data.path().join("bundles").join(digest.to_string())
    }

    /// Waits until the agent has asked the registry so often again.
    fn questions(&self, count: usize) {
        let asked = || self.registry.change(|content| content.asked.len());
        let before = asked();
        eventually("questions", || (asked() >= before + count).then_some(()));
    }
}

fn version_that_answers(agent: &Agent, mischief: Mischief) -> Value {
    let (status, answer) = agent.predict(&[mischief.window().to_vec()]);
    assert_eq!(status, 200, "{answer}");
    answer["model_version"].clone()
}

#[test]
fn a_version_that_traps_on_probation_is_taken_back_and_each_request_is_answered() {
    let setup = Setup::new();
    let agent = setup.on_probation(&[]);
    assert_eq!(version_that_answers(&agent, Mischief::Behave), 2);
    for mischief in [Mischief::Trap, Mischief::AnswerNan] {
        assert_eq!(version_that_answers(&agent, mischief), 1);
        assert_eq!(agent.health()["model"]["version"], 2, "one failure is forgiven");
    }
    assert_eq!(agent.health()["probation"]["failures"], 2);
    assert_eq!(version_that_answers(&agent, Mischief::AnswerTooMuch), 1);
    let health = agent.wait_for("a refusal", |health| health["refused"] != Value::Null);
    assert_eq!(health["model"]["version"], 1);
    assert_eq!(health["probation"], Value::Null);
    assert_eq!(health["refused"]["version"], 2);
    let reason = health["refused"]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("3 of its first 4 predictions failed, the last one: ")
            && reason.contains("nonsense"),
        "{reason}"
    );
    let told = eventually("the report of it", || {
        let fell = |report: &&Reported| report.event["kind"] == "fell_back";
        setup.registry.change(|content| content.reports.iter().find(fell).map(|report| report.event.clone()))
    });
    assert_eq!((&told["from"]["version"], &told["to"]["version"]), (&2.into(), &1.into()), "{told}");
    assert_eq!((&told["predictions"], &told["failures"]), (&4.into(), &3.into()), "{told}");
    // The registry goes on naming version 2, in vain, and without a download.
    setup.registry.change(|content| content.blobs.clear());
    setup.questions(5);
    assert_eq!(version_that_answers(&agent, Mischief::Trap), 1);
    agent.kill();
    let agent = setup.agent(&[]);
    agent.wait_for("the refusal again", |health| health["refused"]["version"] == 2);
    assert_eq!(version_that_answers(&agent, Mischief::Trap), 1);
    // Until a person says otherwise.
    let digest = agent.health()["refused"]["bundle_sha256"].as_str().unwrap().to_owned();
    assert_eq!(agent.ask("GET", "/refused", b"").1["refused"][0]["bundle_sha256"], digest);
    let (status, answer) = agent.ask("DELETE", &format!("/refused/{digest}"), b"");
    assert_eq!((status, answer["allowed"].as_str()), (200, Some(&*digest)), "{answer}");
    agent.wait_for_version(2);
    assert_eq!(agent.ask("DELETE", &format!("/refused/{digest}"), b"").0, 404);
    assert_eq!(agent.ask("DELETE", "/refused/x", b"").0, 422);
}

#[test]
fn requests_that_arrive_while_it_falls_back_are_all_answered() {
    let setup = Setup::new();
    let agent = setup.on_probation(&["--probation-failures", "10"]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    for mischief in [Mischief::Behave, Mischief::Trap, Mischief::Recurse] {
                        version_that_answers(&agent, mischief);
                    }
                }
            });
        }
    });
    agent.wait_for("version 1 again", |health| {
        health["model"]["version"] == 1 && health["refused"]["version"] == 2
    });
    assert_eq!(version_that_answers(&agent, Mischief::Behave), 1);
}

#[test]
fn a_version_that_has_proven_itself_stays_and_its_failures_are_told() {
    let setup = Setup::new();
    let agent = setup.on_probation(&["--probation", "5"]);
    for _ in 0..5 {
        assert_eq!(version_that_answers(&agent, Mischief::Behave), 2);
    }
    assert_eq!(agent.health()["probation"], Value::Null);
    let (status, answer) = agent.predict(&[Mischief::Trap.window().to_vec()]);
    assert_eq!(status, 500, "{answer}");
    assert_eq!(version_that_answers(&agent, Mischief::Behave), 2);
    // And after a start as well: its probation does not begin again.
    let proven = || std::fs::read_to_string(setup.data.path().join("active.json")).unwrap();
    eventually("a record", || proven().contains("\"proven\": true").then_some(()));
    agent.kill();
    let agent = setup.agent(&[]);
    agent.wait_for_version(2);
    assert_eq!(agent.health()["probation"], Value::Null);
}

#[test]
fn a_start_on_probation_has_the_version_before_at_hand() {
    let mut setup = Setup::new();
    setup.on_probation(&[]).kill();
    setup.registry.go_away();
    let agent = setup.agent(&[]);
    agent.wait_for_version(2);
    for _ in 0..3 {
        assert_eq!(version_that_answers(&agent, Mischief::Trap), 1);
    }
    agent.wait_for("version 1", |health| health["model"]["version"] == 1);
}

#[test]
fn a_version_with_which_the_agent_does_not_live_long_is_taken_back() {
    let mut setup = Setup::new();
    setup.on_probation(&[]).kill();
    setup.registry.go_away();
    for _ in 0..3 {
        let agent = setup.agent(&[]);
        agent.wait_for_version(2);
        agent.kill();
    }
    let agent = setup.agent(&[]);
    let health = agent.wait_for_version(1);
    assert_eq!(health["refused"]["version"], 2, "{health}");
    assert!(health["refused"]["reason"].as_str().unwrap().contains("ended 3 times"), "{health}");
}

#[test]
fn what_ran_before_runs_when_what_ran_last_is_damaged() {
    let mut setup = Setup::new();
    setup.on_probation(&[]).kill();
    setup.registry.go_away();
    std::fs::write(setup.bundle_on_disk("v2").join("model.onnx"), b"?").unwrap();
    let agent = setup.agent(&[]);
    let health = agent.wait_for_version(1);
    assert_eq!(health["refused"]["version"], 2, "{health}");
    // It is the copy on disk that is bad: with the registry back, version 2 comes again.
    setup.registry.come_back();
    agent.wait_for_version(2);
}
