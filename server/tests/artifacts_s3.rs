//! Blobs in a bucket: the same promises as in a folder, against a real S3 API (Python's moto) on loopback.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use common::{Process, get, http, publish, refusal};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use overhaul_bundle::Sha256Digest;
use overhaul_server::blobs::{BlobPlace, Blobs};
use serde_json::{Value, json};

const ARTIFACTS: &str = "/api/2.0/mlflow-artifacts/artifacts";
const MPU: &str = "/api/2.0/mlflow-artifacts/mpu";
const PLACE: &str = "s3://models/registry/blobs";

/// Says where it listens, then takes each line for how many seconds its clock is to be behind, and ends with its
/// input.
const MOTO: &str = "
import datetime, sys
import moto.s3.models as s3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
behind, now = [0.0], s3.utcnow
s3.utcnow = lambda: now() - datetime.timedelta(seconds=behind[0])
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print('http://%s:%d' % server.get_host_and_port(), flush=True)
for line in sys.stdin:
    behind[0] = float(line)
    print('ok', flush=True)
";

/// An object store of this test's own, with an empty bucket `models`; killed when dropped.
struct Moto {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    url: String,
}

impl Moto {
    async fn start() -> Self {
        let mut child = Command::new(python())
            .args(["-c", MOTO])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let url = line.trim().to_owned();
        assert!(url.starts_with("http://"), "moto did not start; run `cargo xtask setup`");
        let moto = Self { child, output, url };
        assert_eq!(http().put(format!("{}/models", moto.url)).send().await.unwrap().status(), 200);
        moto
    }

    /// What is stored from now on looks this old.
    fn behind(&mut self, seconds: u32) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{seconds}").unwrap();
        self.output.read_line(&mut String::new()).unwrap();
    }

    fn settings(&self, command: &mut Command) {
        for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(proxy);
        }
        command
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "a key")
            .env("AWS_SECRET_ACCESS_KEY", "a secret");
    }

    /// A registry whose blobs are here.
    fn registry(&self, data: &Path) -> Process {
        let mut command = Process::command(data, "127.0.0.1:0");
        command.args(["--blobs", PLACE]);
        self.settings(&mut command);
        Process::spawn(&mut command)
    }

    async fn ask(&self, query: &str) -> String {
        get(format!("{}/models?{query}", self.url)).await.text().await.unwrap()
    }

    /// The keys of the bucket.
    async fn keys(&self) -> Vec<String> {
        let listing = self.ask("list-type=2").await;
        let keys = listing.split("<Key>").skip(1);
        keys.map(|rest| rest.split_once("</Key>").unwrap().0.to_owned()).collect()
    }

    /// How many uploads in parts are not ended.
    async fn open_uploads(&self) -> usize {
        self.ask("uploads").await.matches("<UploadId>").count()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The interpreter that has moto: what `OVERHAUL_PYTHON` names, else that of `cargo xtask setup`.
fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("OVERHAUL_PYTHON") {
        return named.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let python = cache.unwrap_or_default().join("overhaul/venv/bin/python3");
    assert!(
        python.is_file(),
        "there is no {}; run `cargo xtask setup`, or name an interpreter with moto in OVERHAUL_PYTHON",
        python.display()
    );
    python
}

fn content(size: usize) -> Vec<u8> {
    (0..size as u32).map(|n| (n % 251) as u8).collect()
}

fn key(content: &[u8]) -> String {
    let digits = Sha256Digest::of(content).to_string();
    format!("registry/blobs/sha256/{}/{digits}", &digits[..2])
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_large_and_small_go_through_a_bucket() {
    let data = tempfile::tempdir().unwrap();
    let moto = Moto::start().await;
    let registry = moto.registry(data.path());
    let at = |path: &str| format!("{}{ARTIFACTS}/{path}", registry.url);
    let (small, large) = (content(1000), content(20 << 20));
    for (path, content) in
        [("1/small", &small), ("1/large", &large), ("2/again", &large), ("2/small", &small)]
    {
        assert_eq!(http().put(at(path)).body(content.clone()).send().await.unwrap().status(), 200, "{path}");
        assert!(get(at(path)).await.bytes().await.unwrap() == *content, "{path}");
    }
    let mut wanted = vec![key(&small), key(&large)];
    wanted.sort();
    assert_eq!(moto.keys().await, wanted, "each once, nothing beside them");
    let part = http().get(at("1/large")).header("Range", "bytes=9000000-9000009").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), large[9_000_000..9_000_010]);
    let listed: Value = get(format!("{}{ARTIFACTS}?path=1", registry.url)).await.json().await.unwrap();
    assert_eq!(listed["files"][0], json!({"path": "large", "is_dir": false, "file_size": 20 << 20}));
    assert_eq!(moto.open_uploads().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_parts_goes_through_a_bucket_however_small_they_are() {
    let data = tempfile::tempdir().unwrap();
    let moto = Moto::start().await;
    let registry = moto.registry(data.path());
    let post = async |what: &str, body: Value| {
        http().post(format!("{}{MPU}/{what}/1/run", registry.url)).json(&body).send().await.unwrap()
    };
    let whole = content(9_001_000);
    let mut begun = Vec::new();
    for name in ["kept", "given up"] {
        let answer: Value = post("create", json!({"path": name, "num_parts": 3})).await.json().await.unwrap();
        let mut etags = Vec::new();
        for (at, part) in
            [&whole[..9_000_000], &whole[9_000_000..9_000_900], &whole[9_000_900..]].iter().enumerate()
        {
            let url = answer["credentials"][at]["url"].as_str().unwrap();
            let sent = http().put(url).body(part.to_vec()).send().await.unwrap();
            etags.push(json!({"part_number": at + 1, "etag": sent.headers()["etag"].to_str().unwrap()}));
        }
        begun.push(json!({"path": name, "upload_id": answer["upload_id"], "parts": etags}));
    }
    assert_eq!(moto.keys().await.len(), 6);
    assert_eq!(post("complete", begun[0].clone()).await.status(), 200);
    assert_eq!(post("abort", begun[1].clone()).await.status(), 200);
    assert!(get(format!("{}{ARTIFACTS}/1/run/kept", registry.url)).await.bytes().await.unwrap() == whole);
    assert_eq!(moto.keys().await, [key(&whole)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_published_into_a_bucket_and_loaded_from_it() {
    let data = tempfile::tempdir().unwrap();
    let moto = Moto::start().await;
    let registry = moto.registry(data.path());
    let published = publish(&registry.registry(), b"a model").await;
    let folder = format!("bundles/{}", published.bundle_sha256);
    let model = get(format!("{}{ARTIFACTS}/{folder}/model.onnx", registry.url)).await;
    assert_eq!(model.bytes().await.unwrap(), "a model");
    assert!(moto.keys().await.iter().all(|key| key.starts_with("registry/blobs/sha256/")));
    assert!(!data.path().join("blobs").exists(), "nothing lies in the data directory");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_breaks_off_leaves_nothing_in_the_bucket() {
    let data = tempfile::tempdir().unwrap();
    let moto = Moto::start().await;
    let mut command = Process::command(data.path(), "127.0.0.1:0");
    command.args(["--blobs", PLACE, "--max-blob-bytes", "10000000"]);
    moto.settings(&mut command);
    let registry = Process::spawn(&mut command);
    let url = format!("{}{ARTIFACTS}/1/x", registry.url);
    let pieces = |count: usize, end: Option<std::io::Error>| {
        let pieces = (0..count).map(|_| Ok(vec![1; 1 << 20])).chain(end.map(Err));
        reqwest::Body::wrap_stream(futures::stream::iter(pieces.collect::<Vec<_>>()))
    };
    let message = refusal(http().put(&url).body(pieces(11, None)).send().await.unwrap()).await;
    assert!(message.starts_with("413 "), "{message}");
    assert_eq!((moto.keys().await.len(), moto.open_uploads().await), (0, 0));
    assert!(http().put(&url).body(pieces(9, Some(std::io::Error::other("gone")))).send().await.is_err());
    // What the bucket was just asked for when the sender went away, nobody can take back: the next start does.
    drop(registry);
    let _again = Process::spawn(&mut command);
    assert_eq!((moto.keys().await.len(), moto.open_uploads().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_left_in_the_bucket_is_removed_at_the_next_start() {
    let data = tempfile::tempdir().unwrap();
    let moto = Moto::start().await;
    let registry = moto.registry(data.path());
    let kept = format!("{ARTIFACTS}/1/kept");
    assert_eq!(
        http().put(format!("{}{kept}", registry.url)).body("kept").send().await.unwrap().status(),
        200
    );
    let endless =
        futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![1; 1 << 20])).then(async |piece| {
            tokio::time::sleep(Duration::from_millis(5)).await;
            piece
        });
    let upload =
        http().put(format!("{}{ARTIFACTS}/1/x", registry.url)).body(reqwest::Body::wrap_stream(endless));
    let upload = tokio::spawn(upload.send());
    while moto.open_uploads().await == 0 || moto.keys().await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(registry); // SIGKILL
    assert!(upload.await.unwrap().is_err());
    assert_eq!(moto.open_uploads().await, 1);
    let registry = moto.registry(data.path());
    assert_eq!(moto.open_uploads().await, 0);
    assert_eq!(moto.keys().await, [key(b"kept")]);
    assert_eq!(get(format!("{}{kept}", registry.url)).await.text().await.unwrap(), "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cannot_be_used_is_named_when_the_server_starts() {
    let data = tempfile::tempdir().unwrap();
    let moto = Moto::start().await;
    for (place, limit, code, problem) in [
        ("s3://other/x", "1000", 1, "cannot use the blobs in s3://other/x"),
        (PLACE, "6000000000", 2, "--max-blob-bytes 6000000000 is more than a bucket can move"),
        (
            "gs://other/x",
            "1000",
            2,
            "no place for blobs; name a folder, or a bucket such as s3://bucket/prefix",
        ),
    ] {
        let mut command = Process::command(data.path(), "127.0.0.1:0");
        command.args(["--blobs", place, "--max-blob-bytes", limit]);
        moto.settings(&mut command);
        let output = command.env("RUST_LOG", "off").output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(code) && message.contains(problem), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_collection_finds_what_it_needs_in_a_bucket() {
    let mut moto = Moto::start().await;
    moto.behind(24 * 3600);
    for part in ["fill", "look"] {
        // The settings are the environment's, which only a process of its own can have.
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "inventory_of_a_bucket", "--ignored", "--nocapture"]).env("PART", part);
        moto.settings(&mut child);
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        moto.behind(0);
    }
    assert_eq!(moto.keys().await, [key(&content(20 << 20))]);
}

#[tokio::test]
#[ignore = "the other half of garbage_collection_finds_what_it_needs_in_a_bucket, which starts it"]
async fn inventory_of_a_bucket() {
    let blobs = Blobs::open(&PLACE.parse::<BlobPlace>().unwrap(), 1 << 30).unwrap();
    let (small, large) = (Bytes::from_static(b"small"), Bytes::from(content(20 << 20)));
    if std::env::var("PART").unwrap() == "fill" {
        for content in [small, large] {
            blobs.put(content).await.unwrap();
        }
        return;
    }
    let listed: Vec<_> = blobs.list().try_collect().await.unwrap();
    let sizes: u64 = listed.iter().map(|blob| blob.size).sum();
    assert_eq!((listed.len(), sizes), (2, 5 + (20 << 20)));
    let hour_ago = Timestamp::now() - SignedDuration::from_hours(1);
    assert!(listed.iter().all(|blob| blob.last_modified < hour_ago));
    let digest = Sha256Digest::of(&large);
    let body = futures::stream::iter([Ok(large)]);
    assert!(!blobs.receive_any(body).await.unwrap().new);
    assert_eq!(blobs.refresh(&Sha256Digest::of(b"small")).await.unwrap(), Some(5));
    let listed: Vec<_> = blobs.list().try_collect().await.unwrap();
    assert!(listed.len() == 2 && listed.iter().all(|blob| blob.last_modified > hour_ago), "{listed:?}");
    assert!(blobs.delete(&Sha256Digest::of(b"small")).await.unwrap());
    assert!(!blobs.delete(&Sha256Digest::of(b"small")).await.unwrap());
    assert_eq!(blobs.refresh(&Sha256Digest::of(b"small")).await.unwrap(), None);
    assert_eq!(blobs.size(&digest).await.unwrap(), Some(20 << 20));
}
