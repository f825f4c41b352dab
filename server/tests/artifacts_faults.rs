//! What goes wrong on the way of an artifact leaves nothing behind, and a large one needs no memory.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use common::{Process, Running, files_under, get, http, refusal};
use futures::StreamExt as _;
use overhaul_bundle::Sha256Digest;
use overhaul_bundle::digest::Hasher;
use overhaul_server::blobs::{BlobPlace, Blobs};
use reqwest::Body;
use serde_json::{Value, json};

const ARTIFACTS: &str = "/api/2.0/mlflow-artifacts/artifacts";
const MPU: &str = "/api/2.0/mlflow-artifacts/mpu";

/// A body of some pieces of a MiB, without a length in the header.
fn pieces(count: usize) -> Body {
    Body::wrap_stream(futures::stream::iter(
        (0..count).map(|n| Ok::<_, std::io::Error>(vec![n as u8; 1 << 20])),
    ))
}

fn left(data: &Path) -> Vec<std::path::PathBuf> {
    let blobs = data.join("blobs");
    if blobs.is_dir() { files_under(&blobs) } else { Vec::new() }
}

async fn nothing_is_left(data: &Path) {
    for _ in 0..200 {
        if left(data).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", left(data));
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_on_the_way_and_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::with(data.path(), |options| options.max_blob_bytes = 3 << 20).await;
    let url = server.at(&format!("{ARTIFACTS}/1/big"));
    for body in [pieces(4), Body::from(vec![0; (3 << 20) + 1])] {
        let message = refusal(http().put(&url).body(body).send().await.unwrap()).await;
        assert!(message.starts_with("413 ") && message.contains("at most 3145728 bytes"), "{message}");
        assert_eq!(left(data.path()), [""; 0].map(std::path::PathBuf::from));
    }
    assert_eq!(get(&url).await.status(), 404);
    assert_eq!(http().put(&url).body(pieces(3)).send().await.unwrap().status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let url = server.at(&format!("{ARTIFACTS}/1/big"));
    let broken = futures::stream::iter([Ok(vec![1; 3 << 20]), Err(std::io::Error::other("gone"))]);
    assert!(http().put(&url).body(Body::wrap_stream(broken)).send().await.is_err());
    nothing_is_left(data.path()).await;
    assert_eq!(get(&url).await.status(), 404);
    server.stop().await;
}

#[tokio::test]
async fn a_symbolic_link_among_the_blobs_is_not_followed() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let secret = data.path().join("secret");
    fs::write(&secret, "the secret").unwrap();
    let blobs = data.path().join("blobs");
    let content = b"the content";
    let digest = Sha256Digest::of(content).to_string();
    let url = server.at(&format!("{ARTIFACTS}/1/x"));
    assert_eq!(http().put(&url).body(&content[..]).send().await.unwrap().status(), 200);

    // In the place of a file.
    let file = blobs.join("sha256").join(&digest[..2]).join(&digest);
    fs::remove_file(&file).unwrap();
    symlink(&secret, &file).unwrap();
    let own = Blobs::open(&BlobPlace::Folder(blobs.clone()), 100).unwrap();
    let refused = async || {
        for url in [&url, &server.at(&format!("/api/v1/blobs/{digest}"))] {
            let message = refusal(get(url).await).await;
            assert!(message.starts_with("500 INTERNAL_ERROR") && !message.contains("secret"), "{message}");
        }
        assert_eq!(http().put(&url).body(&content[..]).send().await.unwrap().status(), 500);
        assert!(own.list().collect::<Vec<_>>().await.is_empty());
        assert_eq!(fs::read_to_string(&secret).unwrap(), "the secret");
    };
    refused().await;

    // In the place of the folder.
    let elsewhere = data.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join(&digest), "the secret").unwrap();
    fs::remove_dir_all(file.parent().unwrap()).unwrap();
    symlink(&elsewhere, file.parent().unwrap()).unwrap();
    refused().await;
    assert!(own.delete(&Sha256Digest::of(content)).await.is_err());
    assert_eq!(fs::read_to_string(elsewhere.join(&digest)).unwrap(), "the secret");
    server.stop().await;
}

/// The most memory that a process had so far, in MiB.
fn peak(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() >> 10
}

async fn digest_of(url: &str) -> (Sha256Digest, u64) {
    let mut body = get(url).await.bytes_stream();
    let mut hasher = Hasher::default();
    while let Some(piece) = body.next().await {
        hasher.update(&piece.unwrap());
    }
    hasher.finish()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_passes_through_without_being_held_in_memory() {
    const MIB: usize = 300;
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    let at = |path: &str| format!("{}{path}", process.url);
    let before = peak(&process);
    let mut hasher = Hasher::default();
    (0..MIB).for_each(|n| hasher.update(&vec![n as u8; 1 << 20]));
    let wanted = hasher.finish();

    let url = at(&format!("{ARTIFACTS}/1/big"));
    assert_eq!(http().put(&url).body(pieces(MIB)).send().await.unwrap().status(), 200);
    assert_eq!(digest_of(&url).await, wanted);

    let begin = http().post(at(&format!("{MPU}/create/2"))).json(&json!({"path": "big", "num_parts": 1}));
    let started: Value = begin.send().await.unwrap().json().await.unwrap();
    let part = http()
        .put(started["credentials"][0]["url"].as_str().unwrap())
        .body(pieces(MIB))
        .send()
        .await
        .unwrap();
    let etag = part.headers()["etag"].to_str().unwrap();
    let complete = json!({
        "path": "big", "upload_id": started["upload_id"], "parts": [{"part_number": 1, "etag": etag}],
    });
    let complete = http().post(at(&format!("{MPU}/complete/2"))).json(&complete).send().await.unwrap();
    assert_eq!(complete.status(), 200);
    assert_eq!(digest_of(&at(&format!("{ARTIFACTS}/2/big"))).await, wanted);
    assert_eq!(left(data.path()).len(), 1, "both are one blob");
    let after = peak(&process);
    assert!(after < before + 64, "{before} MiB before, {after} MiB after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_9_during_uploads_loses_nothing_acknowledged_and_leaves_no_remains() {
    let data = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..8_u64 {
        let process = Process::start(data.path());
        let uploaders = (0..3_u64).map(|uploader| {
            let root = format!("{}{ARTIFACTS}/{round}/{uploader}", process.url);
            tokio::spawn(async move {
                let mut done = Vec::new();
                for n in 0_u64.. {
                    // Small ones and such as are staged, each another.
                    let mut content = vec![round as u8; if n % 2 == 0 { 3 << 20 } else { 3000 }];
                    content[..16].copy_from_slice(&[uploader.to_le_bytes(), n.to_le_bytes()].concat());
                    let digest = Sha256Digest::of(&content);
                    match http().put(format!("{root}/{n}")).body(content).send().await {
                        Ok(answer) if answer.status() == 200 => {
                            done.push((format!("{round}/{uploader}/{n}"), digest));
                        }
                        _ => break,
                    }
                }
                done
            })
        });
        let uploaders: Vec<_> = uploaders.collect();
        tokio::time::sleep(Duration::from_millis(100 + 60 * round)).await;
        drop(process); // SIGKILL
        for uploader in uploaders {
            acknowledged.extend(uploader.await.unwrap());
        }
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    let process = Process::start(data.path());
    for (path, digest) in acknowledged {
        let (found, _) = digest_of(&format!("{}{ARTIFACTS}/{path}", process.url)).await;
        assert_eq!(found, digest, "{path}");
    }
    let blobs = data.path().join("blobs");
    for file in files_under(&blobs) {
        let digest: Sha256Digest = file.file_name().unwrap().to_str().unwrap().parse().unwrap();
        assert_eq!(Sha256Digest::of(&fs::read(blobs.join(file)).unwrap()), digest);
    }
}
