//! Published bundles are folders of artifacts, to read and not to write.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Running, get, http, publish, refusal};
use overhaul_bundle::Manifest;
use overhaul_bundle::Sha256Digest;
use serde_json::{Value, json};

const ROOT: &str = "/api/2.0/mlflow-artifacts";

async fn names(server: &Running, path: &str) -> Vec<String> {
    let listed: Value = get(server.at(&format!("{ROOT}/artifacts?path={path}"))).await.json().await.unwrap();
    let files = listed["files"].as_array().cloned().unwrap_or_default();
    files.iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_published_bundle_is_listed_and_every_file_of_it_is_served() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let published = publish(&server.registry, b"a model").await;
    let folder = format!("bundles/{}", published.bundle_sha256);
    assert_eq!(names(&server, "").await, ["bundles"]);
    assert_eq!(names(&server, "bundles").await, [published.bundle_sha256.to_string()]);
    let manifest =
        get(server.at(&format!("{ROOT}/artifacts/{folder}/manifest.json"))).await.bytes().await.unwrap();
    assert_eq!(Sha256Digest::of(&manifest), published.bundle_sha256);
    let manifest = Manifest::from_bytes(&manifest).unwrap();
    let mut wanted: Vec<String> = manifest.files.iter().map(|entry| entry.path.to_string()).collect();
    wanted.push("manifest.json".to_owned());
    wanted.sort();
    assert_eq!(names(&server, &folder).await, wanted);
    for entry in &manifest.files {
        let bytes =
            get(server.at(&format!("{ROOT}/artifacts/{folder}/{}", entry.path))).await.bytes().await.unwrap();
        assert_eq!(Sha256Digest::of(&bytes), entry.sha256, "{}", entry.path);
        let presigned: Value =
            get(server.at(&format!("{ROOT}/presigned/{folder}/{}", entry.path))).await.json().await.unwrap();
        assert_eq!(presigned["file_size"], entry.size);
        let bytes = get(presigned["url"].as_str().unwrap()).await.bytes().await.unwrap();
        assert_eq!(Sha256Digest::of(&bytes), entry.sha256, "{}", entry.path);
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_published_bundle_is_not_there_even_if_its_manifest_is() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let published = publish(&server.registry, b"a model").await;
    // A manifest that was only uploaded.
    let draft = common::sample(Some(7), b"a model");
    let bytes = draft.bundle.manifest().to_bytes().unwrap();
    let digest = Sha256Digest::of(&bytes);
    http().put(server.at(&format!("/api/v1/blobs/{digest}"))).body(bytes).send().await.unwrap();
    for path in [
        format!("bundles/{digest}/MLmodel"),
        format!("bundles/{digest}"),
        format!("bundles/{}/no-such-file", published.bundle_sha256),
        format!("bundles/{}/MLmodel/x", published.bundle_sha256),
        "bundles/x/MLmodel".to_owned(),
    ] {
        let message = refusal(get(server.at(&format!("{ROOT}/artifacts/{path}"))).await).await;
        assert!(message.starts_with("404 RESOURCE_DOES_NOT_EXIST: No such artifact: "), "{path}: {message}");
        assert!(names(&server, &path).await.is_empty(), "{path}");
    }
    for folder in ["bundles".to_owned(), format!("bundles/{}", published.bundle_sha256)] {
        let message = refusal(get(server.at(&format!("{ROOT}/artifacts/{folder}"))).await).await;
        assert!(message.starts_with("400 ") && message.contains("is a folder"), "{message}");
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_writes_or_deletes_there() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let published = publish(&server.registry, b"a model").await;
    let before = names(&server, &format!("bundles/{}", published.bundle_sha256)).await;
    for path in [
        format!("bundles/{}/MLmodel", published.bundle_sha256),
        format!("bundles/{}", published.bundle_sha256),
        "bundles/mine/MLmodel".to_owned(),
        "bundles".to_owned(),
    ] {
        let url = server.at(&format!("{ROOT}/artifacts/{path}"));
        let begin = http().post(server.at(&format!("{ROOT}/mpu/create/{path}")));
        for answer in [
            http().put(&url).body("x").send().await.unwrap(),
            http().delete(&url).send().await.unwrap(),
            begin.json(&json!({"path": "x", "num_parts": 1})).send().await.unwrap(),
        ] {
            let message = refusal(answer).await;
            assert!(
                message.starts_with("400 INVALID_PARAMETER_VALUE") && message.contains("never changes"),
                "{message}"
            );
        }
    }
    assert_eq!(names(&server, &format!("bundles/{}", published.bundle_sha256)).await, before);
    // What only begins like it is an ordinary folder.
    assert_eq!(
        http()
            .put(server.at(&format!("{ROOT}/artifacts/bundles-2/x")))
            .body("x")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    server.stop().await;
}
