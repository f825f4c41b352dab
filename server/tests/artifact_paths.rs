//! No path of an artifact leads out, in whatever disguise: neither here nor where a client unpacks it.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::path::{Component, Path};

use common::{Running, files_under, get, http, raw, refusal};
use overhaul_server::artifact_path::ArtifactPath;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::{Value, json};

const ROOT: &str = "/api/2.0/mlflow-artifacts";

/// What is after `artifacts/` in a request, as it goes over the wire.
const DISGUISES: [&str; 76] = [
    // Plain
    "..",
    "../secret",
    "1/../../secret",
    "1/run/artifacts/..",
    "1/./x",
    ".",
    "./x",
    "1/run/artifacts/.",
    // Encoded, once and more often
    "%2e%2e/secret",
    "%2e%2e%2fsecret",
    "1/..%2f..%2fsecret",
    ".%2e/secret",
    "%252e%252e/secret",
    "%252e%252e%252fsecret",
    "1/..%252fsecret",
    "%25252e%25252e%25252fsecret",
    "1/%25%32%65%25%32%65/secret",
    "%2525252e%2525252e/x",
    "%25u002e%25u002e/x",
    // Backslashes
    "..%5csecret",
    "..\\secret",
    "1\\..\\..\\secret",
    "1/..%5c..%5csecret",
    "%5c%5chost%5cshare",
    "..%255csecret",
    // Absolute
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "%2f%2fhost/share",
    "C:/Windows/win.ini",
    "c:%5cWindows%5cwin.ini",
    "1/run/artifacts/C:/x",
    "1/c:x",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "1/run/artifacts/file:x",
    "FILE:%2f%2f%2fetc/passwd",
    // Cut short: NUL, fragment, query
    "1/model%00.txt",
    "%00",
    "1/%00/../x",
    "1/model%23/../../x",
    "1/model%23x",
    "1/model%3fx",
    "1/model%3f/../../x",
    "1/model?x",
    "1/model?../../x",
    "1/model%2523x",
    // Control characters
    "1/a%0ab",
    "1/a%0d%0aSet-Cookie:%20x",
    "1/%1b%5b2Jx",
    "1/%7f",
    "1/%c2%85x",
    // Slashes that are too many
    "1//x",
    "1/x/",
    "1///..///x",
    "%2e%2e//x",
    "....//....//x",
    "1/%2f/x",
    // Not UTF-8: overlong, surrogates, cut
    "%c0%ae%c0%ae/x",
    "%e0%80%ae%e0%80%ae/x",
    "%c0%afetc",
    "%ed%a0%80/x",
    "%ff",
    // Look-alikes: dots, slashes, backslashes
    "%e2%80%a4%e2%80%a4/x",
    "%e2%80%a5/x",
    "%ef%bc%8e%ef%bc%8e/x",
    "%e3%80%82%e3%80%82/x",
    "..%ef%bc%8fx",
    "..%e2%88%95x",
    "..%ef%bc%bcx",
    // Names that a file system makes others of
    ".%20./x",
    "..%20/x",
    "%20",
    ".%e2%80%8b./x",
    ".%e2%80%8d.",
    "..;/x",
];

fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

async fn send(server: &Running, method: &str, path: &str, body: &str) -> String {
    let (url, request) = (server.url.clone(), request(method, path, body));
    tokio::task::spawn_blocking(move || raw(&url, &request)).await.unwrap()
}

#[tokio::test]
async fn every_disguise_is_refused_wherever_a_path_enters() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    std::fs::write(data.path().join("secret"), "the secret").unwrap();
    let begin = json!({"path": "x", "num_parts": 1}).to_string();
    for path in DISGUISES {
        for (method, at, body) in [
            ("GET", "artifacts", ""),
            ("PUT", "artifacts", "content"),
            ("DELETE", "artifacts", ""),
            ("GET", "presigned", ""),
            ("POST", "mpu/create", begin.as_str()),
            ("POST", "mpu/complete", r#"{"path": "x", "upload_id": "x", "parts": []}"#),
            ("POST", "mpu/abort", r#"{"path": "x", "upload_id": "x"}"#),
        ] {
            // A folder may end in a slash.
            if method == "DELETE" && path == "1/x/" {
                continue;
            }
            let answer = send(&server, method, &format!("{ROOT}/{at}/{path}"), body).await;
            assert!(
                answer.starts_with("HTTP/1.1 400 ") && answer.contains("INVALID_PARAMETER_VALUE"),
                "{method} {at}/{path}: {answer}"
            );
        }
    }
    assert_eq!(get(server.at(&format!("{ROOT}/artifacts"))).await.text().await.unwrap(), "{}");
    assert_eq!(files_under(data.path()).iter().filter(|file| file.starts_with("blobs")).count(), 0);
    server.stop().await;
}

#[tokio::test]
async fn every_disguise_is_refused_in_a_listing_and_in_a_files_name() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for path in DISGUISES {
        // In a query '?' and '#' have to be encoded by whoever sends them, and a folder may end in a slash.
        if path.contains('?') || path == "1/x/" {
            continue;
        }
        let answer = send(&server, "GET", &format!("{ROOT}/artifacts?path={path}"), "").await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
    }
    for name in ["..", ".", "", "/", "a/..", "C:", "a#b", "a?b", "a\0b", "a%2fb", "\\", "\u{ff0e}."] {
        let request = http().post(server.at(&format!("{ROOT}/mpu/create/1/run/artifacts")));
        let answer = request.json(&json!({"path": name, "num_parts": 1})).send().await.unwrap();
        let message = refusal(answer).await;
        assert!(message.starts_with("400 INVALID_PARAMETER_VALUE: Invalid path"), "{name:?}: {message}");
    }
    server.stop().await;
}

#[tokio::test]
async fn of_the_path_that_a_client_has_a_file_at_only_the_name_counts() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for local in ["/home/ann/../big.bin", "C:\\Users\\ann\\big.bin", "../../big.bin", "big.bin"] {
        let request = http().post(server.at(&format!("{ROOT}/mpu/create/1/run/artifacts")));
        let answer = request.json(&json!({"path": local, "num_parts": 1})).send().await.unwrap();
        let begun: Value = answer.json().await.unwrap();
        let part =
            http().put(begun["credentials"][0]["url"].as_str().unwrap()).body("x").send().await.unwrap();
        let etag = part.headers()["etag"].to_str().unwrap().to_owned();
        let complete = json!({
            "path": local, "upload_id": begun["upload_id"], "parts": [{"part_number": 1, "etag": etag}],
        });
        let request = http().post(server.at(&format!("{ROOT}/mpu/complete/1/run/artifacts")));
        assert_eq!(request.json(&complete).send().await.unwrap().status(), 200);
    }
    let listed: Value =
        get(server.at(&format!("{ROOT}/artifacts?path=1/run/artifacts"))).await.json().await.unwrap();
    assert_eq!(listed, json!({"files": [{"path": "big.bin", "is_dir": false, "file_size": 1}]}));
    server.stop().await;
}

#[tokio::test]
async fn ordinary_names_go_there_and_back() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for name in [
        "model.onnx",
        ".hidden",
        "..data",
        "...",
        "data..",
        "a b.txt",
        "100%.txt",
        "50% off.txt",
        "a+b&c=d.csv",
        "Größe.txt",
        "モデル/重み.bin",
        "emoji-👩‍🔬.png",
        "12:30.log",
        "quote\"s'.txt",
        "~user",
        "a;b",
        "@{$x}!.txt",
    ] {
        let path = format!("1/run/artifacts/{name}");
        let encoded = utf8_percent_encode(&path, NON_ALPHANUMERIC).to_string().replace("%2F", "/");
        let url = server.at(&format!("{ROOT}/artifacts/{encoded}"));
        assert_eq!(http().put(&url).body(name).send().await.unwrap().status(), 200, "{name}");
        assert_eq!(get(&url).await.text().await.unwrap(), name);
        let (folder, last) = path.rsplit_once('/').unwrap();
        let listing =
            reqwest::Url::parse_with_params(&server.at(&format!("{ROOT}/artifacts")), [("path", folder)]);
        let listed: Value = get(listing.unwrap()).await.json().await.unwrap();
        let files = listed["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file["path"] == last && file["is_dir"] == false), "{name}: {listed}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_encoded_more_than_once_is_what_the_last_decoding_makes_of_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for (path, wanted) in [("1/a%2520b", "a b"), ("1/percent%2541", "percentA"), ("1%252f100%2525", "100%")] {
        assert_eq!(
            http()
                .put(server.at(&format!("{ROOT}/artifacts/{path}")))
                .body("x")
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
        let listed: Value = get(server.at(&format!("{ROOT}/artifacts?path=1"))).await.json().await.unwrap();
        let files = listed["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file["path"] == wanted), "{path}: {listed}");
        assert_eq!(get(server.at(&format!("{ROOT}/artifacts/{path}"))).await.text().await.unwrap(), "x");
    }
    server.stop().await;
}

/// Where a path leads below a folder, as a file system goes: `None` when out of it.
fn below(path: &str) -> Option<usize> {
    Path::new(path).components().try_fold(0_usize, |depth, component| match component {
        Component::Normal(_) => Some(depth + 1),
        Component::CurDir => Some(depth),
        Component::ParentDir => depth.checked_sub(1),
        Component::RootDir | Component::Prefix(_) => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_is_accepted_leads_downwards_and_stays_what_it_is(
        text in "(\\.|\\.\\.|/|//|%2e|%2f|%5c|%252e|\\\\|:|[a-cC]|#|\\?|\u{0}|\u{ff0e}|\u{2025}|\u{200b}| |é){0,12}",
    ) {
        if let Ok(path) = ArtifactPath::file(&text) {
            let names = path.as_str().split('/').count();
            prop_assert_eq!(below(path.as_str()), Some(names));
            // As Windows and a server that decodes once more would read it.
            let decoded = percent_decode_str(path.as_str()).decode_utf8_lossy();
            prop_assert_eq!(below(&decoded.replace('\\', "/")), Some(names));
            prop_assert_eq!(decoded, path.as_str());
            prop_assert_eq!(ArtifactPath::file(path.as_str()), Ok(path.clone()));
            // Joined to a root, and whatever is joined to it, too.
            prop_assert!(path.join("x").is_ok_and(|joined| below(joined.as_str()) == Some(names + 1)));
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused_without_a_panic(text in "\\PC{0,40}|.{0,40}") {
        if let Ok(path) = ArtifactPath::file(&text) {
            prop_assert!(below(path.as_str()).is_some());
            prop_assert!(!path.as_str().chars().any(char::is_control));
        }
    }
}
