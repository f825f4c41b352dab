//! Versions from a registry: pulled, verified, swapped; whatever is wrong leaves the old one running.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use overhaul_bundle::{Bundle, Sha256Digest, manifest};
use serde_json::Value;

use crate::support::agent::{Agent, following};
use crate::support::registry::Registry;
use crate::support::{bundle, data_dir, eventually, sandbox};

/// A registry with a GRU as version 1 in production and an LSTM as version 2 beside it.
struct Setup {
    home: tempfile::TempDir,
    data: tempfile::TempDir,
    registry: Registry,
}

impl Setup {
    fn new() -> Self {
        let setup =
            Self { home: tempfile::tempdir().unwrap(), data: data_dir(), registry: Registry::start() };
        let one = bundle::write(&bundle::gru(1), setup.home.path(), "v1");
        bundle::write(&bundle::lstm(2), setup.home.path(), "v2");
        setup.registry.promote(&one);
        setup
    }

    fn bundle(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    fn agent(&self) -> Agent {
        Agent::follow(&self.registry.url(), self.data.path(), &[])
    }

    /// Promotes version 2 after `lie`; it is refused with a reason, and version 1 goes on.
    fn refused(&self, lie: impl FnOnce(&Self)) -> String {
        let agent = self.agent();
        agent.wait_for_version(1);
        self.registry.promote(&self.bundle("v2"));
        lie(self);
        let health = agent.wait_for("a refusal", |health| health["refused"] != Value::Null);
        assert_eq!(health["model"]["version"], 1, "{health}");
        let rows = bundle::readings(&bundle::gru(1), 7);
        assert_eq!(agent.predict(&rows).1["model_version"], 1);
        assert_eq!(agent.terminate(), Some(0));
        // And version 1 is what starts the next time.
        let again = self.agent();
        again.wait_for_version(1);
        health["refused"]["reason"].as_str().unwrap().to_owned()
    }
}

fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
}

/// The digest of a file that only version 2 has.
fn model_of(directory: &Path) -> Sha256Digest {
    Sha256Digest::of(&fs::read(directory.join("model.onnx")).unwrap())
}

#[test]
fn a_version_is_pulled_and_nothing_is_asked_twice() {
    let setup = Setup::new();
    let agent = setup.agent();
    agent.wait_for_version(1);
    let blobs = |asked: &[String]| asked.iter().filter(|path| path.starts_with("blob")).count();
    let asked = eventually("conditional questions", || {
        let asked = setup.registry.change(|content| content.asked.clone());
        (asked.iter().filter(|path| *path == "304").count() >= 3).then_some(asked)
    });
    assert_eq!(blobs(&asked), 6, "{asked:?}");
    assert_eq!(asked.iter().filter(|path| path.starts_with("manifest")).count(), 1, "{asked:?}");
    agent.kill();
    // The next start needs the registry for nothing but the question.
    setup.registry.change(|content| content.asked.clear());
    let agent = setup.agent();
    agent.wait_for("the registry's answer", |health| health["registry"]["reachable"] == true);
    let asked = setup.registry.change(|content| content.asked.clone());
    assert_eq!(blobs(&asked), 0, "{asked:?}");
}

#[test]
fn versions_are_swapped_between_requests_and_no_answer_mixes_two() {
    let setup = Setup::new();
    let agent = setup.agent();
    agent.wait_for_version(1);
    let rows = bundle::readings(&bundle::lstm(2), 7);
    let expected = [bundle::gru(1), bundle::lstm(2)].map(|draft| {
        let mut predictor = sandbox().instantiate(&draft.model).unwrap();
        f64::from(predictor.predict(&rows.concat()).unwrap()[0].max(0.0))
    });
    assert!((expected[0] - expected[1]).abs() > 1.0, "{expected:?}");
    let swapped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asking = || {
            let (mut old, mut new) = (0, 0);
            while !swapped.load(Ordering::Relaxed) || new < 20 {
                let (status, answer) = agent.predict(&rows);
                assert_eq!(status, 200, "{answer}");
                let wanted = match (answer["model_version"].as_u64(), answer["model_type"].as_str()) {
                    (Some(1), Some("GRU")) => {
                        old += 1;
                        expected[0]
                    }
                    (Some(2), Some("LSTM")) => {
                        new += 1;
                        expected[1]
                    }
                    _ => panic!("{answer}"),
                };
                let rul = answer["predicted_rul"].as_f64().unwrap();
                assert!((rul - wanted).abs() < 1e-3, "the number is the other version's: {answer}");
            }
            (old, new)
        };
        let clients = [(); 3].map(|()| scope.spawn(asking));
        std::thread::sleep(std::time::Duration::from_millis(300));
        setup.registry.promote(&setup.bundle("v2"));
        agent.wait_for_version(2);
        swapped.store(true, Ordering::Relaxed);
        for client in clients {
            let (old, new) = client.join().unwrap();
            assert!(old > 0 && new > 0);
        }
    });
    // Back again: it is still on disk.
    setup.registry.change(|content| content.blobs.clear());
    setup.registry.change(|content| content.production = None);
    agent.wait_for("an alias that is gone", |health| health["registry"]["error"] != Value::Null);
    assert_eq!(agent.health()["model"]["version"], 2);
    let one = overhaul_bundle::Bundle::open(&setup.bundle("v1")).unwrap();
    setup.registry.change(|content| content.production = Some((1, one.digest())));
    agent.wait_for_version(1);
}

#[test]
fn a_tampered_file_is_refused_and_the_old_version_keeps_running() {
    let setup = Setup::new();
    let reason = setup.refused(|setup| {
        let digest = model_of(&setup.bundle("v2"));
        setup.registry.change(|content| flip(content.blobs.get_mut(&digest).unwrap()));
    });
    assert!(reason.contains("sha256"), "{reason}");
}

#[test]
fn a_manifest_that_is_not_the_alias_s_is_refused() {
    let setup = Setup::new();
    let reason = setup.refused(|setup| {
        let other = bundle::write(&bundle::gru(2), setup.home.path(), "another v2");
        let other = fs::read(other.join(manifest::FILE)).unwrap();
        setup.registry.change(|content| content.manifests.insert(2, other));
    });
    assert!(reason.contains("not the one its alias names"), "{reason}");
}

#[test]
fn a_manifest_of_another_version_is_refused() {
    let setup = Setup::new();
    let reason = setup.refused(|setup| {
        let two = fs::read(setup.bundle("v2").join(manifest::FILE)).unwrap();
        let digest = Sha256Digest::of(&two);
        setup.registry.change(|content| {
            content.manifests.insert(3, two);
            content.production = Some((3, digest));
        });
    });
    assert!(reason.contains("versions/3/manifest"), "{reason}");
}

#[test]
fn a_model_that_misses_its_golden_vectors_is_refused_and_not_tried_at_every_poll() {
    let setup = Setup::new();
    let mut wrong = bundle::lstm(3);
    wrong.golden.expected[0] += 1.0;
    let three = bundle::write(&wrong, setup.home.path(), "v3");
    let agent = setup.agent();
    agent.wait_for_version(1);
    setup.registry.promote(&three);
    let first = agent.wait_for("a refusal", |health| health["refused"]["version"] == 3)["refused"].clone();
    assert!(first["reason"].as_str().unwrap().contains("golden vectors"), "{first}");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(agent.health()["refused"], first);
    assert_eq!(agent.log().matches("does not run here").count(), 1, "{}", agent.log());
    // A version that is good is taken at once.
    setup.registry.promote(&setup.bundle("v2"));
    assert_eq!(agent.wait_for_version(2)["refused"], Value::Null);
}

#[test]
fn the_last_good_version_runs_while_the_registry_is_away() {
    let mut setup = Setup::new();
    let agent = setup.agent();
    agent.wait_for_version(1);
    setup.registry.go_away();
    agent.wait_for("a registry that is away", |health| health["registry"]["reachable"] == false);
    let rows = bundle::readings(&bundle::gru(1), 7);
    assert_eq!(agent.predict(&rows).0, 200);
    agent.kill();
    let agent = setup.agent();
    agent.wait_for_version(1);
    assert_eq!(agent.predict(&rows).0, 200);
    setup.registry.come_back();
    setup.registry.promote(&setup.bundle("v2"));
    let health = agent.wait_for_version(2);
    assert_eq!(
        (&health["registry"]["reachable"], &health["registry"]["error"]),
        (&true.into(), &Value::Null)
    );
}

#[test]
fn a_bundle_that_rots_on_disk_is_fetched_again() {
    let setup = Setup::new();
    let agent = setup.agent();
    let digest = agent.wait_for_version(1)["model"]["bundle_sha256"].as_str().unwrap().to_owned();
    agent.kill();
    let model = setup.data.path().join("bundles").join(digest).join("model.onnx");
    let mut bytes = fs::read(&model).unwrap();
    flip(&mut bytes);
    fs::write(&model, bytes).unwrap();
    let agent = setup.agent();
    assert_eq!(agent.wait_for_version(1)["refused"], Value::Null);
    assert!(agent.log().contains("does not match its manifest"), "{}", agent.log());
}

#[test]
fn a_full_disk_leaves_nothing_half_written_and_the_old_version_running() {
    let setup = Setup::new();
    let agent = setup.agent();
    agent.wait_for_version(1);
    agent.kill();
    let mut big = bundle::lstm(2);
    bundle::change_model(&mut big, |model| model.doc_string = "x".repeat(300_000));
    let two = bundle::write(&big, setup.home.path(), "big");
    let digest = setup.registry.promote(&two).digest().to_string();
    // A limit on the size of files makes writing fail as a full disk does.
    let agent = Agent::start_limited(&following(&setup.registry.url(), setup.data.path()));
    let health = agent.wait_for("a refusal", |health| health["refused"] != Value::Null);
    assert!(health["refused"]["reason"].as_str().unwrap().contains("cannot write"), "{health}");
    assert_eq!(health["model"]["version"], 1);
    assert!(!setup.data.path().join("bundles").join(&digest).exists());
    agent.kill();
    // With room again, it is pulled.
    let agent = setup.agent();
    agent.wait_for_version(2);
}

#[test]
fn only_the_running_version_and_the_one_before_are_kept() {
    let setup = Setup::new();
    let three = bundle::write(&bundle::gru(3), setup.home.path(), "v3");
    let agent = setup.agent();
    agent.wait_for_version(1);
    setup.registry.promote(&setup.bundle("v2"));
    agent.wait_for_version(2);
    setup.registry.promote(&three);
    agent.wait_for_version(3);
    let kept = || fs::read_dir(setup.data.path().join("bundles")).unwrap().count();
    eventually("pruning", || (kept() == 2).then_some(()));
    assert_eq!(fs::read_dir(setup.data.path().join("staging")).unwrap().count(), 0);
}

#[test]
fn of_versions_that_are_refused_only_the_last_one_stays_on_disk() {
    let setup = Setup::new();
    let agent = setup.agent();
    agent.wait_for_version(1);
    setup.registry.promote(&setup.bundle("v2"));
    agent.wait_for_version(2);
    let mut bad = Vec::new();
    for version in 3..6 {
        let mut draft = bundle::gru(version);
        draft.golden.expected[0] += 1.0;
        bad.push(bundle::write(&draft, setup.home.path(), &format!("v{version}")));
        setup.registry.promote(&bad[bad.len() - 1]);
        agent.wait_for("a refusal", |health| health["refused"]["version"] == version);
    }
    let digest = |directory: &Path| Bundle::open(directory).unwrap().digest().to_string();
    let mut kept =
        [&setup.bundle("v1"), &setup.bundle("v2"), &bad[2]].map(|directory| digest(directory)).to_vec();
    kept.sort();
    // What ran, what ran before it, and what the alias names; they go after the refusal is told.
    eventually("three bundles", || {
        let names = fs::read_dir(setup.data.path().join("bundles")).unwrap();
        let mut names: Vec<String> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        (names == kept).then_some(())
    });
    // Both start again without the registry, and going back to the one before costs no download.
    agent.kill();
    setup.registry.change(|content| content.asked.clear());
    let agent = setup.agent();
    agent.wait_for_version(2);
    setup.registry.promote(&setup.bundle("v1"));
    agent.wait_for_version(1);
    let asked = setup.registry.change(|content| content.asked.clone());
    assert!(!asked.iter().any(|path| path.starts_with("blob")), "{asked:?}");
}
