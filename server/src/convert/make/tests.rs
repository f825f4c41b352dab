//! What MLflow logged becomes a bundle, or is refused by what it lacks.

use std::path::PathBuf;

use overhaul_bundle::Sha256Digest;
use overhaul_bundle::manifest::ComponentEntry;
use tempfile::TempDir;

use super::*;

const MLMODEL: &str = "flavors:\n  onnx:\n    data: model.onnx\nsaved_input_example_info:\n  serving_input_path: example.json\n";

/// The example's graph and a window of it, as MLflow's client lays them out.
fn logged() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bundle = example_bundle();
    let golden = bundle.golden().unwrap();
    let rows: Vec<Vec<&[f32]>> = golden
        .windows
        .chunks(golden.sequence_length * golden.features)
        .map(|window| window.chunks(golden.features).collect())
        .collect();
    fs::write(folder.path().join("MLmodel"), MLMODEL).unwrap();
    fs::write(folder.path().join("model.onnx"), bundle.model().unwrap()).unwrap();
    fs::write(folder.path().join("example.json"), serde_json::json!({ "inputs": rows }).to_string()).unwrap();
    folder
}

fn example_bundle() -> Bundle {
    Bundle::open(&PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/v1"))).unwrap()
}

fn facts() -> Facts {
    Facts {
        name: "RUL".parse().unwrap(),
        version: overhaul_bundle::VersionNumber::FIRST,
        at: "2026-03-01T12:00:00Z".parse().unwrap(),
        metrics: [("test_rmse".to_owned(), 12.5)].into(),
        params: [("epochs", "20"), ("lr", "NaN"), ("model_type", "gru")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        component: ComponentEntry {
            interface: overhaul_bundle::component::INTERFACE.to_owned(),
            sha256: Sha256Digest::of(b"component"),
            size: 9,
        },
    }
}

fn refusal(folder: &TempDir) -> String {
    let to = tempfile::tempdir().unwrap();
    let error = make(folder.path(), &facts(), &to.path().join("bundle")).unwrap_err();
    assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()), "{error:#}");
    let text = error.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn what_mlflow_logged_becomes_a_bundle_with_the_same_answers() {
    let (from, to) = (logged(), tempfile::tempdir().unwrap());
    let bundle = make(from.path(), &facts(), &to.path().join("bundle")).unwrap();
    let (made, original) = (bundle.golden().unwrap(), example_bundle().golden().unwrap());
    assert!(original.largest_difference(&made.expected[..original.expected.len()]) <= original.tolerance);
    let metadata = bundle.metadata().unwrap();
    assert_eq!((metadata.rmse, metadata.mae, metadata.epochs), (Some(12.5), None, Some(20)));
    assert_eq!((metadata.learning_rate, metadata.model_type.as_str()), (None, "gru"));
    assert_eq!(metadata.feature_columns[0], "feature_1");
    assert_eq!(metadata.parameters, 42_354);
}

#[test]
fn the_authors_names_for_the_columns_are_taken() {
    let from = logged();
    let names: Vec<String> = (0..24).map(|n| format!("c{n}")).collect();
    let said = format!("{MLMODEL}metadata:\n  feature_columns: [{}]\n", names.join(", "));
    fs::write(from.path().join("MLmodel"), said).unwrap();
    let to = tempfile::tempdir().unwrap();
    let bundle = make(from.path(), &facts(), &to.path().join("bundle")).unwrap();
    assert_eq!(bundle.metadata().unwrap().feature_columns, names);
    fs::write(from.path().join("MLmodel"), format!("{MLMODEL}metadata:\n  feature_columns: [a]\n")).unwrap();
    assert!(refusal(&from).contains("1 columns, the graph takes 24"));
}

#[test]
fn what_is_lacking_is_named() {
    for (file, content, word) in [
        ("MLmodel", None, "lack MLmodel"),
        ("MLmodel", Some("flavors:\n  sklearn: {}\n"), "no onnx flavour"),
        ("MLmodel", Some("flavors:\n  onnx:\n    data: model.onnx\n"), "no input example"),
        ("model.onnx", None, "lack model.onnx"),
        ("model.onnx", Some("rubbish"), "graph"),
        ("example.json", Some("{\"inputs\": [[1, 2]]}"), "[n, 30, 24]"),
        ("example.json", None, "lack example.json"),
    ] {
        let from = logged();
        let path = from.path().join(file);
        match content {
            Some(content) => fs::write(path, content).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        let refusal = refusal(&from);
        assert!(refusal.contains(word), "{refusal}");
    }
}

#[test]
fn a_link_to_a_file_elsewhere_is_not_followed() {
    let from = logged();
    fs::rename(from.path().join("model.onnx"), from.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(from.path().join("elsewhere"), from.path().join("model.onnx")).unwrap();
    assert!(refusal(&from).contains("lack model.onnx"));
}
