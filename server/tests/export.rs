//! Versions go out as the guide's folders, which import as what they were; nothing is overwritten.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;

use common::folders::{Place, contents, export};
use common::tending::{assert_clean, blob, names, sql, text};
use common::{Process, Running, model, publish, version};

/// Three bundles, a plain version, and one that only names its files elsewhere.
async fn mixed(place: &Place) {
    let server = Running::start(&place.data).await;
    for content in [b"one".as_slice(), b"two", b"three"] {
        publish(&server.registry, content).await;
    }
    server.stop().await;
    place.guides(5);
    assert_eq!(place.import(&[]).code, Some(0));
    sql(
        &place.data,
        "INSERT INTO model_versions (model_id, version, created_at, updated_at, source, storage_uri)
         VALUES (1, 6, 1772366400000, 0, 's3://elsewhere/model', 's3://elsewhere/model');
         UPDATE version_numbers SET last = 6;
         PRAGMA foreign_keys = ON; DELETE FROM model_versions WHERE version = 2;",
    );
}

#[tokio::test]
async fn what_was_exported_imports_as_what_it_was() {
    let place = Place::new();
    mixed(&place).await;
    let to = place.folder.join("../exported");
    let done = export(&place.data, &to);
    assert_eq!((done.code, done.error.as_str()), (Some(0), ""), "{done:?}");
    assert!(done.out.starts_with("v1: written, a bundle of 7 files, "), "{done:?}");
    assert_eq!(names(&to), ["components", "v1", "v3", "v5", "v6"]);
    assert_eq!(contents(&to.join("v5")), contents(&place.folder.join("v5")));
    let made: serde_json::Value =
        serde_json::from_slice(&fs::read(to.join("v6/metadata.json")).unwrap()).unwrap();
    let expected = serde_json::json!({
        "version": 6, "timestamp": "2026-03-01T12:00:00Z", "source": "s3://elsewhere/model", "run_id": null
    });
    assert_eq!(made, expected);

    // Into the same registry: nothing new. Into another one: the same again.
    let again = Place { root: tempfile::tempdir().unwrap(), folder: to.clone(), data: place.data.clone() };
    assert!(
        again.import(&[]).out.ends_with("RUL-Prediction-Model: 0 imported, 4 there already, 0 refused\n")
    );
    let other = tempfile::tempdir().unwrap();
    let again =
        Place { root: tempfile::tempdir().unwrap(), folder: to.clone(), data: other.path().join("data") };
    let done = again.import(&[]);
    assert!(done.out.ends_with("RUL-Prediction-Model: 4 imported, 0 there already, 0 refused\n"), "{done:?}");
    assert_clean(&again.data);
    let bundles = "SELECT v.version || b.sha256 || b.metadata FROM bundles AS b JOIN model_versions AS v ON v.id = b.version_id ORDER BY 1";
    assert_eq!(text(&again.data, bundles), text(&place.data, bundles));
    let tags = "SELECT v.version || t.key || t.value FROM model_version_tags AS t JOIN model_versions AS v ON v.id = t.version_id
                WHERE v.version = 5 ORDER BY 1";
    assert_eq!(text(&again.data, tags), text(&place.data, tags));
    let twice = other.path().join("exported");
    assert_eq!(export(&again.data, &twice).code, Some(0));
    assert_eq!(contents(&twice), contents(&to));
    let server = Running::start(&again.data).await;
    assert_eq!(server.registry.reserve_version(&model()).await.unwrap(), version(7));
    server.stop().await;
}

#[tokio::test]
async fn an_export_overwrites_nothing() {
    let place = Place::new();
    mixed(&place).await;
    let to = place.folder.join("../exported");
    assert_eq!(export(&place.data, &to).code, Some(0));
    let before = contents(&to);
    let again = export(&place.data, &to);
    assert!(
        again.out.ends_with(&format!("0 written to {}, 4 there already, 0 refused\n", to.display())),
        "{again:?}"
    );
    assert_eq!(contents(&to), before);
    // What gateways do not pull may be missing.
    fs::remove_file(to.join("v1/weights.safetensors")).unwrap();
    fs::write(to.join("v3/model.onnx"), "mine").unwrap();
    fs::write(to.join("v5/mine.txt"), "mine").unwrap();
    fs::remove_dir_all(to.join("v6")).unwrap();
    let before = contents(&to);
    let again = export(&place.data, &to);
    assert_eq!(again.code, Some(2), "{again:?}");
    let lines: Vec<&str> = again.out.lines().collect();
    assert_eq!(lines[0], "v1: there already");
    for (line, number) in [(lines[1], 3), (lines[2], 5)] {
        let start = format!(
            "v{number}: refused: {}/v{number} is there already, with other content, and nothing is overwritten; ",
            to.display()
        );
        assert!(line.starts_with(&start), "{line}");
    }
    assert!(lines[3].starts_with("v6: written, without a bundle, "), "{again:?}");
    let mut after = contents(&to);
    after.retain(|path, _| !path.starts_with("v6"));
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_damaged_blob_is_not_exported() {
    let place = Place::new();
    mixed(&place).await;
    fs::write(blob(&place.data, b"three"), "THREE").unwrap();
    let to = place.folder.join("../exported");
    let refused = export(&place.data, &to);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.error.contains("cannot export version 3") && refused.error.contains("is damaged; run verify")
    );
    assert_eq!(names(&to), ["components", "v1"]);
}

#[tokio::test]
async fn while_a_server_runs_both_are_refused_in_one_line() {
    let place = Place::new();
    place.guides(1);
    let _process = Process::start(&place.data);
    let expected = format!(
        "error: data directory {} is held by another overhaul-server; stop that one, or name another --data-dir\n",
        place.data.display()
    );
    let to = place.folder.join("../exported");
    for refused in [place.import(&[]), export(&place.data, &to)] {
        assert_eq!(
            (refused.code, refused.out.as_str(), refused.error.as_str()),
            (Some(2), "", expected.as_str())
        );
    }
    assert!(!to.exists());
}
