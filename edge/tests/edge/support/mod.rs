//! What the tests share: bundles, hostile components, the running program, a registry that lies.

pub(crate) mod agent;
pub(crate) mod bundle;
pub(crate) mod hostile;
pub(crate) mod mosquitto;
pub(crate) mod registry;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use overhaul_bundle::Sha256Digest;
use overhaul_edge::sandbox::{CompiledCache, Limits, Sandbox};

/// The real component, which `cargo xtask setup` puts beside the binaries.
pub(crate) fn component() -> PathBuf {
    overhaul_bundle::component::locate(None).expect("run `cargo xtask setup` first")
}

/// The real component, compiled once for all tests.
pub(crate) fn sandbox() -> Sandbox {
    let bytes = std::fs::read(component()).unwrap();
    let cache = CompiledCache::open(warm_home()).unwrap();
    cache.sandbox(&Sha256Digest::of(&bytes), || unreachable!("it is compiled"), Limits::default()).unwrap()
}

/// A fresh agent directory in which the real component is compiled already.
pub(crate) fn data_dir() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let warm = warm_home();
    std::fs::create_dir(home.path().join("compiled")).unwrap();
    std::fs::copy(warm.join("key"), home.path().join("key")).unwrap();
    for item in std::fs::read_dir(warm.join("compiled")).unwrap() {
        let item = item.unwrap();
        std::fs::copy(item.path(), home.path().join("compiled").join(item.file_name())).unwrap();
    }
    home
}

/// An agent directory with the real component compiled in it. It stays on disk for the next test
/// process: nextest starts one for each test, and compiling takes longer than most of them.
fn warm_home() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let bytes = std::fs::read(component()).unwrap();
        let digest = Sha256Digest::of(&bytes);
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("warm-{digest}"));
        std::fs::create_dir_all(&home).unwrap();
        let lock = File::create(home.join("lock")).unwrap();
        lock.lock().unwrap();
        let cache = CompiledCache::open(&home).unwrap();
        cache.sandbox(&digest, || Ok(bytes), Limits::default()).unwrap();
        home
    })
}

/// Waits until `check` answers something, at most 60 s.
pub(crate) fn eventually<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = check() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}
