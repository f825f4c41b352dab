//! The program trains, checks and writes a bundle that stands on its own; without a registry it stays on disk.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::trainer;
use overhaul_bundle::Bundle;

fn data() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    overhaul_trainer::simulate::write(&data, "FD001", 6, 1).unwrap();
    (directory, data)
}

/// The real data, if the machine has it.
fn cmapss() -> Option<PathBuf> {
    let named = std::env::var_os("OVERHAUL_CMAPSS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cmapss");
    named.or_else(|| beside.join("train_FD001.txt").is_file().then_some(beside))
}

fn train(data: &Path, more: &[&str]) -> Output {
    trainer()
        .args(["train", "--epochs", "1", "--hidden-size", "8", "--json", "--data"])
        .arg(data)
        .args(more)
        .output()
        .unwrap()
}

fn assert_success(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_bundle_without_a_registry_has_no_number_and_runs_on_tract() {
    let (directory, data) = data();
    for model in ["gru", "LSTM"] {
        let out = directory.path().join(model);
        let output =
            train(&data, &["--model", model, "--out", out.to_str().unwrap(), "--name", "Pumpe Nord 3"]);
        assert_success(&output);

        let bundle = Bundle::open(&out).unwrap();
        assert_eq!((bundle.manifest().name.as_str(), bundle.manifest().version), ("Pumpe Nord 3", None));
        let metadata = bundle.metadata().unwrap();
        assert_eq!(metadata.model_type, model.to_uppercase());
        assert_eq!(
            (metadata.sequence_length, metadata.input_features, metadata.test_units),
            (30, 24, Some(6))
        );
        let golden = bundle.golden().unwrap();
        let mut tract = overhaul_component::Model::load(&bundle.model().unwrap()).unwrap();
        assert!(golden.largest_difference(&tract.predict(&golden.windows).unwrap()) <= 1e-3);

        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["name"], "Pumpe Nord 3");
        assert_eq!(summary["version"], serde_json::Value::Null);
        assert_eq!(summary["bundle"], out.to_str().unwrap());
        assert_eq!(summary["bundle_sha256"], bundle.digest().to_string());
        assert_eq!(summary["metrics"]["capped"]["rmse"], metadata.rmse.unwrap());
        assert_eq!(summary["metrics"]["raw"]["mae"], metadata.mae_raw.unwrap());
    }
}

#[test]
fn without_json_the_stages_are_told_on_standard_output() {
    let (directory, data) = data();
    let out = directory.path().join("bundle");
    let output = trainer()
        .args(["train", "--model", "gru", "--epochs", "2", "--hidden-size", "8", "--data"])
        .arg(&data)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert_success(&output);
    let stdout = String::from_utf8(output.stdout).unwrap();
    for part in [
        "run to failure: 6 units",
        "ridge baseline",
        "calibration: 1 units",
        "parameters",
        "NASA score",
        "constant",
        "libtorch to component",
        "bundle: ",
    ] {
        assert!(stdout.contains(part), "{stdout:?} lacks {part:?}");
    }
    // Standard error is no terminal here: one line an epoch instead of a bar.
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.lines().filter(|line| line.trim_start().starts_with("epoch")).count(), 2, "{stderr}");
}

#[test]
fn when_no_registry_answers_the_bundle_stays_on_disk_and_the_exit_code_is_1() {
    let (directory, data) = data();
    // A port that was free a moment ago: nothing listens on it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let registry = format!("http://127.0.0.1:{port}");

    let out = directory.path().join("bundle");
    let named = train(&data, &["--model", "gru", "--registry", &registry, "--out", out.to_str().unwrap()]);
    assert_eq!(named.status.code(), Some(1));
    let stderr = String::from_utf8(named.stderr).unwrap();
    assert!(stderr.contains(&format!("the bundle stays in {}", out.display())), "{stderr}");
    assert!(stderr.contains(&registry), "{stderr}");
    assert_eq!(Bundle::open(&out).unwrap().manifest().version, None);
    assert!(named.stdout.is_empty());

    let unnamed = train(&data, &["--model", "gru", "--registry", &registry]);
    assert_eq!(unnamed.status.code(), Some(1));
    let stderr = String::from_utf8(unnamed.stderr).unwrap();
    let place = stderr.lines().find_map(|line| line.split_once("the bundle stays in ")).unwrap().1;
    Bundle::open(Path::new(place)).unwrap();
    fs::remove_dir_all(Path::new(place).parent().unwrap()).unwrap();
}

#[test]
fn a_component_that_is_not_there_is_refused_before_training() {
    let (directory, data) = data();
    let out = directory.path().join("bundle");
    let output =
        train(&data, &["--model", "gru", "--component", "no/such.wasm", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.lines().count() == 1 && stderr.contains("no/such.wasm"), "{stderr}");
    assert!(!out.exists());
}

#[test]
fn the_real_data_is_read_whole_where_it_is() {
    let Some(cmapss) = cmapss() else { return };
    let dataset = overhaul_trainer::data::Dataset::load(&cmapss, "FD001", None).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len()), (100, 100));
    assert_eq!(overhaul_trainer::data::Dataset::cycles(&dataset.train), 20_631);
    assert_eq!(overhaul_trainer::data::Dataset::cycles(&dataset.test), 13_096);
    assert_eq!(dataset.test_remaining[..3], [112.0, 98.0, 69.0]);
}
