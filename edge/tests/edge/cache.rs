//! A compiled component is run only if this agent made it for this component; else it is compiled again.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use overhaul_bundle::Sha256Digest;
use overhaul_edge::sandbox::cache::CacheError;
use overhaul_edge::sandbox::{CompiledCache, Limits};

use crate::support::hostile::{self, Mischief};

/// Whether a sandbox in `home` was compiled anew; it predicts either way.
fn compiled_anew(home: &Path) -> bool {
    let bytes = hostile::component();
    let read = Cell::new(false);
    let component = || {
        read.set(true);
        Ok(bytes.clone())
    };
    let cache = CompiledCache::open(home).unwrap();
    let sandbox = cache.sandbox(&Sha256Digest::of(&bytes), component, Limits::default()).unwrap();
    let mut predictor = sandbox.instantiate(hostile::MODEL).unwrap();
    assert_eq!(predictor.predict(&Mischief::Behave.window()).unwrap(), [1.0]);
    read.get()
}

/// A directory with a compiled component that is taken, and the paths of the compiled form and its seal.
fn warm() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    assert!(compiled_anew(home.path()));
    assert!(!compiled_anew(home.path()));
    let file = |extension: &str| {
        let digest = Sha256Digest::of(&hostile::component());
        home.path().join("compiled").join(format!("{digest}.{extension}"))
    };
    let (compiled, seal) = (file("cwasm"), file("seal"));
    (home, compiled, seal)
}

/// After `tampering`, the component is compiled again, once.
fn compiled_again_after(tampering: impl FnOnce(&Path, &Path, &Path)) {
    let (home, compiled, seal) = warm();
    tampering(home.path(), &compiled, &seal);
    assert!(compiled_anew(home.path()), "the tampered form was run");
    assert!(!compiled_anew(home.path()), "the form compiled again was not kept");
}

fn flip(path: &Path, at: impl FnOnce(usize) -> usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at(bytes.len());
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_flipped_byte_anywhere_is_compiled_again() {
    compiled_again_after(|_, compiled, _| flip(compiled, |_| 0));
    compiled_again_after(|_, compiled, _| flip(compiled, |length| length / 2));
    compiled_again_after(|_, compiled, _| flip(compiled, |length| length - 1));
    compiled_again_after(|_, _, seal| flip(seal, |_| 31));
}

#[test]
fn a_form_that_is_cut_or_longer_is_compiled_again() {
    compiled_again_after(|_, compiled, _| fs::write(compiled, b"").unwrap());
    compiled_again_after(|_, compiled, _| {
        let bytes = fs::read(compiled).unwrap();
        fs::write(compiled, &bytes[..bytes.len() - 1]).unwrap();
    });
    compiled_again_after(|_, compiled, _| {
        let bytes = fs::read(compiled).unwrap();
        fs::write(compiled, [bytes, vec![0]].concat()).unwrap();
    });
    compiled_again_after(|_, _, seal| fs::write(seal, [0; 16]).unwrap());
    compiled_again_after(|_, _, seal| fs::remove_file(seal).unwrap());
}

#[test]
fn a_form_sealed_with_another_key_is_compiled_again() {
    compiled_again_after(|home, _, _| fs::write(home.join("key"), [7; 32]).unwrap());
    compiled_again_after(|home, _, _| fs::remove_file(home.join("key")).unwrap());
    compiled_again_after(|_, compiled, seal| {
        let (_other, other_compiled, other_seal) = warm();
        fs::copy(other_compiled, compiled).unwrap();
        fs::copy(other_seal, seal).unwrap();
    });
}

#[test]
fn a_form_of_another_component_is_compiled_again() {
    let (home, compiled, seal) = warm();
    let other = hostile::with_core("(memory (export \"memory\") 2)", "");
    let cache = CompiledCache::open(home.path()).unwrap();
    let digest = Sha256Digest::of(&other);
    cache.sandbox(&digest, || Ok(other), Limits::default()).unwrap();
    fs::rename(compiled.with_file_name(format!("{digest}.cwasm")), &compiled).unwrap();
    fs::rename(seal.with_file_name(format!("{digest}.seal")), &seal).unwrap();
    assert!(compiled_anew(home.path()));
}

#[test]
fn a_form_that_others_may_write_or_that_is_a_link_is_compiled_again() {
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    compiled_again_after(|_, compiled, _| mode(compiled, 0o622));
    compiled_again_after(|_, compiled, _| mode(compiled, 0o604));
    compiled_again_after(|_, compiled, _| {
        let moved = compiled.with_extension("moved");
        fs::rename(compiled, &moved).unwrap();
        std::os::unix::fs::symlink(&moved, compiled).unwrap();
    });
    // A key that others could have read has sealed nothing worth believing.
    compiled_again_after(|home, _, _| mode(&home.join("key"), 0o644));
    // The directory is made private again before anything in it is read.
    let (home, _, _) = warm();
    mode(&home.path().join("compiled"), 0o777);
    assert!(!compiled_anew(home.path()));
    let now = fs::metadata(home.path().join("compiled")).unwrap().permissions().mode();
    assert_eq!(now & 0o777, 0o700);
}

#[test]
fn the_cache_s_files_are_private() {
    let (home, compiled, seal) = warm();
    for path in [compiled, seal, home.path().join("key")] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_component_that_imports_is_refused_before_anything_is_cached() {
    let home = tempfile::tempdir().unwrap();
    let cache = CompiledCache::open(home.path()).unwrap();
    let bytes = wat::parse_str(r#"(component (import "wasi:clocks/wall-clock@0.2.0" (instance)))"#).unwrap();
    let refused = cache.sandbox(&Sha256Digest::of(&bytes), || Ok(bytes.clone()), Limits::default());
    assert!(matches!(refused, Err(CacheError::Sandbox(_))));
    assert_eq!(fs::read_dir(home.path().join("compiled")).unwrap().count(), 0);
}
