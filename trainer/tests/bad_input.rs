//! Bad input costs one line that names the thing, the value and the mend, exit code 2, and writes nothing.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::trainer;

fn simulated(units: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let output =
        trainer().args(["simulate", "--units", units, "--out"]).arg(directory.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    directory
}

fn train(data: &Path, out: &Path, more: &[&str]) -> Output {
    trainer()
        .args(["train", "--model", "gru", "--data"])
        .arg(data)
        .arg("--out")
        .arg(out)
        .args(more)
        .output()
        .unwrap()
}

/// The one line on standard error of a run that must be refused.
fn refusal(data: &Path, more: &[&str]) -> String {
    let out = tempfile::tempdir().unwrap();
    let output = train(data, &out.path().join("bundle"), more);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
    stderr
}

fn assert_says(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{line:?} lacks {part:?}");
    }
}

/// Simulated data with one file rewritten.
fn with_changed(file: &str, change: impl FnOnce(String) -> String) -> tempfile::TempDir {
    let directory = simulated("6");
    let path = directory.path().join(file);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    directory
}

/// One field (from 0) of one line (from 0) replaced.
fn replace(text: &str, line: usize, field: usize, with: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut fields: Vec<&str> = lines[line].split_ascii_whitespace().collect();
    fields[field] = with;
    lines[line] = fields.join(" ");
    lines.join("\n")
}

#[test]
fn a_data_directory_that_is_not_there_is_refused() {
    assert_says(&refusal(Path::new("no/such/place"), &[]), &["no/such/place is not there", "--data"]);
}

#[test]
fn an_unknown_subset_is_refused_with_those_that_are_there() {
    let data = simulated("6");
    assert_says(&refusal(data.path(), &["--subset", "FD009"]), &["\"FD009\"", "the subsets there: FD001"]);
}

#[test]
fn a_missing_or_empty_file_is_refused() {
    let data = with_changed("test_FD001.txt", |_| String::new());
    assert_says(&refusal(data.path(), &[]), &["test_FD001.txt is empty", "at least one line"]);
    fs::remove_file(data.path().join("RUL_FD001.txt")).unwrap();
    fs::write(data.path().join("test_FD001.txt"), "x").unwrap();
    assert_says(&refusal(data.path(), &[]), &["RUL_FD001.txt is missing", "put it beside"]);
}

#[test]
fn a_missing_column_is_refused() {
    let data = with_changed("train_FD001.txt", |text| replace(&text, 6, 25, ""));
    assert_says(
        &refusal(data.path(), &[]),
        &["train_FD001.txt line 7", "25 columns instead of 26", "add or remove"],
    );
}

#[test]
fn a_non_number_and_a_nan_are_refused() {
    let word = with_changed("train_FD001.txt", |text| replace(&text, 3, 8, "12,5"));
    assert_says(
        &refusal(word.path(), &[]),
        &["line 4: column 9 (sensor_4): \"12,5\" is no number", "give a finite number"],
    );
    let nan = with_changed("test_FD001.txt", |text| replace(&text, 0, 25, "nan"));
    assert_says(
        &refusal(nan.path(), &[]),
        &["test_FD001.txt line 1: column 26 (sensor_21): nan is not finite"],
    );
}

#[test]
fn cycles_that_are_not_consecutive_are_refused() {
    let data = with_changed("train_FD001.txt", |text| replace(&text, 2, 1, "4"));
    assert_says(&refusal(data.path(), &[]), &["line 3: column 2 (cycle): 4", "go on with 3"]);
}

#[test]
fn a_rul_file_with_the_wrong_number_of_lines_is_refused() {
    let data = with_changed("RUL_FD001.txt", |text| format!("{text}7\n"));
    assert_says(
        &refusal(data.path(), &[]),
        &["RUL_FD001.txt has 7 lines for 6 test units", "one line for each"],
    );
}

#[test]
fn too_few_units_for_the_split_are_refused() {
    assert_says(&refusal(simulated("4").path(), &[]), &["4 training units are too few", "at least 5"]);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let data = simulated("6");
    for (flag, value) in [
        ("--epochs", "0"),
        ("--batch-size", "0"),
        ("--sequence-length", "0"),
        ("--lr", "0"),
        ("--lr", "-0.1"),
        ("--lr", "NaN"),
        ("--rul-cap", "-5"),
        ("--hidden-size", "0"),
    ] {
        assert_says(
            &refusal(data.path(), &[flag, value]),
            &[&format!("{flag} {value} is not"), "give a number in that range"],
        );
    }
    for flag in ["--epochs", "--batch-size", "--sequence-length"] {
        let line = refusal(data.path(), &[&format!("{flag}=-3")]);
        assert_says(&line, &["invalid value '-3'", flag, "see --help for what it takes"]);
    }
}

#[test]
fn an_out_that_exists_is_refused_and_left_alone() {
    let data = simulated("6");
    let output = train(data.path(), data.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_says(&String::from_utf8(output.stderr).unwrap(), &["exists already", "name a new directory"]);
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 3);
}

#[test]
fn a_bundle_with_nowhere_to_go_or_an_impossible_registry_is_refused() {
    let data = simulated("6");
    let output = trainer().args(["train", "--model", "gru", "--data"]).arg(data.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_says(&String::from_utf8(output.stderr).unwrap(), &["nowhere to go", "--out DIR, --registry URL"]);
    assert_says(&refusal(data.path(), &["--registry", "not a url"]), &["not a url"]);
    assert_says(&refusal(data.path(), &["--name", "a/b"]), &["\"a/b\""]);
}
