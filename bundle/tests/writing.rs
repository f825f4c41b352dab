//! Promise: a bundle is written whole or not at all, and its files agree with each other.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;

use common::draft;

#[test]
fn an_existing_directory_is_never_overwritten() {
    let (home, directory) = common::bundle();
    let before = fs::read(directory.join("manifest.json")).unwrap();
    let line = draft().write(&directory).unwrap_err().to_string();
    assert!(line.contains("exists already"), "{line}");
    assert_eq!(fs::read(directory.join("manifest.json")).unwrap(), before);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn parts_that_contradict_each_other_leave_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let mut cases = Vec::new();
    let mut other_features = draft();
    other_features.scaler.features.reverse();
    cases.push((other_features, "feature_columns"));
    let mut other_window = draft();
    other_window.golden.sequence_length = 6;
    other_window.golden.windows = vec![0.0; 24];
    cases.push((other_window, "golden.safetensors"));
    let mut no_number = draft();
    no_number.metadata.rmse = Some(f64::NAN);
    cases.push((no_number, "rmse is NaN"));
    for (bad, expected) in cases {
        let line = bad.write(&home.path().join("v1")).unwrap_err().to_string();
        assert!(line.contains(expected), "{line}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "{expected}");
    }
}

#[test]
fn an_unwritable_place_is_a_fault_with_its_path() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), b"").unwrap();
    let error = draft().write(&home.path().join("file/v1")).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
}

#[test]
fn the_text_files_read_as_these() {
    let (_home, directory) = common::bundle();
    for name in ["MLmodel", "metadata.json", "scaler.json", "interval.json"] {
        insta::assert_snapshot!(name.replace('.', "_"), fs::read_to_string(directory.join(name)).unwrap());
    }
}
