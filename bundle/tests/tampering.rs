//! Threat: a bundle's files are changed, lost, added or linked elsewhere.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use common::bundle;
use overhaul_bundle::{Bundle, Sha256Digest};

/// The one line that refuses a directory.
fn refusal(directory: &Path) -> String {
    let error = Bundle::open(directory).unwrap_err();
    assert!(!error.is_fault(), "{error} is the bundle's fault, not the machine's");
    error.to_string()
}

#[test]
fn an_untouched_bundle_opens_and_is_named_by_its_manifests_digest() {
    let (_home, directory) = bundle();
    let opened = Bundle::open(&directory).unwrap();
    assert_eq!(opened.digest(), Sha256Digest::of(&fs::read(directory.join("manifest.json")).unwrap()));
    assert_eq!(opened.metadata().unwrap(), common::draft().metadata);
    assert_eq!(opened.golden().unwrap(), common::draft().golden);
}

#[test]
fn a_flipped_bit_in_any_file_is_refused() {
    let (_home, directory) = bundle();
    for item in fs::read_dir(&directory).unwrap() {
        let path = item.unwrap().path();
        let good = fs::read(&path).unwrap();
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            let line = refusal(&directory);
            let name = path.file_name().unwrap().to_str().unwrap();
            // A changed manifest may read as a changed file, or as no manifest at all.
            assert!(name == "manifest.json" || line.contains(name), "{name}: {line}");
        }
        fs::write(&path, good).unwrap();
    }
    Bundle::open(&directory).unwrap();
}

#[test]
fn a_longer_or_shorter_file_is_refused_with_both_sizes() {
    let (_home, directory) = bundle();
    fs::write(directory.join("model.onnx"), b"onnx and more").unwrap();
    let line = refusal(&directory);
    assert!(line.contains("13 bytes") || line.contains("instead of 4 bytes"), "{line}");
}

#[test]
fn a_missing_file_is_refused_by_name_unless_gateways_do_without_it() {
    let (_home, directory) = bundle();
    fs::remove_file(directory.join("weights.safetensors")).unwrap();
    Bundle::open(&directory).unwrap();
    fs::remove_file(directory.join("golden.safetensors")).unwrap();
    assert!(refusal(&directory).contains("lacks golden.safetensors"));
}

#[test]
fn an_extra_file_or_folder_is_refused_by_name() {
    let (_home, directory) = bundle();
    fs::create_dir(directory.join("hidden")).unwrap();
    assert!(refusal(&directory).contains("hidden is not in the bundle's manifest"));
    fs::remove_dir(directory.join("hidden")).unwrap();
    fs::write(directory.join("extra.bin"), b"x").unwrap();
    assert!(refusal(&directory).contains("extra.bin is not in the bundle's manifest"));
}

#[test]
fn a_link_is_refused_even_when_it_leads_to_the_right_bytes() {
    let (home, directory) = bundle();
    let elsewhere = home.path().join("model.onnx");
    fs::rename(directory.join("model.onnx"), &elsewhere).unwrap();
    symlink(&elsewhere, directory.join("model.onnx")).unwrap();
    assert!(refusal(&directory).contains("is no plain file"));
}

#[test]
fn a_directory_that_is_no_bundle_is_refused_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    assert!(refusal(home.path()).contains("no manifest.json"));
    assert!(refusal(&home.path().join("nowhere")).contains("no manifest.json"));
}

#[test]
fn a_file_changed_after_opening_is_refused_when_it_is_read() {
    let (_home, directory) = bundle();
    let opened = Bundle::open(&directory).unwrap();
    fs::write(directory.join("model.onnx"), b"evil").unwrap();
    assert!(opened.model().unwrap_err().to_string().contains("does not match its manifest"));
}
