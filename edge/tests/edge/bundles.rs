//! A bundle that is not what its manifest says, or whose model does not run, is refused in one line.

use std::fs;
use std::path::{Path, PathBuf};

use overhaul_bundle::{Draft, manifest};
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, ValueInfoProto};

use crate::support::{agent, bundle, data_dir};

/// The line with which the agent refuses a bundle.
fn refusal(directory: &Path) -> String {
    let data = data_dir();
    let [directory, data] = [directory, data.path()].map(|path| path.to_str().unwrap());
    agent::mistake(&["run", "--listen", "127.0.0.1:0", "--bundle", directory, "--data-dir", data])
}

/// The line with which the agent refuses a bundle that was changed after it was written.
fn refusal_after(tampering: impl FnOnce(&PathBuf)) -> String {
    let home = tempfile::tempdir().unwrap();
    let directory = bundle::write(&bundle::gru(1), home.path(), "v1");
    tampering(&directory);
    refusal(&directory)
}

/// The line with which the agent refuses a bundle that was made of a changed draft.
fn refusal_of(change: impl FnOnce(&mut Draft)) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut draft = bundle::gru(1);
    change(&mut draft);
    refusal(&bundle::write(&draft, home.path(), "v1"))
}

fn said(line: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| line.contains(part)), "{line}");
}

#[test]
fn a_flipped_byte_is_refused() {
    let line = refusal_after(|directory| {
        let path = directory.join("model.onnx");
        let mut bytes = fs::read(&path).unwrap();
        bytes[100] ^= 1;
        fs::write(path, bytes).unwrap();
    });
    said(&line, &["model.onnx", "does not match its manifest", "fetch the bundle again"]);
}

#[test]
fn a_missing_file_is_refused() {
    let line = refusal_after(|directory| fs::remove_file(directory.join("scaler.json")).unwrap());
    said(&line, &["scaler.json", "lacks", "fetch the bundle again"]);
}

#[test]
fn an_extra_file_is_refused() {
    let line = refusal_after(|directory| fs::write(directory.join("run-me.sh"), "").unwrap());
    said(&line, &["run-me.sh", "not in the bundle's manifest"]);
}

#[test]
fn a_path_that_climbs_out_is_refused() {
    let line = refusal_after(|directory| {
        let path = directory.join(manifest::FILE);
        let text = fs::read_to_string(&path).unwrap().replace("scaler.json", "../scaler.json");
        fs::write(path, text).unwrap();
    });
    said(&line, &["../scaler.json", "without '..'"]);
}

#[test]
fn a_directory_without_a_bundle_is_refused() {
    let home = tempfile::tempdir().unwrap();
    said(&refusal(home.path()), &["is no bundle", "manifest.json"]);
}

#[test]
fn a_truncated_model_is_refused() {
    let line = refusal_of(|draft| draft.model.truncate(draft.model.len() / 2));
    said(&line, &["model.onnx", "bad model"]);
}

#[test]
fn a_reverse_layer_is_refused() {
    let line = refusal_of(|draft| {
        bundle::change_model(draft, |model| {
            let nodes = &mut model.graph.as_mut().unwrap().node;
            let layer = nodes.iter_mut().find(|node| node.op_type == "GRU").unwrap();
            layer.attribute.push(AttributeProto {
                name: "direction".to_owned(),
                r#type: AttributeType::String as i32,
                s: b"reverse".to_vec(),
                ..Default::default()
            });
        });
    });
    said(&line, &["model.onnx", "unsupported operator", "reverse"]);
}

#[test]
fn a_model_with_two_inputs_is_refused() {
    let line = refusal_of(|draft| {
        bundle::change_model(draft, |model| {
            let inputs = &mut model.graph.as_mut().unwrap().input;
            inputs.push(ValueInfoProto { name: "another".to_owned(), ..inputs[0].clone() });
        });
    });
    said(&line, &["model.onnx", "input"]);
}

#[test]
fn a_model_whose_windows_are_not_the_metadata_s_is_refused() {
    let line = refusal_of(|draft| {
        draft.metadata.sequence_length = 3;
        draft.golden.sequence_length = 3;
        draft.golden.windows.truncate(27);
    });
    said(&line, &["model.onnx takes windows of 7 x 3", "metadata.json says 3 x 3"]);
}

#[test]
fn a_model_that_misses_its_golden_vectors_is_refused() {
    let line = refusal_of(|draft| draft.golden.expected[1] += 0.5);
    said(&line, &["golden vectors are missed by 0.5", "tolerance of 0.001"]);
}
