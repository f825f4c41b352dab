//! Each animal offered to a running agent as version 2: the agent lives, version 1 answers on.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use overhaul_bundle::Sha256Digest;
use serde_json::Value;

use super::turncoat::{Turns, turncoat};
use super::{Model, breeds, component};
use crate::support::agent::Agent;
use crate::support::registry::Registry;
use crate::support::{bundle, data_dir, eventually};

/// An agent on a GRU as version 1, with the real component.
pub(crate) struct Stage {
    pub(crate) home: tempfile::TempDir,
    pub(crate) data: tempfile::TempDir,
    pub(crate) registry: Registry,
    pub(crate) agent: Agent,
}

impl Stage {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let (home, data, registry) = (tempfile::tempdir().unwrap(), data_dir(), Registry::start());
        registry.promote(&bundle::write(&bundle::gru(1), home.path(), "v1"));
        let agent = start(&registry, &data, arguments);
        agent.wait_for_version(1);
        Self { home, data, registry, agent }
    }

    /// The registry now offers version 2, whose manifest names this component.
    pub(crate) fn offer(&self, component: &[u8]) {
        self.offer_model(component, Model::default());
    }

    /// The same, with a model of another shape.
    fn offer_model(&self, component: &[u8], model: Model) {
        let draft = bundle::foreign(2, component, model, 1);
        self.registry.change(|content| content.blobs.insert(Sha256Digest::of(component), component.to_vec()));
        self.registry.promote(&bundle::write(&draft, self.home.path(), "v2"));
    }

    /// The names in a folder of the agent's directory.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let items = fs::read_dir(self.data.path().join(folder)).unwrap();
        let mut names: Vec<_> = items.map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn start(registry: &Registry, data: &tempfile::TempDir, arguments: &[&str]) -> Agent {
    Agent::follow(&registry.url(), data.path(), arguments)
}

/// Offers an animal to an agent with these arguments; it is refused in one line that says this, and
/// nothing else changes.
fn refused(animal: &[u8], said: &str, arguments: &[&str]) {
    let stage = Stage::new(arguments);
    let agent = &stage.agent;
    let compiled = stage.names("compiled");
    let rows = bundle::readings(&bundle::gru(1), 7);
    let (status, before) = agent.predict(&rows);
    assert_eq!((status, &before["model_version"]), (200, &1.into()));
    let over = AtomicBool::new(false);
    let health = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                assert_eq!(agent.predict(&rows), (200, before.clone()));
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        });
        stage.offer(animal);
        let health = agent.wait_for("a refusal", |health| health["refused"] != Value::Null);
        over.store(true, Ordering::Relaxed);
        asking.join().unwrap();
        health
    });
    // What the registry is told of it, which takes some seconds, is seen for all of them together: see `told`.
    let reason = health["refused"]["reason"].as_str().unwrap();
    assert_eq!(health["refused"]["version"], 2, "{health}");
    assert!(reason.contains(said), "{reason}");
    assert!(reason.chars().count() < 600 && !reason.contains(char::is_control), "{reason}");
    // Version 1 answers on, from the same process, which has started nothing that is left.
    assert_eq!((&health["status"], &health["model"]["version"]), (&"ok".into(), &1.into()));
    assert_eq!(agent.predict(&rows), (200, before));
    assert_eq!(agent.children(), [0; 0]);
    // On disk, nothing is left half done, and no code of the animal's.
    assert_eq!(stage.names("staging"), [""; 0]);
    assert_eq!(stage.names("compiled"), compiled);
    assert!(!agent.log().contains("panicked"), "{}", agent.log());
    assert_eq!(stage.agent.terminate(), Some(0));
}

macro_rules! at_large {
    (texts { $($text:ident: $said:literal,)* } breeds { $($breed:ident: $line:literal,)* }) => {
        mod the_agent_outlives_a_component_that {
            use super::{breeds, component, refused};

            $(#[test] fn $text() { refused(&component(text!($text)), $said, &[]); })*
            $(#[test] fn $breed() { refused(&breeds::$breed(), $line, &[]); })*

            #[test]
            fn answers_wrong_numbers() {
                refused(&component(text!(answers_wrong_numbers)), "golden vectors are missed by 1 cycles", &[]);
            }

            #[test]
            fn takes_another_shape() {
                refused(&component(text!(takes_another_shape)), "takes windows of 2 x 3", &[]);
            }

            #[test]
            fn takes_for_ever_to_compile() {
                let said = "takes longer than 1 s to compile; publish the version with another component, \
                            or give this gateway more with --compile-timeout";
                refused(&breeds::remembers(300, 30_000), said, &["--compile-timeout", "1s"]);
            }

            #[test]
            fn takes_all_memory_to_compile() {
                let said = "takes more than 64 MiB of memory to compile; publish the version with another component, \
                            or give this gateway more with --compile-memory";
                refused(&breeds::remembers(1_000, 10_000), said, &["--compile-memory", "64"]);
            }

            #[test]
            fn multiplies_without_end() {
                refused(&breeds::multiplies(), "more than 64 MiB of memory to compile", &["--compile-memory", "64"]);
            }
        }
    };
}
every_animal!(at_large);

/// A component that passes its golden window and then does as `bad` does: it is activated, what it
/// fails is answered by version 1, and version 1 takes over again.
fn taken_back(bad: &str) {
    let stage = Stage::new(&[]);
    let rows = bundle::readings(&bundle::gru(1), 7);
    let before = stage.agent.predict(&rows).1;
    let model = Model { window: bundle::LENGTH, features: bundle::FEATURES, answer: 50.0 };
    stage.offer_model(&turncoat(model, Turns::After(1), bad), model);
    stage.agent.wait_for_version(2);
    eventually("the way back", || {
        let (status, answer) = stage.agent.predict(&rows);
        assert!(status == 200 && (answer == before || answer["predicted_rul"] == 50.0), "{answer}");
        (stage.agent.health()["model"]["version"] == 1).then_some(())
    });
    stage.agent.wait_for("a refusal", |health| health["refused"]["version"] == 2);
    assert_eq!(stage.agent.predict(&rows).1, before);
}

#[test]
fn one_that_turns_bad_after_its_golden_window_is_taken_back() {
    taken_back(text!(traps));
    taken_back(text!(answers_nan));
    taken_back(text!(answers_4_gib));
}

#[test]
fn what_a_component_compiled_to_is_kept_once_it_runs() {
    let stage = Stage::new(&[]);
    let good = breeds::good();
    stage.offer(&good);
    stage.agent.wait_for_version(2);
    let digest = Sha256Digest::of(&good).to_string();
    eventually("its compiled form", || {
        stage.names("compiled").iter().any(|name| name.contains(&digest)).then_some(())
    });
}
