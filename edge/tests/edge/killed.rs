//! Killed at any moment of a pull and an activation, the agent starts again without the registry, with a whole
//! version; then it gets the new one, fetches no byte twice, and leaves nothing half done.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use overhaul_bundle::{Bundle, Sha256Digest};
use serde_json::Value;

use crate::support::agent::Agent;
use crate::support::registry::Registry;
use crate::support::{bundle, hostile};
use crate::zoo;

/// So many bytes are added to each version's model and to its component, so that fetching them takes a while.
const PADDING: usize = 200_000;
/// Kills that are spread evenly over the whole of it.
const KILLS: usize = 40;

/// Changes on disk: a folder, a file half and whole for each of its parts, the bundle, its component, that compiled,
/// the record.
const CHANGES: usize = 15;

/// Two versions, and the data directory of an agent that runs the first.
struct Scene {
    home: tempfile::TempDir,
    data: tempfile::TempDir,
    bundles: [Bundle; 2],
    components: [Vec<u8>; 2],
    /// What each version answers.
    answers: [Value; 2],
    /// What lies in the directory when the second version runs.
    left: BTreeSet<PathBuf>,
    /// How long it takes from the offer until the second version answers.
    took: Duration,
}

/// An agent of its own that runs the first version, and its registry.
struct Place {
    data: tempfile::TempDir,
    registry: Registry,
}

/// What a kill found.
#[derive(Debug, Default)]
struct Found {
    /// The version that started without the registry.
    version: u64,
    /// Bytes of files that had not come whole.
    partial: u64,
}

fn padded(answer: f32) -> Vec<u8> {
    let model = zoo::Model { window: bundle::LENGTH, features: bundle::FEATURES, answer };
    let padding = format!("(@custom \"padding\" \"{}\")", "x".repeat(PADDING));
    hostile::lift(&zoo::module(&padding, model))
}

fn rows() -> Vec<Vec<f32>> {
    vec![vec![1.0; bundle::FEATURES]; bundle::LENGTH]
}

/// The files and folders under a directory, with their inodes and lengths; what vanishes meanwhile is left out.
fn listing(directory: &Path) -> BTreeSet<(PathBuf, u64, u64)> {
    let mut found = BTreeSet::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = item.metadata() else { continue };
            let name = item.path().strip_prefix(directory).unwrap().to_owned();
            // Databases, and the logs beside them, grow, come and go as SQLite likes.
            if !name.to_str().unwrap().contains(".db") {
                // What a download has so far grows as the network likes.
                let grows = metadata.is_dir() || name.extension().is_some_and(|end| end == "partial");
                let length = if grows { 0 } else { metadata.len() };
                found.insert((name, metadata.ino(), length));
            }
            if metadata.is_dir() {
                folders.push(item.path());
            }
        }
    }
    found
}

fn names(directory: &Path) -> BTreeSet<PathBuf> {
    listing(directory).into_iter().map(|(name, ..)| name).collect()
}

fn copy(from: &Path, to: &Path) {
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let to = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy(&item.path(), &to);
        } else {
            fs::copy(item.path(), to).unwrap();
        }
    }
}

impl Scene {
    fn new() -> Self {
        let (home, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let components = [padded(30.0), padded(50.0)];
        let bundles = [(1, 30.0), (2, 50.0)].map(|(version, answer)| {
            let model = zoo::Model { window: bundle::LENGTH, features: bundle::FEATURES, answer };
            let mut draft = bundle::foreign(version, &components[version as usize - 1], model, 2);
            draft.model = vec![version as u8; PADDING];
            let place = bundle::write(&draft, home.path(), &format!("v{version}"));
            Bundle::open(&place).unwrap()
        });
        let answers = [Value::Null, Value::Null];
        let (left, took) = (BTreeSet::new(), Duration::ZERO);
        let mut scene = Self { home, data, bundles, components, answers, left, took };
        let first = scene.place();
        let agent = first.agent();
        agent.wait_for_version(1);
        scene.answers[0] = agent.predict(&rows()).1;
        assert_eq!(agent.terminate(), Some(0));
        scene.data = first.data;
        let place = scene.place();
        let agent = place.agent();
        agent.wait_for_version(1);
        let start = Instant::now();
        scene.offer(&place);
        agent.wait_for_version(2);
        scene.took = start.elapsed();
        scene.answers[1] = agent.predict(&rows()).1;
        assert_eq!(agent.terminate(), Some(0));
        scene.left = names(place.data.path());
        let ruls = scene.answers.each_ref().map(|answer| answer["predicted_rul"].as_f64());
        assert_eq!(ruls, [Some(30.0), Some(50.0)]);
        scene
    }

    /// A copy of the directory, and a registry that offers version 1.
    fn place(&self) -> Place {
        let place = Place { data: tempfile::tempdir().unwrap(), registry: Registry::start() };
        copy(self.data.path(), place.data.path());
        place.registry.promote(&self.home.path().join("v1"));
        place.registry.change(|content| {
            let digested = self.components.iter().map(|bytes| (Sha256Digest::of(bytes), bytes.clone()));
            content.blobs.extend(digested);
        });
        place
    }

    fn offer(&self, place: &Place) {
        place.registry.promote(&self.home.path().join("v2"));
    }

    /// What is to be fetched of version 2, from which byte on, after what lies in a directory.
    fn lacking(&self, data: &Path) -> (Vec<(Sha256Digest, u64)>, u64) {
        let [one, two] = &self.bundles;
        let folders = ["staging", "bundles"].map(|folder| data.join(folder).join(two.digest().to_string()));
        let mut wanted = Vec::new();
        for entry in two.manifest().files.iter().filter(|entry| entry.required) {
            if one.manifest().files.iter().all(|known| known.sha256 != entry.sha256) {
                let places = folders.each_ref().map(|folder| folder.join(entry.path.as_str()));
                wanted.push((entry.sha256, entry.size, places.to_vec()));
            }
        }
        let component = &two.manifest().component;
        let place = data.join("components").join(format!("{}.wasm", component.sha256));
        wanted.push((component.sha256, component.size, vec![place]));
        let (mut lacking, mut partial) = (Vec::new(), 0);
        for (digest, size, places) in wanted {
            if places.iter().any(|place| place.exists()) {
                continue;
            }
            let half = PathBuf::from(format!("{}.partial", places[0].display()));
            let have = fs::metadata(half).map_or(0, |half| half.len());
            partial += have;
            if have < size {
                lacking.push((digest, have));
            }
        }
        (lacking, partial)
    }

    /// One agent that is offered version 2 and killed when `moment` returns.
    fn killed(&self, moment: impl FnOnce(&Agent, &Path)) -> Found {
        let mut place = self.place();
        let agent = place.agent();
        agent.wait_for_version(1);
        self.offer(&place);
        moment(&agent, place.data.path());
        agent.kill();
        place.registry.go_away();
        place.registry.change(|content| content.sent.clear());
        let (lacking, partial) = self.lacking(place.data.path());
        // Without the registry: one of the two, whole.
        let agent = place.agent();
        let health = agent.wait_for("a version", |health| health["model"] != Value::Null);
        let version = health["model"]["version"].as_u64().unwrap();
        assert_eq!(agent.predict(&rows()), (200, self.answers[version as usize - 1].clone()), "{health}");
        assert_eq!(health["refused"], Value::Null, "{health}");
        assert!(!agent.log().contains("panicked"), "{}", agent.log());
        agent.kill();
        // With it: the new one, of which nothing is fetched twice.
        place.registry.come_back();
        let agent = place.agent();
        let health = agent.wait_for_version(2);
        assert_eq!(agent.predict(&rows()), (200, self.answers[1].clone()), "{health}");
        assert_eq!(place.registry.change(|content| content.sent.clone()), lacking);
        assert_eq!(health["refused"], Value::Null, "{health}");
        assert_eq!(agent.terminate(), Some(0));
        let left = names(place.data.path());
        let difference: Vec<_> = left.symmetric_difference(&self.left).collect();
        assert!(difference.is_empty(), "left behind, or not there: {difference:?}");
        for bundle in &self.bundles {
            let kept = place.data.path().join("bundles").join(bundle.digest().to_string());
            assert_eq!(Bundle::open(&kept).unwrap().digest(), bundle.digest());
        }
        Found { version, partial }
    }
}

impl Place {
    fn agent(&self) -> Agent {
        let more = ["--gateway-id", "gw-1", "--download-rate", "1 MiB/s"];
        Agent::follow(&self.registry.url(), self.data.path(), &more)
    }
}

/// Runs rounds 0, 1, 2 … on two threads until one answers `None`; answers what they found.
fn rounds(round: impl Fn(usize) -> Option<Found> + Sync) -> Vec<Found> {
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut found = Vec::new();
        while !over.load(Ordering::Relaxed) {
            match round(next.fetch_add(1, Ordering::Relaxed)) {
                Some(one) => found.push(one),
                None => over.store(true, Ordering::Relaxed),
            }
        }
        found
    };
    std::thread::scope(|scope| {
        let workers = [(); 2].map(|()| scope.spawn(work));
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

#[test]
fn at_any_time_it_starts_again_with_a_whole_version_and_loses_nothing() {
    let scene = Scene::new();
    let found = rounds(|round| {
        let delay = scene.took.mul_f64(1.2 * round as f64 / KILLS as f64);
        (round <= KILLS).then(|| scene.killed(|_, _| std::thread::sleep(delay)))
    });
    assert_eq!(found.len(), KILLS + 1);
    // Early, late and in the midst of a download: without these it says nothing.
    assert!(found.iter().any(|kill| kill.version == 1), "{found:?}");
    assert!(found.iter().any(|kill| kill.version == 2), "{found:?}");
    assert!(found.iter().any(|kill| kill.partial > 0), "{found:?}");
}

#[test]
fn at_each_change_on_disk_it_starts_again_with_a_whole_version_and_loses_nothing() {
    let scene = Scene::new();
    let mut found = Vec::new();
    // On a busy machine several changes look like one, so all of it is gone through until there were enough kills.
    while found.len() < CHANGES {
        let kills = rounds(|round| {
            let mut reached = false;
            let found = scene.killed(|agent, data| reached = nth_change(agent, data, round + 1));
            // Version 2 answered before it was killed, so it answers again.
            assert!(reached || found.version == 2, "{found:?}");
            reached.then_some(found)
        });
        assert!(kills.iter().any(|kill| kill.version == 1), "{kills:?}");
        found.extend(kills);
    }
}

/// Waits for so many changes in a directory; false when version 2 answers before that.
fn nth_change(agent: &Agent, data: &Path, count: usize) -> bool {
    let (mut seen, mut changes) = (listing(data), 0);
    let mut last = Instant::now();
    loop {
        let now = listing(data);
        if now != seen {
            (seen, changes, last) = (now, changes + 1, Instant::now());
            if changes == count {
                return true;
            }
        }
        // To ask takes time in which changes would go unseen; so only when nothing has changed for long.
        if last.elapsed() > Duration::from_millis(400) {
            if agent.health()["model"]["version"] == 2 {
                return false;
            }
            last = Instant::now();
        }
    }
}
