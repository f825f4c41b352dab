//! A full disk during publishing: one clear refusal, nothing half-written, and all is well once there is space.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use common::{Process, model, sample};

/// The server on a file system of 8 MiB that only its own process sees: a tmpfs in a mount
/// namespace of its own, which needs no privilege where user namespaces are allowed.
fn on_small_disk(place: &Path) -> Command {
    let server = env!("CARGO_BIN_EXE_overhaul-server");
    let script = "mount -t tmpfs -o size=8m tmpfs \"$1\" && exec \"$0\" serve --data-dir \"$1/data\" --listen 127.0.0.1:0";
    let with_user = ["--user", "--map-root-user", "--mount"];
    let allowed =
        Command::new("unshare").args(with_user).arg("true").output().is_ok_and(|out| out.status.success());
    // Root may mount without a user namespace; whoever may do neither sees this test fail, not pass untried.
    let mut command = Command::new("unshare");
    command.args(if allowed { &with_user[..] } else { &with_user[2..] });
    command.args(["sh", "-c", script, server]).arg(place);
    command.process_group(0);
    command
}

/// The path of a file in the server's own mount namespace.
fn inside(process: &Process, path: &Path) -> std::path::PathBuf {
    Path::new("/proc").join(process.child.id().to_string()).join("root").join(path.strip_prefix("/").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_named_and_leaves_nothing_half_written() {
    let place = tempfile::tempdir().unwrap();
    let process = Process::spawn(&mut on_small_disk(place.path()));
    let registry = process.registry();
    let number = registry.reserve_version(&model()).await.unwrap().get();
    let data = inside(&process, &place.path().join("data"));

    let large = sample(Some(number), &vec![1; 12 << 20]);
    let error = registry.publish(&large.bundle, &large.component).await.unwrap_err();
    let message = error.to_string();
    assert!(message.contains("507") && message.contains("disk is full; free space"), "{message}");
    assert!(!error.is_mistake(), "a full disk of the registry is no mistake of the publisher");
    let onnx = large.bundle.manifest().file("model.onnx").unwrap();
    assert!(!registry.has_blob(&onnx.sha256).await.unwrap());
    assert!(registry.versions(&model()).await.unwrap().is_empty());
    let leftovers = common::files_under(&data.join("blobs"));
    assert!(leftovers.iter().all(|path| !path.to_string_lossy().contains('#')), "{leftovers:?}");

    // Artifacts, whole and in parts.
    let at = |path: &str| format!("{}/api/2.0/mlflow-artifacts/{path}", process.url);
    let begin =
        common::http().post(at("mpu/create/1")).json(&serde_json::json!({"path": "big", "num_parts": 1}));
    let started: serde_json::Value = begin.send().await.unwrap().json().await.unwrap();
    for url in [&at("artifacts/1/big"), started["credentials"][0]["url"].as_str().unwrap()] {
        let answer = common::http().put(url).body(vec![2; 12 << 20]).send().await.unwrap();
        let message = common::refusal(answer).await;
        assert!(message.starts_with("507 ") && message.contains("disk is full; free space"), "{message}");
        let blobs = common::files_under(&data.join("blobs"));
        assert!(blobs.iter().all(|file| file.starts_with("sha256")), "{blobs:?}");
    }
    assert_eq!(common::get(at("artifacts/1/big")).await.status(), 404);

    // To the last byte: now the database cannot grow either.
    let filler = data.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    let mut last = number;
    let error = loop {
        match registry.reserve_version(&model()).await {
            Ok(reserved) => last = reserved.get(),
            Err(error) => break error,
        }
        assert!(last < 10_000, "the full disk never showed");
    };
    assert!(error.to_string().contains("disk is full"), "{error}");

    // An open file keeps its space.
    drop(file);
    std::fs::remove_file(&filler).unwrap();
    let number = registry.reserve_version(&model()).await.unwrap().get();
    assert!(number > last);
    let small = sample(Some(number), b"fits");
    registry.publish(&small.bundle, &small.component).await.unwrap();
    assert_eq!(registry.versions(&model()).await.unwrap().len(), 1);
}
