//! Files leave by ranges and entity tags, safe to save, and no path leads out of a version.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{MODEL, Running, get, http, publish, raw, refusal};
use reqwest::{Method, Response, StatusCode};

const CONTENT: &[u8] = b"0123456789";

async fn ask(server: &Running, method: Method, headers: &[(&str, &str)]) -> Response {
    let url = server.at(&format!("/api/v1/models/{MODEL}/versions/1/files/model.onnx"));
    let request = headers
        .iter()
        .fold(http().request(method, url), |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_file_comes_whole_with_headers_that_make_it_safe_to_save() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, CONTENT).await;
    for method in [Method::GET, Method::HEAD] {
        let answer = ask(&server, method.clone(), &[]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "content-length"), "10");
        assert_eq!(header(&answer, "accept-ranges"), "bytes");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "content-disposition"), "attachment; filename=model.onnx");
        assert_eq!(header(&answer, "content-type"), "application/octet-stream");
        let body = answer.bytes().await.unwrap();
        assert_eq!(body, if method == Method::GET { CONTENT } else { b"" });
    }
    server.stop().await;
}

#[tokio::test]
async fn a_range_is_answered_with_that_part() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, CONTENT).await;
    for (range, content_range, body) in [
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=7-", "bytes 7-9/10", "789"),
        ("bytes=-1", "bytes 9-9/10", "9"),
    ] {
        let answer = ask(&server, Method::GET, &[("Range", range)]).await;
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(header(&answer, "content-range"), content_range);
        assert_eq!(header(&answer, "content-length"), body.len().to_string());
        assert_eq!(answer.text().await.unwrap(), body);
    }
    let answer = ask(&server, Method::GET, &[("Range", "bytes=10-")]).await;
    assert_eq!(answer.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(header(&answer, "content-range"), "bytes */10");
    let answer = ask(&server, Method::GET, &[("Range", "bytes=0-1,3-4")]).await;
    assert_eq!((answer.status(), answer.bytes().await.unwrap().as_ref()), (StatusCode::OK, CONTENT));
    let answer = ask(&server, Method::HEAD, &[("Range", "bytes=2-4")]).await;
    assert_eq!((answer.status(), header(&answer, "content-length")), (StatusCode::OK, "10"));
    server.stop().await;
}

#[tokio::test]
async fn conditions_are_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, CONTENT).await;
    let etag = header(&ask(&server, Method::HEAD, &[]).await, "etag").to_owned();
    for tags in [etag.clone(), format!("\"x\", W/{etag}"), "*".to_owned()] {
        let answer = ask(&server, Method::GET, &[("If-None-Match", &tags)]).await;
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{tags}");
        assert_eq!(header(&answer, "etag"), etag);
    }
    assert_eq!(ask(&server, Method::GET, &[("If-None-Match", "\"x\"")]).await.status(), StatusCode::OK);
    let held = ask(&server, Method::GET, &[("Range", "bytes=2-4"), ("If-Range", &etag)]).await;
    assert_eq!(held.status(), StatusCode::PARTIAL_CONTENT);
    for other in ["\"x\"", "Wed, 21 Oct 2015 07:28:00 GMT"] {
        let answer = ask(&server, Method::GET, &[("Range", "bytes=2-4"), ("If-Range", other)]).await;
        assert_eq!((answer.status(), answer.bytes().await.unwrap().as_ref()), (StatusCode::OK, CONTENT));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_file_that_the_version_lacks_is_named_with_those_it_has() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, CONTENT).await;
    let url = server.at(&format!("/api/v1/models/{MODEL}/versions/1/files/model.pth"));
    let message = refusal(get(url).await).await;
    assert!(message.contains("has no file model.pth; there are: MLmodel, golden.safetensors"), "{message}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_a_version_in_any_disguise() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, CONTENT).await;
    for path in [
        "../../../../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%252e%252e/%252e%252e/etc/passwd",
        "..%5c..%5cetc%5cpasswd",
        "..\\..\\etc\\passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "....//....//etc/passwd",
        "model.onnx/../../lock",
        "model.onnx%00.txt",
        "%c0%ae%c0%ae/etc/passwd",
        "file:///etc/passwd",
        "model.onnx/.",
        "./model.onnx",
        "~root/.profile",
        "../manifest",
    ] {
        let request = format!(
            "GET /api/v1/models/{MODEL}/versions/1/files/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
        let url = server.url.clone();
        let answer = tokio::task::spawn_blocking(move || raw(&url, request.as_bytes())).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 404 "),
            "{path}: {answer}"
        );
        assert!(!answer.contains("root:"), "{path}: {answer}");
    }
    // The one escape that names a file of the version.
    let request = format!(
        "GET /api/v1/models/{MODEL}/versions/1/files/%6dodel.onnx HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    let url = server.url.clone();
    let answer = tokio::task::spawn_blocking(move || raw(&url, request.as_bytes())).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("0123456789"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn names_that_are_none_are_refused_at_the_door() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for (path, wanted) in [
        ("/api/v1/models/a%2Fb/versions", "model name \"a/b\" is not valid"),
        ("/api/v1/models/%2e%2e%2f/versions", "model name \"../\" is not valid"),
        ("/api/v1/models/M/versions/0", "version \"0\" is not valid"),
        ("/api/v1/models/M/versions/01", "version \"01\" is not valid"),
        ("/api/v1/models/M/versions/one", "version \"one\" is not valid"),
        ("/api/v1/models/M/versions/99999999999", "version \"99999999999\" is not valid"),
        ("/api/v1/models/M/aliases/latest", "alias \"latest\" is not valid"),
        ("/api/v1/blobs/ABC", "digest \"ABC\" is not valid"),
        ("/api/v1/models/%ff/versions", "the path is not valid"),
    ] {
        let message = refusal(get(server.at(path)).await).await;
        assert!(
            message.starts_with("400 INVALID_PARAMETER_VALUE") && message.contains(wanted),
            "{path}: {message}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_name_with_spaces_and_other_scripts_goes_there_and_back() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for name in ["Pumpe Nord 3", "ポンプ", "100% ?#&+"] {
        let name = name.parse().unwrap();
        server.registry.reserve_version(&name).await.unwrap();
        assert!(server.registry.versions(&name).await.unwrap().is_empty());
        assert!(server.registry.models().await.unwrap().iter().any(|model| model.name == name));
    }
    server.stop().await;
}
