//! What a manifest is refused for, and that its bytes are one to one with its content.

use proptest::prelude::*;

use super::*;

fn entry(path: &str, content: &[u8]) -> FileEntry {
    FileEntry {
        path: path.parse().unwrap(),
        required: path != "weights.safetensors",
        sha256: Sha256Digest::of(content),
        size: content.len() as u64,
    }
}

fn manifest(extra: &[&str]) -> Manifest {
    let mut files: Vec<_> = crate::directory::MANDATORY.iter().map(|name| entry(name, b"x")).collect();
    files.extend(extra.iter().map(|name| entry(name, b"y")));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Manifest {
        format_version: FORMAT_VERSION,
        name: "RUL-Prediction-Model".parse().unwrap(),
        version: Some(VersionNumber::FIRST),
        component: ComponentEntry {
            interface: crate::component::INTERFACE.to_owned(),
            sha256: Sha256Digest::of(b"component"),
            size: 9,
        },
        files,
    }
}

fn refusal(text: &str) -> String {
    Manifest::from_bytes(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn the_canonical_bytes_are_these() {
    insta::assert_snapshot!(
        String::from_utf8(manifest(&["weights.safetensors"]).to_bytes().unwrap()).unwrap()
    );
}

#[test]
fn bytes_that_are_not_canonical_are_refused() {
    let text = String::from_utf8(manifest(&[]).to_bytes().unwrap()).unwrap();
    assert!(refusal(&text.replace(",\"name\"", ", \"name\"")).contains("not canonical"));
    assert!(refusal(&format!("{text}\n")).contains("not canonical"));
    assert!(refusal(&text[..text.len() - 1]).contains("EOF"));
}

#[test]
fn a_path_that_climbs_out_is_refused_by_name() {
    let text = String::from_utf8(manifest(&["zzz"]).to_bytes().unwrap()).unwrap();
    let message = refusal(&text.replace("\"zzz\"", "\"zz/../../etc/passwd\""));
    assert!(message.contains("zz/../../etc/passwd") && message.contains("without '..'"), "{message}");
}

#[test]
fn a_file_twice_or_a_file_that_is_also_a_folder_is_refused() {
    let twice = manifest(&["a", "a"]).to_bytes().unwrap();
    assert!(Manifest::from_bytes(&twice).unwrap_err().to_string().contains("each once"));
    let folder = manifest(&["a", "a/b"]).to_bytes().unwrap();
    assert!(Manifest::from_bytes(&folder).unwrap_err().to_string().contains("both a file and the folder"));
}

#[test]
fn a_manifest_without_the_model_or_of_another_format_is_refused() {
    let mut without = manifest(&[]);
    without.files.retain(|entry| entry.path.as_str() != "model.onnx");
    assert!(refusal(&String::from_utf8(without.to_bytes().unwrap()).unwrap()).contains("model.onnx"));
    let mut newer = manifest(&[]);
    newer.format_version = 2;
    assert!(refusal(&String::from_utf8(newer.to_bytes().unwrap()).unwrap()).contains("format_version 2"));
}

proptest! {
    #[test]
    fn bytes_and_content_are_one_to_one(
        names in proptest::collection::btree_set("x[a-z]{1,8}", 0..6),
        size in 0..u64::from(u32::MAX),
        version in proptest::option::of(1..u32::MAX),
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut manifest = manifest(&names);
        manifest.component.size = size;
        manifest.version = version.map(|n| VersionNumber::try_from(n).unwrap());
        let bytes = manifest.to_bytes().unwrap();
        prop_assert_eq!(Manifest::from_bytes(&bytes).unwrap(), manifest);
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Manifest::from_bytes(&bytes);
    }
}
