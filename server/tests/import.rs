//! The guide's folders come in under their numbers, each version whole or not at all.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::folders::{Place, export};
use common::tending::{assert_clean, run, sql, tend, text};
use common::{COMPONENT, MODEL, Running, get, model, publish, version};
use overhaul_bundle::Sha256Digest;

fn digest(bytes: &[u8]) -> String {
    Sha256Digest::of(bytes).to_string()
}

#[tokio::test]
async fn bundles_and_plain_versions_are_imported_under_their_numbers_once() {
    let place = Place::new();
    place.bundle(2, b"two");
    place.guides(3);
    place.bundle_at("v10/bundle", 10, b"ten");
    fs::write(place.folder.join("v10/metadata.json"), "{}").unwrap();
    fs::write(place.folder.join("v10/model.pth"), "weights").unwrap();
    fs::write(place.folder.join("README.md"), "mine").unwrap();
    let done = place.import_all();
    assert_eq!((done.code, done.error.as_str()), (Some(0), ""), "{done:?}");
    let lines: Vec<&str> = done.out.lines().collect();
    assert!(lines[0].starts_with("v2: imported, a bundle of 7 files, "), "{done:?}");
    assert!(
        lines[1].starts_with("v3: imported without a bundle, 3 files, ") && lines[1].ends_with(", 12 tags")
    );
    assert!(lines[2].starts_with("v10: imported, a bundle of 7 files, "), "{done:?}");
    assert_eq!(
        lines[3..],
        [
            "v10: not part of the bundle and left out: model.pth",
            "no versions, and left alone: README.md",
            "RUL-Prediction-Model: 3 imported, 0 there already, 0 refused"
        ]
    );
    assert_clean(&place.data);
    let again = place.import(&[]);
    assert_eq!(again.out.matches(": there already\n").count(), 3, "{again:?}");
    assert_eq!(again.code, Some(0));

    let server = Running::start(&place.data).await;
    let published = server.registry.versions(&model()).await.unwrap();
    assert_eq!(published.iter().map(|version| version.version.get()).collect::<Vec<_>>(), [2, 10]);
    let file = get(server.at(&format!("/api/v1/models/{MODEL}/versions/10/files/model.onnx"))).await;
    assert_eq!(file.text().await.unwrap(), "ten");
    let body: serde_json::Value =
        get(server.at(&format!("/api/2.0/mlflow/model-versions/get?name={MODEL}&version=3")))
            .await
            .json()
            .await
            .unwrap();
    let plain = &body["model_version"];
    assert_eq!(plain["description"], "lstm, RMSE 24.04, MAE 17.50; imported");
    assert!(
        plain["tags"]
            .as_array()
            .unwrap()
            .contains(&serde_json::json!({"key": "overhaul.rmse", "value": "24.04"}))
    );
    let folder = plain["source"].as_str().unwrap().strip_prefix("mlflow-artifacts:/").unwrap().to_owned();
    let file =
        get(server.at(&format!("/api/2.0/mlflow-artifacts/artifacts/{folder}/logs/a%20file.txt"))).await;
    assert_eq!(file.text().await.unwrap(), "logs");
    assert_eq!(server.registry.reserve_version(&model()).await.unwrap(), version(11));
    server.stop().await;
    let audit = text(
        &place.data,
        "SELECT actor || ' ' || action || ' ' || subject FROM audit WHERE actor LIKE '%import' ORDER BY id",
    );
    assert_eq!(
        audit,
        [
            "overhaul-server import create RUL-Prediction-Model",
            "overhaul-server import advance RUL-Prediction-Model",
            "overhaul-server import import_version 2",
            "overhaul-server import import_version 3",
            "overhaul-server import advance RUL-Prediction-Model",
            "overhaul-server import import_version 10",
        ]
    );
}

#[tokio::test]
async fn a_number_is_taken_once_and_never_again() {
    let place = Place::new();
    let server = Running::start(&place.data).await;
    for content in [b"one".as_slice(), b"two", b"three"] {
        publish(&server.registry, content).await;
    }
    server.registry.reserve_version(&model()).await.unwrap();
    server.stop().await;
    sql(&place.data, "PRAGMA foreign_keys = ON; DELETE FROM model_versions WHERE version = 2");
    place.bundle(1, b"another one");
    place.bundle(2, b"two");
    place.bundle(3, b"three");
    place.bundle(4, b"four");
    place.guides(7);
    let done = place.import(&[]);
    assert_eq!(done.code, Some(2), "{done:?}");
    assert_eq!(done.error, "error: 3 of 5 versions were not imported; the lines above say why\n");
    let lines: Vec<&str> = done.out.lines().collect();
    for (line, expected) in lines.iter().zip([
        "v1: refused: version 1 of RUL-Prediction-Model is there already, and another one; a version never changes: \
         give the folder another number",
        "v2: refused: number 2 of RUL-Prediction-Model was used by a version that is gone, and numbers never repeat; \
         give the folder another number",
        "v3: there already",
        "v4: refused: number 4 of RUL-Prediction-Model was handed out and somebody may yet publish it; give the folder \
         another number",
    ]) {
        assert_eq!(*line, expected);
    }
    assert!(lines[4].starts_with("v7: imported without a bundle"), "{done:?}");

    // What an import went past may still come; what was deleted since may not.
    fs::remove_dir_all(&place.folder).unwrap();
    place.bundle(5, b"five");
    assert!(place.import(&[]).out.starts_with("v5: imported"), "{done:?}");
    sql(&place.data, "PRAGMA foreign_keys = ON; DELETE FROM model_versions WHERE version = 5");
    assert!(place.import(&[]).out.starts_with("v5: refused: number 5 of"), "{done:?}");
    assert_clean(&place.data);
    let server = Running::start(&place.data).await;
    assert_eq!(server.registry.reserve_version(&model()).await.unwrap(), version(8));
    server.stop().await;
}

#[tokio::test]
async fn a_version_that_is_not_whole_leaves_nothing_and_does_not_stop_the_others() {
    let place = Place::new();
    for number in 1..=9 {
        place.bundle(number, format!("content {number}").as_bytes());
    }
    let at = |path: &str| place.folder.join(path);
    fs::write(at("v1/model.onnx"), "tampered").unwrap();
    fs::remove_file(at("v2/scaler.json")).unwrap();
    fs::write(at("v3/extra.txt"), "extra").unwrap();
    fs::remove_file(at("v4/weights.safetensors")).unwrap();
    fs::write(
        at("v4/manifest.json"),
        fs::read_to_string(at("v4/manifest.json")).unwrap().replace(&digest(b"weights"), &digest(b"lost")),
    )
    .unwrap();
    fs::rename(at("v5"), at("v50")).unwrap();
    fs::remove_file(at("v6/manifest.json")).unwrap();
    fs::write(at("v6/metadata.json"), r#"{"version": 7}"#).unwrap();
    fs::remove_dir_all(at("v7")).unwrap();
    fs::create_dir(at("v7")).unwrap();
    fs::remove_file(at("v8/model.onnx")).unwrap();
    symlink("/etc/passwd", at("v8/model.onnx")).unwrap();
    let done = place.import_all();
    assert_eq!(done.code, Some(2), "{done:?}");
    for (number, expected) in [
        ("1", "model.onnx does not match its manifest"),
        ("2", "lacks scaler.json"),
        ("3", "extra.txt is not in the bundle's manifest"),
        ("4", "lacks weights.safetensors, which its manifest lists and the registry has not; put it there"),
        ("50", "is a bundle with number 5, which nobody can change; put it into a folder of its own number"),
        ("6", "metadata.json: it says version 7; put it into v7, or mend it"),
        ("7", "has no metadata.json; every version has one"),
        ("8", "model.onnx is no plain file"),
    ] {
        let start = format!("v{number}: refused: ");
        let line = done
            .out
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("{number}: {done:?}"));
        assert!(line.contains(expected), "{line}");
    }
    assert!(done.out.ends_with("RUL-Prediction-Model: 1 imported, 0 there already, 8 refused\n"), "{done:?}");
    assert_eq!(text(&place.data, "SELECT CAST(version AS TEXT) FROM model_versions"), ["9"]);
    assert_clean(&place.data);
}

#[tokio::test]
async fn plain_files_that_no_artifact_may_be_are_refused() {
    let place = Place::new();
    for number in 1..=3 {
        place.guides(number);
    }
    symlink("/etc/passwd", place.folder.join("v1/secret")).unwrap();
    fs::write(place.folder.join("v2/a\\b"), "x").unwrap();
    fs::write(place.folder.join("v3/metadata.json"), r#"{"rmse": "low"}"#).unwrap();
    let done = place.import(&[]);
    let lines: Vec<&str> = done.out.lines().collect();
    assert!(lines[0].contains("v1/secret is no plain file; put the file itself there"), "{done:?}");
    assert!(lines[1].contains("v2/a\\b: ") && lines[1].contains("it has a backslash"), "{done:?}");
    assert!(lines[2].contains("v3/metadata.json: rmse: invalid type: string \"low\""), "{done:?}");
    assert!(text(&place.data, "SELECT path FROM artifacts").is_empty());
    assert!(text(&place.data, "SELECT name FROM registered_models").is_empty());
}

#[tokio::test]
async fn a_component_is_found_in_the_registry_in_the_folder_or_by_its_flag_or_asked_for() {
    let place = Place::new();
    place.bundle(1, b"one");
    let refused = place.import(&[]);
    let expected = format!(
        "runs on the component {} ({} bytes), which the registry has not; name its file with --component",
        digest(COMPONENT),
        COMPONENT.len()
    );
    assert!(refused.code == Some(2) && refused.out.contains(&expected), "{refused:?}");
    let other = place.folder.join("../other.wasm");
    fs::write(&other, b"\0asm another one").unwrap();
    assert!(place.import(&["--component", other.to_str().unwrap()]).out.contains(&expected));
    let missing = place.import(&["--component", "/nowhere.wasm"]);
    assert!(missing.out.contains("cannot read the component /nowhere.wasm"), "{missing:?}");
    fs::create_dir(place.folder.join("components")).unwrap();
    fs::write(place.folder.join(format!("components/{}.wasm", digest(COMPONENT))), COMPONENT).unwrap();
    assert_eq!(place.import(&[]).code, Some(0));
    // From now on the registry has it.
    fs::remove_dir_all(place.folder.join("components")).unwrap();
    place.bundle(2, b"two");
    assert_eq!(place.import(&[]).code, Some(0));
    assert_clean(&place.data);
}

#[tokio::test]
async fn the_example_of_this_repository_asks_for_its_component() {
    let place = Place::new();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let data = place.data.to_str().unwrap();
    let refused = tend(["import", models.to_str().unwrap(), "--data-dir", data]);
    assert!(
        refused.out.starts_with("v1: refused: ") && refused.out.contains("(6486488 bytes)"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn another_name_is_asked_for_and_taken() {
    let place = Place::new();
    place.bundle(1, b"one");
    place.guides(2);
    let component = place.component();
    let refused = place.import(&["--name", "Other", "--component", component.to_str().unwrap()]);
    let expected = "is a bundle of \"RUL-Prediction-Model\", not of \"Other\"; import it with --name";
    assert!(refused.code == Some(2) && refused.out.contains(expected), "{refused:?}");
    assert_eq!(text(&place.data, "SELECT name FROM registered_models"), ["Other"]);
    let to = place.folder.join("../exported");
    let refused = export(&place.data, &to);
    assert_eq!(
        (refused.code, refused.error.as_str()),
        (
            Some(2),
            "error: registered model RUL-Prediction-Model does not exist; name one with --name, there are: Other\n"
        )
    );
    assert!(!to.exists());
}

#[tokio::test]
async fn a_folder_without_versions_is_refused_and_makes_no_registry() {
    let place = Place::new();
    fs::create_dir(place.folder.join("version1")).unwrap();
    fs::create_dir(place.folder.join("v01")).unwrap();
    let refused = place.import(&[]);
    assert_eq!((refused.code, refused.error.lines().count()), (Some(2), 1), "{refused:?}");
    assert!(refused.error.contains("holds no folder v1, v2, …; name the one that does"), "{refused:?}");
    fs::remove_dir_all(&place.folder).unwrap();
    assert!(place.import(&[]).error.contains("there is no folder "));
    assert!(!place.data.exists());
}

#[tokio::test]
async fn a_full_disk_leaves_whole_versions_only() {
    let place = Place::new();
    for number in 1..=3 {
        place.guides(number);
        fs::write(place.folder.join(format!("v{number}/large")), vec![number as u8; 3 << 20]).unwrap();
    }
    let small = place.folder.join("../small");
    fs::create_dir(&small).unwrap();
    let script = "mount -t tmpfs -o size=8m tmpfs \"$1\" && { \"$0\" import \"$2\" --data-dir \"$1/data\"; code=$?; \
                  \"$0\" verify --data-dir \"$1/data\"; exit $code; }";
    let with_user = ["--user", "--map-root-user", "--mount"];
    let allowed =
        Command::new("unshare").args(with_user).arg("true").output().is_ok_and(|out| out.status.success());
    let mut unshare = Command::new("unshare");
    unshare.args(if allowed { &with_user[..] } else { &with_user[2..] });
    unshare.args(["sh", "-c", script, env!("CARGO_BIN_EXE_overhaul-server")]).arg(&small).arg(&place.folder);
    let done = run(&mut unshare);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(
        done.error.contains("cannot import") && done.error.to_lowercase().contains("no space left"),
        "{done:?}"
    );
    assert!(
        done.out.contains("v2: imported") && done.out.contains("2 versions (0 with a bundle)"),
        "{done:?}"
    );
    assert!(done.out.ends_with("no problems\n"), "{done:?}");
}
