//! `gc` deletes what nothing needs and is old, and never what somebody needs or is about to need.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::tending::{Tended, age, age_blobs, assert_clean, blob, fill, part, put, sql, tend};
use common::{COMPONENT, Process, Running, files_under, http, model, sample, upload_all};
use overhaul_bundle::Sha256Digest;
use overhaul_server::operations::Registry;
use overhaul_server::operations::gc::collect;

const DAY: Duration = Duration::from_hours(24);

fn gc(data: &Path, more: &[&str]) -> Tended {
    let fixed = ["gc".as_ref(), "--data-dir".as_ref(), data.as_os_str()];
    tend(fixed.into_iter().chain(more.iter().map(AsRef::as_ref)))
}

/// Every file of a directory with its digest, but for those that `SQLite` makes to read.
fn contents(data: &Path) -> BTreeMap<PathBuf, Sha256Digest> {
    let digest = |file: &PathBuf| Sha256Digest::of(&fs::read(data.join(file)).unwrap());
    let files = files_under(data).into_iter().filter(|file| {
        let name = file.to_string_lossy();
        !name.ends_with("-wal") && !name.ends_with("-shm")
    });
    files.map(|file| (file.clone(), digest(&file))).collect()
}

#[tokio::test]
async fn only_what_nothing_needs_and_is_old_goes() {
    let data = tempfile::tempdir().unwrap();
    fill(data.path()).await;
    let server = Running::start(data.path()).await;
    put(&server, b"old and nobody's").await;
    age_blobs(data.path(), 2 * DAY);
    put(&server, b"young and nobody's").await;
    let done = gc(data.path(), &[]);
    assert_eq!(
        done.out,
        "deleted 1 blob older than 24h that nothing needs, 16 B\n\
         deleted 0 leftovers of broken uploads, 0 B\n\
         deleted 0 unfinished uploads older than 24h\n\
         deleted 0 finished webhook calls older than 720h\n\
         left 1 blob that nothing needs and that is younger, 18 B\n",
        "{done:?}"
    );
    assert_eq!((done.code, done.error.as_str()), (Some(0), ""));
    assert!(!blob(data.path(), b"old and nobody's").exists());
    assert!(blob(data.path(), b"young and nobody's").exists());
    assert_clean(data.path());
    server.stop().await;
}

#[tokio::test]
async fn a_dry_run_lists_all_of_it_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    fill(data.path()).await;
    let server = Running::start(data.path()).await;
    put(&server, b"nobody's").await;
    server.stop().await;
    sql(data.path(), "UPDATE uploads SET created_at = 0; PRAGMA wal_checkpoint(TRUNCATE);");
    age_blobs(data.path(), 2 * DAY);
    let leftover = data.path().join("blobs/sha256/xy#1");
    fs::write(&leftover, b"half").unwrap();
    age(&leftover, 2 * DAY);
    let before = contents(data.path());
    let done = gc(data.path(), &["--dry-run"]);
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(lines.len(), 5, "{done:?}");
    let listed = format!("would delete blob {}, 8 B, last used ", Sha256Digest::of(b"nobody's"));
    assert!(lines[0].starts_with(&listed), "{done:?}");
    assert_eq!(lines[1], "would delete 1 blob older than 24h that nothing needs, 8 B");
    assert_eq!(lines[2], "would delete 1 leftover of broken uploads, 4 B");
    assert_eq!(lines[3], "would delete 1 unfinished upload older than 24h");
    assert_eq!(contents(data.path()), before);

    // What it said is what happens.
    let done = gc(data.path(), &[]);
    assert_eq!(done.out.lines().next(), Some("deleted 1 blob older than 24h that nothing needs, 8 B"));
    assert!(!leftover.exists() && !part(data.path()).exists());
    assert_clean(data.path());
}

#[tokio::test]
async fn what_a_deleted_version_needed_goes_and_what_it_shared_stays() {
    let data = tempfile::tempdir().unwrap();
    fill(data.path()).await;
    age_blobs(data.path(), 2 * DAY);
    sql(data.path(), "PRAGMA foreign_keys = ON; DELETE FROM model_versions WHERE version = 1");
    assert_eq!(gc(data.path(), &[]).code, Some(0));
    assert!(!blob(data.path(), b"one").exists());
    assert!(blob(data.path(), COMPONENT).exists() && blob(data.path(), b"weights").exists());
    assert_clean(data.path());
}

#[tokio::test]
async fn webhook_calls_that_are_over_go_after_a_month_and_it_is_recorded() {
    let data = tempfile::tempdir().unwrap();
    fill(data.path()).await;
    let now = jiff::Timestamp::now().as_millisecond();
    sql(
        data.path(),
        &format!(
            "INSERT INTO webhooks VALUES ('w', 'w', NULL, 'http://x', NULL, 'ACTIVE', 0, 0);
             INSERT INTO deliveries (delivery_id, webhook, payload, created_at, state, due_at) VALUES
             ('old', 'w', '', 0, 'delivered', 0), ('given up', 'w', '', 0, 'failed', 0),
             ('waiting', 'w', '', 0, 'waiting', 0), ('new', 'w', '', {now}, 'delivered', 0)"
        ),
    );
    let done = gc(data.path(), &[]);
    assert!(done.out.contains("deleted 2 finished webhook calls older than 720h"), "{done:?}");
    let database = rusqlite::Connection::open(data.path().join("registry.sqlite")).unwrap();
    let text = |sql: &str| -> String { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(
        text(
            "SELECT group_concat(delivery_id) FROM (SELECT delivery_id FROM deliveries ORDER BY delivery_id)"
        ),
        "new,waiting"
    );
    let audit =
        "SELECT actor || ' ' || action || ' ' || kind || ' ' || before FROM audit ORDER BY id DESC LIMIT 1";
    assert_eq!(text(audit), "overhaul-server gc drop_deliveries delivery 2");
}

#[tokio::test]
async fn an_upload_in_progress_keeps_its_file() {
    let data = tempfile::tempdir().unwrap();
    fill(data.path()).await;
    let (young, old) = (data.path().join("blobs/sha256/xy#1"), data.path().join("blobs/sha256/xy#2"));
    for file in [&young, &old] {
        fs::write(file, b"half").unwrap();
    }
    age(&old, DAY + Duration::from_mins(1));
    let done = gc(data.path(), &[]);
    assert!(done.out.contains("deleted 1 leftover of broken uploads, 4 B"), "{done:?}");
    assert!(young.exists() && !old.exists() && part(data.path()).exists());
}

#[tokio::test]
async fn a_short_grace_time_is_for_stopped_servers_only() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    let file = data.path().join("x");
    fs::write(&file, b"x").unwrap();
    process.registry().upload_blob(&file, &Sha256Digest::of(b"x")).await.unwrap();
    let refused = gc(data.path(), &["--older-than", "59m"]);
    assert_eq!(
        (refused.code, refused.error),
        (
            Some(2),
            format!(
                "error: --older-than 59m is too short while a server runs on {}, whose uploads may take longer; \
                 give it 1h or more, or stop the server\n",
                data.path().display()
            )
        )
    );
    assert_eq!(gc(data.path(), &["--older-than", "0s", "--dry-run"]).code, Some(0));
    assert!(blob(data.path(), b"x").exists());
    drop(process);
    let done = gc(data.path(), &["--older-than", "0s"]);
    assert!(done.out.starts_with("deleted 1 blob older than 0s"), "{done:?}");
    assert!(!blob(data.path(), b"x").exists());
}

#[tokio::test]
async fn a_time_that_is_none_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    for bad in ["", "24", "tomorrow", "-1h", "1y"] {
        let refused = gc(data.path(), &[&format!("--older-than={bad}")]);
        assert_eq!(refused.code, Some(2), "{bad}");
        assert!(refused.error.contains("give a time such as 24h, 90m or 7d"), "{refused:?}");
    }
}

#[tokio::test]
async fn nothing_goes_while_it_cannot_be_told_what_is_needed() {
    for damage in ["UPDATE artifacts SET sha256 = 'x'", "UPDATE uploads SET created_at = created_at"] {
        let data = tempfile::tempdir().unwrap();
        fill(data.path()).await;
        let server = Running::start(data.path()).await;
        put(&server, b"nobody's").await;
        let manifests = server.registry.versions(&model()).await.unwrap();
        server.stop().await;
        age_blobs(data.path(), 2 * DAY);
        sql(data.path(), damage);
        if damage.contains("uploads") {
            fs::remove_file(common::tending::blob_at(data.path(), &manifests[0].bundle_sha256)).unwrap();
        }
        let refused = gc(data.path(), &[]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{refused:?}");
        assert!(
            refused.error.starts_with("error: cannot tell which blobs are needed; verify says more: "),
            "{refused:?}"
        );
        assert!(blob(data.path(), b"nobody's").exists());
    }
}

/// The race: everything that a version needs is there, old and nobody's, when it is published and collected at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_is_published_during_gc_is_whole_or_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let registry = Registry::existing(data.path(), None).unwrap();
    let (mut published, mut refused) = (0, 0);
    // Moved to where the one becomes the other: there they meet.
    let mut delay = Duration::from_millis(4);
    for round in 0_u32..24 {
        let number = server.registry.reserve_version(&model()).await.unwrap();
        let sample = sample(Some(number.get()), &round.to_le_bytes());
        upload_all(&server.registry, &sample).await;
        age_blobs(data.path(), 2 * DAY);
        // Straight to the commit: the client asks for each blob first, which would refresh it.
        let url = server.at(&format!("/api/v1/models/{}/versions/{number}", model()));
        let manifest = sample.bundle.manifest().to_bytes().unwrap();
        let request = http().put(url).header("Content-Type", "application/json").body(manifest);
        let publishing = async {
            tokio::time::sleep(delay).await;
            request.send().await.unwrap()
        };
        let (answer, collected) = tokio::join!(publishing, collect(&registry, DAY, false));
        collected.unwrap();
        if answer.status() == 201 {
            published += 1;
            delay = delay * 3 / 2;
        } else {
            let message = common::refusal(answer).await;
            assert!(message.contains("was not uploaded; upload it and send the manifest again"), "{message}");
            refused += 1;
            delay = delay * 2 / 3;
            server.registry.publish(&sample.bundle, &sample.component).await.unwrap();
        }
    }
    assert!(published > 0 && refused > 0, "{published} published, {refused} refused: the two never met");
    assert_clean(data.path());
    server.stop().await;
}

#[tokio::test]
async fn whoever_asks_for_a_blob_before_publishing_finds_it_then() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    put(&server, b"asked for").await;
    age_blobs(data.path(), 2 * DAY);
    assert!(server.registry.has_blob(&Sha256Digest::of(b"asked for")).await.unwrap());
    gc(data.path(), &[]);
    assert!(blob(data.path(), b"asked for").exists());
    server.stop().await;
}
