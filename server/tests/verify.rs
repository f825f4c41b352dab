//! `verify` finds whatever is damaged or missing, names who needs it, and finds nothing else.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use common::tending::{UPLOAD, assert_clean, blob, blob_at, fill, part, put, sql, verify};
use common::{COMPONENT, Process, Running, model, publish, version};
use overhaul_bundle::Sha256Digest;
use tempfile::TempDir;

async fn filled() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    fill(data.path()).await;
    assert_clean(data.path());
    data
}

/// The one problem that is found.
fn problem(data: &Path) -> String {
    let found = verify(data);
    assert_eq!(found.code, Some(1), "{found:?}");
    assert_eq!(found.error, format!("error: 1 problem in {}\n", data.display()));
    let [problem] = found.problems()[..] else { panic!("{found:?}") };
    problem.to_owned()
}

#[tokio::test]
async fn a_clean_directory_is_told_in_numbers() {
    let data = filled().await;
    let found = verify(data.path());
    let lines: Vec<&str> = found.out.lines().collect();
    assert_eq!(
        lines[0],
        "database: 1 registered model, 3 versions (3 with a bundle), 1 alias, 1 experiment, 0 runs, 1 artifact"
    );
    assert!(
        lines[1].starts_with("blobs: 16 hashed, ") && lines[1].ends_with("; 0 that nothing needs"),
        "{found:?}"
    );
    assert_eq!((lines.len(), found.error.as_str()), (3, ""), "{found:?}");
}

#[tokio::test]
async fn a_tampered_blob_is_found_and_its_owner_named() {
    let data = filled().await;
    fs::write(blob(data.path(), b"two"), b"TWO").unwrap();
    let digest = Sha256Digest::of(b"two");
    let found = Sha256Digest::of(b"TWO");
    assert_eq!(
        problem(data.path()),
        format!(
            "blob {digest} is damaged: its 3 bytes have sha256 {found}; it is model.onnx of RUL-Prediction-Model version 2"
        )
    );
}

#[tokio::test]
async fn a_missing_blob_is_found_and_all_who_need_it_are_counted() {
    let data = filled().await;
    fs::remove_file(blob(data.path(), COMPONENT)).unwrap();
    assert_eq!(
        problem(data.path()),
        format!(
            "blob {} is missing; it is the component of RUL-Prediction-Model version 1 and 2 more",
            Sha256Digest::of(COMPONENT)
        )
    );
}

#[tokio::test]
async fn an_artifact_whose_blob_is_gone_is_found() {
    let data = filled().await;
    fs::remove_file(blob(data.path(), b"an artifact")).unwrap();
    let owner = "artifact 3/run/artifacts/notes.txt";
    let expected = format!("blob {} is missing; it is {owner}", Sha256Digest::of(b"an artifact"));
    assert_eq!(problem(data.path()), expected);
}

#[tokio::test]
async fn a_part_of_an_upload_that_is_gone_truncated_or_damaged_is_found() {
    for (damage, expected) in
        [(None, "is missing"), (Some("a pa"), "cannot be read"), (Some("A part"), "is damaged: it has")]
    {
        let data = filled().await;
        match damage {
            None => fs::remove_file(part(data.path())).unwrap(),
            Some(content) => fs::write(part(data.path()), content).unwrap(),
        }
        let found = problem(data.path());
        assert!(found.starts_with(&format!("part 1 of upload {UPLOAD} {expected}")), "{found}");
    }
}

#[tokio::test]
async fn a_truncated_blob_is_found() {
    let data = filled().await;
    let file = blob(data.path(), b"an artifact");
    OpenOptions::new().write(true).open(file).unwrap().set_len(5).unwrap();
    let problem = problem(data.path());
    assert!(
        problem.contains("is damaged: its 5 bytes have sha256") && problem.contains("notes.txt"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_manifest_that_is_gone_or_damaged_is_found() {
    for damage in [|file: &Path| fs::remove_file(file).unwrap(), |file: &Path| fs::write(file, "{}").unwrap()]
    {
        let data = filled().await;
        let server = Running::start(data.path()).await;
        let published = server.registry.version(&model(), version(3)).await.unwrap();
        server.stop().await;
        damage(&blob_at(data.path(), &published.bundle_sha256));
        let problem = problem(data.path());
        assert!(problem.starts_with(&format!("blob {} is ", published.bundle_sha256)), "{problem}");
        assert!(problem.ends_with("it is the manifest of RUL-Prediction-Model version 3"), "{problem}");
    }
}

#[tokio::test]
async fn a_size_in_a_row_that_is_not_the_blobs_is_found() {
    let data = filled().await;
    sql(data.path(), "UPDATE artifacts SET size = 12");
    let digest = Sha256Digest::of(b"an artifact");
    let owner = "it is artifact 3/run/artifacts/notes.txt";
    assert_eq!(problem(data.path()), format!("blob {digest} has 11 bytes, not 12 as is written; {owner}"));
}

#[tokio::test]
async fn rows_that_disagree_about_one_blob_are_found() {
    let data = filled().await;
    let digest = Sha256Digest::of(b"an artifact");
    sql(data.path(), &format!("INSERT INTO artifacts VALUES ('4/other', '{digest}', 12, 0)"));
    assert_eq!(
        problem(data.path()),
        format!("artifact 4/other: it has 12 bytes by this row and 11 by another ({digest})")
    );
}

#[tokio::test]
async fn rows_that_lead_nowhere_are_found() {
    for (statement, expected) in [
        (
            "UPDATE model_aliases SET version = 9",
            "alias production of RUL-Prediction-Model: it points at version 9, which does not exist",
        ),
        (
            "INSERT INTO latest_metrics VALUES (77, 'rmse', 0, 0, 0.5, 0)",
            "row of latest_metrics: what it belongs to is not in runs",
        ),
        (
            "INSERT INTO experiment_tags VALUES (5, 'k', 'v')",
            "row of experiment_tags: what it belongs to is not in experiments",
        ),
        (
            "UPDATE version_numbers SET last = 2",
            "version numbers of RUL-Prediction-Model: the last one handed out is 2, but there is version 3",
        ),
        (
            "INSERT INTO version_reservations VALUES ('RUL-Prediction-Model', 2)",
            "reserved version 2 of RUL-Prediction-Model: that version exists",
        ),
        (
            "INSERT INTO version_reservations VALUES ('RUL-Prediction-Model', 8)",
            "reserved version 8 of RUL-Prediction-Model: it was never handed out",
        ),
        (
            "UPDATE artifacts SET sha256 = 'nonsense'",
            "artifact 3/run/artifacts/notes.txt: the database holds \"nonsense\": digest \"nonsense\" is not valid: \
             use the 64 lowercase hexadecimal digits of a SHA-256",
        ),
    ] {
        let data = filled().await;
        sql(data.path(), statement);
        assert_eq!(problem(data.path()), expected, "{statement}");
    }
}

#[tokio::test]
async fn a_damaged_database_is_found() {
    let data = filled().await;
    let file = data.path().join("registry.sqlite");
    sql(data.path(), "PRAGMA wal_checkpoint(TRUNCATE)");
    let length = fs::metadata(&file).unwrap().len();
    let mut database = OpenOptions::new().write(true).open(&file).unwrap();
    // A page in the middle; which table it is of does not matter.
    database.seek(SeekFrom::Start(length / 2 / 4096 * 4096)).unwrap();
    database.write_all(&[0x5a; 4096]).unwrap();
    drop(database);
    let found = verify(data.path());
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.out.contains("problem: database: "), "{found:?}");

    fs::write(&file, b"this was a database once").unwrap();
    let found = verify(data.path());
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.error.contains("registry.sqlite") && found.error.contains("not a database"), "{found:?}");
}

#[tokio::test]
async fn several_problems_are_all_told() {
    let data = filled().await;
    for content in [b"one".as_slice(), b"two"] {
        fs::remove_file(blob(data.path(), content)).unwrap();
    }
    sql(data.path(), "UPDATE version_numbers SET last = 2");
    let found = verify(data.path());
    assert_eq!((found.code, found.problems().len()), (Some(1), 3), "{found:?}");
    assert!(found.error.starts_with("error: 3 problems in "), "{found:?}");
}

#[tokio::test]
async fn a_directory_that_is_no_registrys_is_refused_in_one_line_and_left_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    for folder in [data.path().to_owned(), data.path().join("missing")] {
        for command in ["verify", "gc"] {
            let found = common::tending::tend([command.as_ref(), "--data-dir".as_ref(), folder.as_os_str()]);
            let line = format!(
                "error: {} holds no registry: it has no registry.sqlite; name the --data-dir of a server\n",
                folder.display()
            );
            assert_eq!((found.code, found.error), (Some(2), line));
        }
    }
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_database_of_another_release_is_refused_in_one_line() {
    let data = filled().await;
    sql(data.path(), "DELETE FROM migrations WHERE name = '0002_mlflow'");
    let found = verify(data.path());
    assert_eq!((found.code, found.error.lines().count()), (Some(2), 1), "{found:?}");
    assert!(found.error.contains("lacks migration 0002_mlflow; start this release's server"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_server_that_publishes_it_finds_no_problem() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    let registry = process.registry();
    let publisher = tokio::spawn(async move {
        for n in 0_u32..40 {
            publish(&registry, &n.to_le_bytes()).await;
        }
    });
    let mut looked = 0;
    while !publisher.is_finished() || looked < 3 {
        let folder = data.path().to_owned();
        tokio::task::spawn_blocking(move || assert_clean(&folder)).await.unwrap();
        looked += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    publisher.await.unwrap();
}

#[tokio::test]
async fn after_a_kill_it_reads_what_was_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    publish(&process.registry(), b"kept").await;
    drop(process); // SIGKILL
    let found = verify(data.path());
    assert!(found.out.contains("1 version (1 with a bundle)"), "{found:?}");
    assert_clean(data.path());
}

#[tokio::test]
async fn an_unneeded_blob_is_no_problem_unless_it_is_damaged() {
    let data = filled().await;
    let server = Running::start(data.path()).await;
    put(&server, b"nobody's").await;
    server.stop().await;
    let found = verify(data.path());
    assert!(found.out.contains("; 1 that nothing needs"), "{found:?}");
    fs::write(blob(data.path(), b"nobody's"), b"x").unwrap();
    assert!(problem(data.path()).ends_with("; nothing needs it"));
}
