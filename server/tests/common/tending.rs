//! The commands that tend a data directory, and directories to tend.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use overhaul_bundle::{Alias, Sha256Digest};
use overhaul_client::MoveAlias;
use tempfile::TempDir;

use super::{Running, http, model, publish, version};

/// The id of `fill`'s upload in parts.
pub(crate) const UPLOAD: &str = "0123456789abcdef0123456789abcdef";

/// How a command ended and what it said.
#[derive(Debug)]
pub(crate) struct Tended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Tended {
    /// The lines that begin with `problem: `, without that.
    pub(crate) fn problems(&self) -> Vec<&str> {
        self.out.lines().filter_map(|line| line.strip_prefix("problem: ")).collect()
    }
}

/// Runs a command to its end.
pub(crate) fn tend<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Tended {
    run(Command::new(env!("CARGO_BIN_EXE_overhaul-server")).args(arguments))
}

pub(crate) fn run(command: &mut Command) -> Tended {
    let output = command.env("RUST_LOG", "warn").output().unwrap();
    Tended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `overhaul-server verify`.
pub(crate) fn verify(data: &Path) -> Tended {
    tend(["verify".as_ref(), "--data-dir".as_ref(), data.as_os_str()])
}

/// Sees that `verify` finds nothing wrong.
pub(crate) fn assert_clean(data: &Path) {
    let verified = verify(data);
    assert_eq!((verified.code, verified.out.lines().last()), (Some(0), Some("no problems")), "{verified:?}");
}

/// `overhaul-server backup`.
pub(crate) fn backup(data: &Path, file: &Path) -> Tended {
    tend(["backup".as_ref(), file.as_os_str(), "--data-dir".as_ref(), data.as_os_str()])
}

/// `overhaul-server restore`.
pub(crate) fn restore(file: &Path, data: &Path) -> Tended {
    tend(["restore".as_ref(), file.as_os_str(), "--data-dir".as_ref(), data.as_os_str()])
}

/// A filled directory, its backup, and room for more.
pub(crate) async fn backed_up() -> (TempDir, PathBuf, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let (data, file) = (place.path().join("data"), place.path().join("registry.tar"));
    fill(&data).await;
    let done = backup(&data, &file);
    assert_eq!((done.code, done.error.as_str()), (Some(0), ""), "{done:?}");
    (place, data, file)
}

/// What lies in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A data directory with three versions, an alias, an artifact, an upload in parts and an experiment.
pub(crate) async fn fill(data: &Path) {
    let server = Running::start(data).await;
    for content in [b"one".as_slice(), b"two", b"three"] {
        publish(&server.registry, content).await;
    }
    let alias: Alias = "production".parse().unwrap();
    let to = MoveAlias { version: version(2), actor: "ann".to_owned(), reason: None };
    server.registry.move_alias(&model(), &alias, &to).await.unwrap();
    put(&server, b"an artifact").await;
    server.stop().await;
    fs::create_dir_all(part(data).parent().unwrap()).unwrap();
    fs::write(part(data), b"a part").unwrap();
    sql(
        data,
        &format!(
            "INSERT INTO artifacts VALUES ('3/run/artifacts/notes.txt', '{}', 11, 0);
             INSERT INTO uploads (id, path, parts, actor, created_at)
             VALUES ('{UPLOAD}', '3/run/artifacts/big', 2, 'ann', {now});
             INSERT INTO upload_parts VALUES ('{UPLOAD}', 1, '{}', 6);",
            Sha256Digest::of(b"an artifact"),
            Sha256Digest::of(b"a part"),
            now = jiff::Timestamp::now().as_millisecond(),
        ),
    );
}

/// Where the part of `fill`'s upload lies.
pub(crate) fn part(data: &Path) -> PathBuf {
    data.join("blobs/uploads").join(UPLOAD).join(format!("1-{}", Sha256Digest::of(b"a part")))
}

/// Uploads a blob that nothing needs yet.
pub(crate) async fn put(server: &Running, content: &[u8]) {
    let url = server.at(&format!("/api/v1/blobs/{}", Sha256Digest::of(content)));
    assert!(http().put(url).body(content.to_vec()).send().await.unwrap().status().is_success());
}

/// Changes a database as no server would.
pub(crate) fn sql(data: &Path, statements: &str) {
    let database = rusqlite::Connection::open(data.join("registry.sqlite")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database.execute_batch(&format!("PRAGMA foreign_keys = OFF; {statements}")).unwrap();
}

/// The first column of a query's rows, as text.
pub(crate) fn text(data: &Path, query: &str) -> Vec<String> {
    let database = rusqlite::Connection::open(data.join("registry.sqlite")).unwrap();
    let mut statement = database.prepare(query).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Where a blob lies.
pub(crate) fn blob(data: &Path, content: &[u8]) -> PathBuf {
    blob_at(data, &Sha256Digest::of(content))
}

/// The same by its digest.
pub(crate) fn blob_at(data: &Path, digest: &Sha256Digest) -> PathBuf {
    let digits = digest.to_string();
    data.join("blobs/sha256").join(&digits[..2]).join(digits)
}

/// Makes a file look as if it was last changed long ago.
pub(crate) fn age(file: &Path, by: Duration) {
    File::open(file).unwrap().set_modified(SystemTime::now() - by).unwrap();
}

/// The same for every blob.
pub(crate) fn age_blobs(data: &Path, by: Duration) {
    let folder = data.join("blobs");
    for file in super::files_under(&folder) {
        age(&folder.join(file), by);
    }
}
