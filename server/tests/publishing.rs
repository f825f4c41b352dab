//! A version exists whole or not at all; numbers never repeat; a published version never changes.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{
    COMPONENT, MODEL, Running, draft, files_under, get, http, model, publish, refusal, sample, upload_all,
    version,
};
use overhaul_bundle::{Manifest, Sha256Digest};
use reqwest::StatusCode;

fn path(number: u32) -> String {
    format!("/api/v1/models/{MODEL}/versions/{number}")
}

async fn commit(server: &Running, number: u32, manifest: Vec<u8>) -> reqwest::Response {
    http().put(server.at(&path(number))).body(manifest).send().await.unwrap()
}

#[tokio::test]
async fn what_is_published_comes_back_byte_for_byte() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let published = publish(&server.registry, b"model").await;
    let (manifest, bytes) = server.registry.manifest(&model(), version(1)).await.unwrap();
    assert_eq!(Sha256Digest::of(&bytes), published.bundle_sha256);
    let target = tempfile::tempdir().unwrap();
    fs::write(target.path().join("manifest.json"), &bytes).unwrap();
    for entry in &manifest.files {
        let place = entry.path.under(target.path());
        server.registry.download_blob(&entry.sha256, entry.size, &place).await.unwrap();
    }
    let bundle = overhaul_bundle::Bundle::open(target.path()).unwrap();
    assert_eq!(bundle.metadata().unwrap(), published.metadata);
    server.stop().await;
}

#[tokio::test]
async fn whole_answers_look_like_this() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"model").await;
    for name in ["models", "models/RUL-Prediction-Model/versions", "models/RUL-Prediction-Model/versions/1"] {
        let answer = get(server.at(&format!("/api/v1/{name}"))).await;
        let body: serde_json::Value = answer.json().await.unwrap();
        insta::assert_json_snapshot!(name.replace('/', "_"), body);
    }
    server.stop().await;
}

#[tokio::test]
async fn until_the_manifest_is_committed_there_is_no_version() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    server.registry.reserve_version(&model()).await.unwrap();
    let sample = sample(Some(1), b"model");
    upload_all(&server.registry, &sample).await;
    assert!(server.registry.versions(&model()).await.unwrap().is_empty());
    assert!(server.registry.version(&model(), version(1)).await.unwrap_err().is_not_found());
    server.registry.publish(&sample.bundle, &sample.component).await.unwrap();
    assert_eq!(server.registry.versions(&model()).await.unwrap().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_missing_file_is_named_and_nothing_is_published() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    server.registry.reserve_version(&model()).await.unwrap();
    let sample = sample(Some(1), b"model");
    for entry in sample.bundle.manifest().files.iter().filter(|entry| entry.path.as_str() != "model.onnx") {
        server
            .registry
            .upload_blob(&entry.path.under(sample.bundle.directory()), &entry.sha256)
            .await
            .unwrap();
    }
    let bytes = sample.bundle.manifest().to_bytes().unwrap();
    let message = refusal(commit(&server, 1, bytes.clone()).await).await;
    assert!(message.starts_with("400 INVALID_PARAMETER_VALUE: model.onnx ("), "{message}");
    let onnx = sample.bundle.manifest().file("model.onnx").unwrap();
    server.registry.upload_blob(&sample.bundle.directory().join("model.onnx"), &onnx.sha256).await.unwrap();
    let message = refusal(commit(&server, 1, bytes).await).await;
    assert!(message.contains("the component (") && message.contains("was not uploaded"), "{message}");
    assert!(server.registry.versions(&model()).await.unwrap().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn the_same_manifest_again_changes_nothing_and_another_is_a_conflict() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    server.registry.reserve_version(&model()).await.unwrap();
    let first = sample(Some(1), b"model");
    upload_all(&server.registry, &first).await;
    let bytes = first.bundle.manifest().to_bytes().unwrap();
    assert_eq!(commit(&server, 1, bytes.clone()).await.status(), StatusCode::CREATED);
    assert_eq!(commit(&server, 1, bytes).await.status(), StatusCode::OK);
    let other = sample(Some(1), b"another model");
    upload_all(&server.registry, &other).await;
    let message = refusal(commit(&server, 1, other.bundle.manifest().to_bytes().unwrap()).await).await;
    assert!(
        message.starts_with("409 RESOURCE_ALREADY_EXISTS") && message.contains("ask for a new number"),
        "{message}"
    );
    let published = server.registry.version(&model(), version(1)).await.unwrap();
    assert_eq!(published.bundle_sha256, first.bundle.digest());
    server.stop().await;
}

#[tokio::test]
async fn a_tampered_manifest_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    server.registry.reserve_version(&model()).await.unwrap();
    let sample = sample(Some(1), b"model");
    upload_all(&server.registry, &sample).await;
    let good = sample.bundle.manifest();
    let with = |change: fn(&mut Manifest)| {
        let mut manifest = good.clone();
        change(&mut manifest);
        manifest.to_bytes().unwrap()
    };
    for (manifest, wanted) in [
        (with(|m| m.files[4].size += 1), "bytes, not"),
        (with(|m| m.files[4].sha256 = Sha256Digest::of(b"other")), "was not uploaded"),
        (with(|m| m.version = None), "no version"),
        (with(|m| m.version = "2".parse().ok()), "send it to its own path"),
        (with(|m| m.name = "Other".parse().unwrap()), "\"Other\""),
        (with(|m| m.component.sha256 = Sha256Digest::of(b"other")), "the component"),
        (with(|m| m.format_version = 2), "format_version 2"),
        ([good.to_bytes().unwrap(), b"\n".to_vec()].concat(), "not canonical"),
        (b"{".to_vec(), "manifest.json is not valid"),
        (
            String::from_utf8(good.to_bytes().unwrap())
                .unwrap()
                .replace("\"model.onnx\"", "\"../model.onnx\"")
                .into_bytes(),
            "without '..'",
        ),
    ] {
        let message = refusal(commit(&server, 1, manifest).await).await;
        assert!(message.starts_with("400 ") && message.contains(wanted), "{wanted}: {message}");
    }
    assert!(server.registry.versions(&model()).await.unwrap().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn metadata_of_another_version_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    server.registry.reserve_version(&model()).await.unwrap();
    server.registry.reserve_version(&model()).await.unwrap();
    let second = sample(Some(2), b"model");
    upload_all(&server.registry, &second).await;
    let mut manifest = second.bundle.manifest().clone();
    manifest.version = Some(version(1));
    let message = refusal(commit(&server, 1, manifest.to_bytes().unwrap()).await).await;
    assert!(message.contains("metadata.json: its name or version is not the manifest's"), "{message}");
    server.stop().await;
}

#[tokio::test]
async fn a_number_that_was_not_handed_out_cannot_be_published() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let sample = sample(Some(5), b"model");
    upload_all(&server.registry, &sample).await;
    let bytes = sample.bundle.manifest().to_bytes().unwrap();
    let message = refusal(commit(&server, 5, bytes.clone()).await).await;
    assert!(message.starts_with("404 RESOURCE_DOES_NOT_EXIST"), "{message}");
    server.registry.reserve_version(&model()).await.unwrap();
    let message = refusal(commit(&server, 5, bytes).await).await;
    assert!(message.starts_with("400 ") && message.contains("was not handed out"), "{message}");
    server.stop().await;
}

#[tokio::test]
async fn a_version_names_the_run_that_made_it_and_only_one_that_is_there() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let number = server.registry.reserve_version(&model()).await.unwrap();
    let sample = sample(Some(number.get()), b"model");
    upload_all(&server.registry, &sample).await;
    let at = |run: &str| server.at(&format!("{}?run_id={run}", path(1)));
    let manifest = || sample.bundle.manifest().to_bytes().unwrap();
    let answer = http().put(at("nobody")).body(manifest()).send().await.unwrap();
    let message = refusal(answer).await;
    assert!(message.starts_with("404 ") && message.contains("there is no run \"nobody\""), "{message}");

    let tracked = server.at("/api/2.0/mlflow/runs/create");
    let run = http().post(tracked).json(&serde_json::json!({ "experiment_id": "0" })).send().await.unwrap();
    let run: serde_json::Value = run.json().await.unwrap();
    let id = run["run"]["info"]["run_id"].as_str().unwrap();
    let answer = http().put(at(id)).body(manifest()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED, "the refusal before took no number");
    let read = format!("/api/2.0/mlflow/model-versions/get?name={MODEL}&version=1");
    let version: serde_json::Value = get(server.at(&read)).await.json().await.unwrap();
    assert_eq!(version["model_version"]["run_id"], id);
    server.stop().await;
}

#[tokio::test]
async fn a_blob_with_another_digest_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let url = server.at(&format!("/api/v1/blobs/{}", Sha256Digest::of(b"right")));
    let answer = http().put(&url).body("wrong").send().await.unwrap();
    let message = refusal(answer).await;
    assert!(
        message.starts_with("400 ") && message.contains(&Sha256Digest::of(b"wrong").to_string()),
        "{message}"
    );
    assert_eq!(get(&url).await.status(), StatusCode::NOT_FOUND);
    assert!(files_under(&data.path().join("blobs")).is_empty());
    let answer = http().put(&url).body("right").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let answer = http().put(&url).body("right").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = http().put(&url).body("wrong").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(get(&url).await.bytes().await.unwrap(), "right");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_publishers_at_once_all_succeed_with_numbers_of_their_own() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let publishers: Vec<_> = (0..16)
        .map(|n| {
            let registry = server.registry.clone();
            tokio::spawn(async move { publish(&registry, format!("model {n}").as_bytes()).await })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for publisher in publishers {
        numbers.insert(publisher.await.unwrap().version.get());
    }
    assert_eq!(numbers, (1..=16).collect());
    let listed = server.registry.versions(&model()).await.unwrap();
    assert_eq!(listed.iter().map(|v| v.version.get()).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
    let bundles: BTreeSet<_> = listed.iter().map(|v| v.bundle_sha256).collect();
    assert_eq!(bundles.len(), 16);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_bundles_for_one_number_leave_one_winner() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    server.registry.reserve_version(&model()).await.unwrap();
    let samples = [sample(Some(1), b"one"), sample(Some(1), b"two")];
    for sample in &samples {
        upload_all(&server.registry, sample).await;
    }
    let (first, second) = tokio::join!(
        server.registry.publish(&samples[0].bundle, &samples[0].component),
        server.registry.publish(&samples[1].bundle, &samples[1].component),
    );
    let won: Vec<_> = [first, second].into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(
        server.registry.version(&model(), version(1)).await.unwrap().bundle_sha256,
        won[0].bundle_sha256
    );
    server.stop().await;
}

#[tokio::test]
async fn numbers_never_repeat_after_failures_and_restarts() {
    let data = tempfile::tempdir().unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..4 {
        let server = Running::start(data.path()).await;
        for _ in 0..3 {
            assert!(seen.insert(server.registry.reserve_version(&model()).await.unwrap()));
        }
        // A publication that fails.
        let last = *seen.last().unwrap();
        let bytes = draft(Some(last.get()), b"never uploaded");
        let directory = tempfile::tempdir().unwrap();
        let bundle = bytes.write(&directory.path().join("bundle")).unwrap();
        let answer = commit(&server, last.get(), bundle.manifest().to_bytes().unwrap()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        server.stop().await;
    }
    assert_eq!(seen.len(), 12);
    assert_eq!(seen.last().unwrap().get(), 12);
}

#[tokio::test]
async fn the_component_is_uploaded_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"one").await;
    let number = server.registry.reserve_version(&model()).await.unwrap();
    let sample = sample(Some(number.get()), b"two");
    // The file is not even opened when the registry has it.
    let nowhere = sample.component.with_file_name("nowhere.wasm");
    server.registry.publish(&sample.bundle, &nowhere).await.unwrap();
    assert!(server.registry.has_blob(&Sha256Digest::of(COMPONENT)).await.unwrap());
    server.stop().await;
}
