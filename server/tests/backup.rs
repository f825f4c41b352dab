//! A backup is of one moment, whole, and what it restores is what was there; or there is none.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::tending::{
    age_blobs, assert_clean, backed_up, backup, blob, fill, names, put, restore, run, sql,
};
use common::{Process, Running, publish};
use overhaul_bundle::Sha256Digest;
use overhaul_server::operations::Registry;
use overhaul_server::operations::gc::collect;

#[tokio::test]
async fn only_what_is_needed_is_in_it_and_only_its_owner_reads_it() {
    let place = tempfile::tempdir().unwrap();
    let (data, file) = (place.path().join("data"), place.path().join("registry.tar"));
    fill(&data).await;
    let server = Running::start(&data).await;
    put(&server, b"nobody's").await;
    server.stop().await;
    let done = backup(&data, &file);
    assert!(done.out.contains(" and 16 blobs, "), "{done:?}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(place.path()), ["data", "registry.tar"]);
    let list = Command::new("tar").arg("tvf").arg(&file).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert_eq!(list.lines().count(), 18, "{list}");
    assert!(list.lines().all(|line| line.starts_with("-rw------- 0/0")), "{list}");
    assert!(!list.contains(&Sha256Digest::of(b"nobody's").to_string()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_writers_running_everything_acknowledged_before_is_in_it_whole() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let process = Process::start(&data);
    let acknowledged = Arc::new(Mutex::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (registry, acknowledged, stop) =
            (process.registry(), Arc::clone(&acknowledged), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::Relaxed) {
                let number = *acknowledged.lock().unwrap();
                let published = publish(&registry, &u32::to_le_bytes(number)).await;
                *acknowledged.lock().unwrap() = published.version.get();
            }
        }
    });
    for round in 0..4 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let before = *acknowledged.lock().unwrap();
        let (from, file) = (data.clone(), place.path().join(format!("{round}.tar")));
        let to = place.path().join(format!("restored-{round}"));
        let (done, restored) =
            tokio::task::spawn_blocking(move || (backup(&from, &file), restore(&file, &to))).await.unwrap();
        assert_eq!((done.code, restored.code), (Some(0), Some(0)), "{done:?} {restored:?}");
        let to = place.path().join(format!("restored-{round}"));
        assert_clean(&to);
        let database = rusqlite::Connection::open(to.join("registry.sqlite")).unwrap();
        let count: u32 = database.query_row("SELECT count(*) FROM bundles", [], |row| row.get(0)).unwrap();
        assert!(count >= before, "{before} were acknowledged before the backup, {count} are in it");
    }
    stop.store(true, Ordering::Relaxed);
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gc_meanwhile_does_not_break_it() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    fill(&data).await;
    let registry = Registry::existing(&data, None).unwrap();
    for round in 0..6 {
        let server = Running::start(&data).await;
        let content = format!("large {round}").repeat(1 << 20);
        put(&server, content.as_bytes()).await;
        server.stop().await;
        let digest = Sha256Digest::of(content.as_bytes());
        sql(&data, &format!("INSERT INTO artifacts VALUES ('a{round}', '{digest}', {}, 0)", content.len()));
        age_blobs(&data, Duration::from_hours(48));
        let file = place.path().join(format!("{round}.tar"));
        let backing_up = tokio::task::spawn_blocking({
            let (data, file) = (data.clone(), file.clone());
            move || backup(&data, &file)
        });
        // Somewhere in the backup the artifact is deleted and collected.
        tokio::time::sleep(Duration::from_millis(round * 8)).await;
        sql(&data, "DELETE FROM artifacts WHERE path LIKE 'a%'");
        collect(&registry, Duration::from_hours(24), false).await.unwrap();
        assert!(!blob(&data, content.as_bytes()).exists());
        let done = backing_up.await.unwrap();
        assert_eq!((done.code, done.error.as_str()), (Some(0), ""), "{done:?}");
        assert_eq!(restore(&file, &place.path().join(format!("restored-{round}"))).code, Some(0));
    }
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let (place, data, file) = backed_up().await;
    let before = fs::read(&file).unwrap();
    let refused = backup(&data, &file);
    let line =
        format!("error: {} exists, and a backup overwrites nothing; name a new file\n", file.display());
    assert_eq!((refused.code, refused.error), (Some(2), line));
    assert_eq!(fs::read(&file).unwrap(), before);

    let refused = restore(&file, &data);
    assert_eq!((refused.code, refused.error.lines().count()), (Some(2), 1), "{refused:?}");
    assert!(refused.error.contains("is not empty, it holds "), "{refused:?}");
    let other = place.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("mine"), b"mine").unwrap();
    let refused = restore(&file, &other);
    assert!(
        refused
            .error
            .contains("is not empty, it holds mine; restore into a directory that is missing or empty")
    );
    assert_eq!(names(&other), ["mine"]);
}

#[tokio::test]
async fn what_cannot_be_restored_is_not_backed_up() {
    for (damage, expected) in [
        (None, "is missing; run verify"),
        (Some("TWO"), "is damaged: its 3 bytes have sha256"),
        (Some("t"), "has 1 bytes, not 3 as is written; run verify"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        fill(&data).await;
        let damaged = blob(&data, b"two");
        match damage {
            None => fs::remove_file(damaged).unwrap(),
            Some(content) => fs::write(damaged, content).unwrap(),
        }
        let refused = backup(&data, &place.path().join("registry.tar"));
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.error.contains(expected), "{refused:?}");
        assert_eq!(names(place.path()), ["data"]);
    }
}

#[tokio::test]
async fn a_kill_leaves_no_backup_and_a_signal_leaves_nothing_at_all() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    fill(&data).await;
    large(&data).await;
    let file = place.path().join("registry.tar");
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overhaul-server"));
        command.arg("backup").arg(&file).arg("--data-dir").arg(&data);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let partial = place.path().join("registry.tar.partial");
    let begun = || {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !fs::metadata(&partial).is_ok_and(|file| file.len() > 1 << 20) {
            assert!(Instant::now() < deadline, "the backup never began");
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let mut child = start();
    begun();
    assert!(Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(names(place.path()), ["data"]);

    let mut child = start();
    begun();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!file.exists() && partial.exists());
    // The next one is not disturbed, and leaves nothing of it.
    assert_eq!(backup(&data, &file).code, Some(0));
    assert_eq!(names(place.path()), ["data", "registry.tar"]);

    // The same for a restore.
    let to = place.path().join("restored");
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overhaul-server"));
        command.arg("restore").arg(&file).arg("--data-dir").arg(&to);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let begun = || {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !to.join(".restoring/registry.sqlite").exists() {
            assert!(Instant::now() < deadline, "the restore never began");
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let mut child = start();
    begun();
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(!to.exists());
    let mut child = start();
    begun();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!to.join("registry.sqlite").exists());
    assert_eq!(restore(&file, &to).code, Some(0));
    assert_clean(&to);
}

/// Enough to be interrupted in.
async fn large(data: &Path) {
    let server = Running::start(data).await;
    let mut statements = Vec::new();
    for n in 0..6_u8 {
        let content = vec![n; 16 << 20];
        put(&server, &content).await;
        let digest = Sha256Digest::of(&content);
        let size = content.len();
        statements.push(format!("INSERT INTO artifacts VALUES ('large{n}', '{digest}', {size}, 0);"));
    }
    server.stop().await;
    sql(data, &statements.concat());
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_and_says_so() {
    let (place, data, file) = backed_up().await;
    let small = place.path().join("small");
    fs::create_dir(&small).unwrap();
    // A file system of 64 KiB in a mount namespace of its own.
    let on_small_disk = |command: &str| {
        let script = format!(
            "mount -t tmpfs -o size=64k tmpfs \"$1\" && {{ {command}; code=$?; ls -A \"$1\"; exit $code; }}"
        );
        let with_user = ["--user", "--map-root-user", "--mount"];
        let allowed = Command::new("unshare")
            .args(with_user)
            .arg("true")
            .output()
            .is_ok_and(|out| out.status.success());
        let mut unshare = Command::new("unshare");
        unshare.args(if allowed { &with_user[..] } else { &with_user[2..] });
        unshare.args(["sh", "-c", &script, env!("CARGO_BIN_EXE_overhaul-server")]);
        run(unshare.arg(&small).arg(&data).arg(&file))
    };
    for command in [
        "\"$0\" backup \"$1/registry.tar\" --data-dir \"$2\"",
        "\"$0\" restore \"$3\" --data-dir \"$1/data\"",
    ] {
        let refused = on_small_disk(command);
        assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{refused:?}");
        let error = refused.error.to_lowercase();
        assert!(error.contains("no space left") || error.contains("disk is full"), "{refused:?}");
    }
}
