//! Artifacts go in and out under their paths, and equal ones are stored once.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Running, files_under, get, http, refusal};
use overhaul_bundle::Sha256Digest;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

const ARTIFACTS: &str = "/api/2.0/mlflow-artifacts/artifacts";
const RUN: &str = "3/da7e2c4bd5854c8583520c257dd2d649/artifacts";

fn url(server: &Running, path: &str) -> String {
    server.at(&format!("{ARTIFACTS}/{path}"))
}

async fn put(server: &Running, path: &str, content: &'static str) -> Response {
    http().put(url(server, path)).body(content).send().await.unwrap()
}

async fn delete(server: &Running, path: &str) -> Response {
    http().delete(url(server, path)).send().await.unwrap()
}

async fn list(server: &Running, path: &str) -> Value {
    get(server.at(&format!("{ARTIFACTS}?path={path}"))).await.json().await.unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn audited(server: &Running) -> Vec<String> {
    let database = rusqlite::Connection::open(server.data.join("registry.sqlite")).unwrap();
    let sql = "SELECT actor || ' ' || action || ' ' || kind || ' ' || subject || ' ' || coalesce(substr(before, 1, 7), '-')
               || ' ' || coalesce(substr(after, 1, 4), '-') FROM audit ORDER BY id";
    let mut statement = database.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn what_is_uploaded_comes_back_with_headers_that_make_it_safe_to_save() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let answer = put(&server, &format!("{RUN}/model/MLmodel"), "flavors:").await;
    assert_eq!((answer.status(), answer.text().await.unwrap().as_str()), (StatusCode::OK, ""));
    for prefix in ["/api", "/ajax-api"] {
        let url = server.at(&format!("{prefix}/2.0/mlflow-artifacts/artifacts/{RUN}/model/MLmodel"));
        for method in [Method::GET, Method::HEAD] {
            let answer = http().request(method.clone(), &url).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(header(&answer, "content-length"), "8");
            assert_eq!(header(&answer, "content-type"), "text/plain");
            assert_eq!(header(&answer, "content-disposition"), "attachment; filename=MLmodel");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
            assert_eq!(header(&answer, "etag"), format!("\"{}\"", Sha256Digest::of(b"flavors:")));
            let body = answer.text().await.unwrap();
            assert_eq!(body, if method == Method::GET { "flavors:" } else { "" });
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn ranges_and_conditions_are_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let path = format!("{RUN}/digits.bin");
    put(&server, &path, "0123456789").await;
    let ask = async |name: &str, value: &str| {
        http().get(url(&server, &path)).header(name, value).send().await.unwrap()
    };
    let part = ask("Range", "bytes=2-4").await;
    assert_eq!(
        (part.status(), header(&part, "content-range")),
        (StatusCode::PARTIAL_CONTENT, "bytes 2-4/10")
    );
    assert_eq!(part.text().await.unwrap(), "234");
    assert_eq!(ask("Range", "bytes=10-").await.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let etag = format!("\"{}\"", Sha256Digest::of(b"0123456789"));
    assert_eq!(ask("If-None-Match", &etag).await.status(), StatusCode::NOT_MODIFIED);
    put(&server, &path, "other").await;
    assert_eq!(ask("If-None-Match", &etag).await.text().await.unwrap(), "other");
    server.stop().await;
}

#[tokio::test]
async fn a_listing_shows_one_level_with_sizes_as_the_real_server_does() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for path in ["t.txt", "dir/sub/x.txt", "dir/y.txt", "dir-2/z", "empty"] {
        put(&server, &format!("{RUN}/{path}"), if path == "empty" { "" } else { "content" }).await;
    }
    let listed = json!({"files": [
        {"path": "dir", "is_dir": true},
        {"path": "dir-2", "is_dir": true},
        {"path": "empty", "is_dir": false, "file_size": 0},
        {"path": "t.txt", "is_dir": false, "file_size": 7},
    ]});
    assert_eq!(list(&server, RUN).await, listed);
    assert_eq!(list(&server, &format!("{RUN}/")).await, listed);
    assert_eq!(
        list(&server, &format!("{RUN}/dir")).await,
        json!({"files": [
            {"path": "sub", "is_dir": true},
            {"path": "y.txt", "is_dir": false, "file_size": 7},
        ]})
    );
    // A file and what is not there: nothing lies in them.
    assert_eq!(list(&server, &format!("{RUN}/t.txt")).await, json!({}));
    assert_eq!(list(&server, "4").await, json!({}));
    assert_eq!(list(&server, "").await, json!({"files": [{"path": "3", "is_dir": true}]}));
    let whole: Value = get(server.at(ARTIFACTS)).await.json().await.unwrap();
    assert_eq!(whole, json!({"files": [{"path": "3", "is_dir": true}]}));
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_there_and_what_is_a_folder_is_said() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    put(&server, &format!("{RUN}/dir/x"), "x").await;
    for (path, wanted) in [
        ("nothing", "404 RESOURCE_DOES_NOT_EXIST: No such artifact: "),
        ("dir/x/y", "404 RESOURCE_DOES_NOT_EXIST: No such artifact: "),
        ("di", "404 RESOURCE_DOES_NOT_EXIST: No such artifact: "),
        ("dir", "400 INVALID_PARAMETER_VALUE: "),
    ] {
        let message = refusal(get(url(&server, &format!("{RUN}/{path}"))).await).await;
        assert!(message.starts_with(wanted) && message.contains(path), "{message}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_name_is_a_file_or_a_folder_and_not_both() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    put(&server, &format!("{RUN}/a/b"), "x").await;
    for (path, problem) in
        [("a", "is a folder"), ("a/b/c", "is a file, not a folder"), ("a/b/c/d", "is a file")]
    {
        let message = refusal(put(&server, &format!("{RUN}/{path}"), "y").await).await;
        assert!(
            message.starts_with("400 INVALID_PARAMETER_VALUE: ") && message.contains(problem),
            "{message}"
        );
    }
    delete(&server, &format!("{RUN}/a")).await;
    assert_eq!(put(&server, &format!("{RUN}/a"), "y").await.status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn a_file_is_replaced_and_equal_files_are_stored_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for path in ["a", "b", "c/d"] {
        put(&server, &format!("{RUN}/{path}"), "the same").await;
    }
    assert_eq!(files_under(&data.path().join("blobs")).len(), 1);
    put(&server, &format!("{RUN}/a"), "another").await;
    assert_eq!(get(url(&server, &format!("{RUN}/a"))).await.text().await.unwrap(), "another");
    assert_eq!(get(url(&server, &format!("{RUN}/b"))).await.text().await.unwrap(), "the same");
    server.stop().await;
}

#[tokio::test]
async fn a_file_or_a_whole_folder_is_deleted_and_what_is_not_there_counts_as_deleted() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for path in ["t.txt", "dir/x", "dir/sub/y", "dir-2/z"] {
        put(&server, &format!("{RUN}/{path}"), "content").await;
    }
    // The client asks with a slash at the end when it deletes all artifacts of a run.
    for path in ["t.txt", "dir/", "dir", "nothing"] {
        let answer = delete(&server, &format!("{RUN}/{path}")).await;
        assert_eq!((answer.status(), answer.text().await.unwrap().as_str()), (StatusCode::OK, "{}"));
    }
    assert_eq!(list(&server, RUN).await, json!({"files": [{"path": "dir-2", "is_dir": true}]}));
    assert_eq!(delete(&server, &format!("{RUN}/")).await.status(), 200);
    assert_eq!(list(&server, "").await, json!({}));
    // Nobody deletes everything of everyone.
    assert_eq!(delete(&server, "").await.status(), 404);
    server.stop().await;
}

#[tokio::test]
async fn each_change_leaves_who_and_what_in_the_audit_trail() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    put(&server, "1/a", "x").await;
    put(&server, "1/a", "y").await;
    put(&server, "1/b", "y").await;
    delete(&server, "1/a").await;
    delete(&server, "1/a").await;
    delete(&server, "1").await;
    put(&server, "1//a", "x").await;
    let digest = |text: &str, count: usize| Sha256Digest::of(text.as_bytes()).to_string()[..count].to_owned();
    assert_eq!(
        audited(&server),
        [
            format!("anonymous upload artifact 1/a - {}", digest("x", 4)),
            format!("anonymous upload artifact 1/a {} {}", digest("x", 7), digest("y", 4)),
            format!("anonymous upload artifact 1/b - {}", digest("y", 4)),
            format!("anonymous delete artifact 1/a {} -", digest("y", 7)),
            "anonymous delete artifact 1 1 files -".to_owned(),
        ]
    );
    server.stop().await;
}
