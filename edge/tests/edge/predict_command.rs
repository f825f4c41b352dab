//! `overhaul-edge predict`: a CSV file in, RUL out; a bad file is refused by line and column.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use overhaul_bundle::Draft;
use serde_json::Value;

use crate::support::{agent, bundle, data_dir, eventually};
use crate::zoo::breeds;

struct Setup {
    home: tempfile::TempDir,
    data: tempfile::TempDir,
    draft: Draft,
}

impl Setup {
    fn new() -> Self {
        let (home, data, draft) = (tempfile::tempdir().unwrap(), data_dir(), bundle::gru(4));
        bundle::write(&draft, home.path(), "v4");
        Self { home, data, draft }
    }

    /// The arguments that predict from a CSV text.
    fn arguments(&self, csv: &str) -> Vec<String> {
        let path = self.home.path().join("input.csv");
        fs::write(&path, csv).unwrap();
        let bundle = self.home.path().join("v4");
        let paths = [bundle.as_path(), &path, self.data.path()].map(|path| path.to_str().unwrap());
        let [bundle, input, data] = paths;
        ["predict", "--bundle", bundle, "--input", input, "--data-dir", data].map(str::to_owned).to_vec()
    }

    fn refusal(&self, csv: &str) -> String {
        let line = agent::mistake(&self.arguments(csv));
        assert!(line.contains("input.csv"), "{line}");
        line
    }
}

#[test]
fn each_unit_is_predicted_from_its_own_last_window() {
    let setup = Setup::new();
    let golden = &setup.draft.golden;
    let mut csv = "cycle,sensor_3,unit,sensor_1,sensor_2\n".to_owned();
    for (at, row) in golden.windows.chunks(bundle::FEATURES).enumerate() {
        writeln!(csv, "{},{},{},{},{}", at % 7, row[2], at / 7 + 1, row[0], row[1]).unwrap();
    }
    // A fourth unit with two readings only.
    csv.push_str("0,-3,4,500,0\n1,-3,4,500,0\n");
    let mut arguments = setup.arguments(&csv);
    let text = String::from_utf8(agent::output(&arguments).stdout).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.lines().nth(3).unwrap().ends_with("(padded: 2 readings for a window of 7)"), "{text}");
    arguments.push("--json".to_owned());
    let answers: Vec<Value> = serde_json::from_slice(&agent::output(&arguments).stdout).unwrap();
    for (answer, expected) in answers.iter().zip(&golden.expected) {
        let rul = answer["predicted_rul"].as_f64().unwrap() as f32;
        assert!((rul - expected.max(0.0)).abs() <= golden.tolerance, "{answer}");
        assert_eq!(answer["clamped"], *expected < 0.0);
        assert_eq!((&answer["model_version"], &answer["padded_rows"]), (&4.into(), &0.into()));
    }
    assert_eq!((&answers[3]["padded_rows"], &answers[3]["cycles"]), (&5.into(), &2.into()));
}

#[test]
fn a_bad_file_is_refused_by_file_line_and_column() {
    let setup = Setup::new();
    assert!(setup.refusal("").contains("empty"));
    assert!(setup.refusal("sensor_1,sensor_2,sensor_3\n").contains("no readings"));
    assert!(setup.refusal("sensor_1,sensor_3\n1,2\n").contains("lacks the column sensor_2"));
    let line = setup.refusal("sensor_1,sensor_2,sensor_3\n1,2,3\n1,broken,3\n");
    assert!(line.contains("line 3, column sensor_2: \"broken\""), "{line}");
    let line = setup.refusal("sensor_1,sensor_2,sensor_3\n1,2,NaN\n");
    assert!(line.contains("line 2, column sensor_3: \"NaN\""), "{line}");
    let mut arguments = setup.arguments("");
    arguments[4] = "no-such-file.csv".to_owned();
    assert!(agent::mistake(&arguments).contains("no-such-file.csv"));
}

#[test]
fn a_component_that_is_not_there_is_named() {
    let setup = Setup::new();
    let mut arguments = setup.arguments("sensor_1,sensor_2,sensor_3\n1,2,3\n");
    arguments.extend(["--component", "/no/such/component.wasm"].map(str::to_owned));
    assert!(agent::mistake(&arguments).contains("/no/such/component.wasm"));
}

#[test]
fn without_a_data_directory_a_process_of_its_own_compiles_and_nothing_is_left() {
    let (setup, temporary) = (Setup::new(), tempfile::tempdir().unwrap());
    let mut arguments = setup.arguments("sensor_1,sensor_2,sensor_3\n1,2,3\n");
    arguments.truncate(5);
    let output = agent::command(&arguments).env("TMPDIR", temporary.path()).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("RUL "), "{}", output.status);
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    // A component that takes long: what compiles it is ended, as the system does when memory runs out.
    let component = setup.home.path().join("slow.wasm");
    fs::write(&component, breeds::remembers(300, 30_000)).unwrap();
    arguments.extend(["--component", component.to_str().unwrap()].map(str::to_owned));
    let mut command = agent::command(&arguments);
    let child = command.env("TMPDIR", temporary.path()).stderr(Stdio::piped()).spawn().unwrap();
    let compiling = eventually("a compiling process", || {
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        fs::read_to_string(children).ok()?.split_whitespace().next().map(str::to_owned)
    });
    assert!(Command::new("kill").args(["-9", &compiling]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("signal: 9 (SIGKILL)"), "{text}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_directory_for_temporary_files_that_is_not_there_is_named() {
    let setup = Setup::new();
    let mut arguments = setup.arguments("sensor_1,sensor_2,sensor_3\n1,2,3\n");
    arguments.truncate(5);
    let output = agent::command(&arguments).env("TMPDIR", "/no/such/place").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let mend = "cannot compile in /no/such/place; name --data-dir DIR or set TMPDIR";
    assert!(!output.status.success() && text.contains(mend), "{text}");
}
