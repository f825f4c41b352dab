//! Bodies have limits, and every refusal is JSON that says what to do.

mod common;

use common::{MODEL, Running, files_under, get, http, refusal};
use overhaul_bundle::Sha256Digest;
use reqwest::{Body, Method};

#[tokio::test]
async fn a_blob_over_the_limit_is_refused_and_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::with(data.path(), |options| options.max_blob_bytes = 1000).await;
    let content = vec![7; 1001];
    let url = server.at(&format!("/api/v1/blobs/{}", Sha256Digest::of(&content)));
    let promised = http().put(&url).body(content.clone()).send().await.unwrap();
    // Without a length in the header the limit is met on the way.
    let pieces = content.chunks(100).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let streamed = Body::wrap_stream(futures::stream::iter(pieces));
    let unpromised = http().put(&url).body(streamed).send().await.unwrap();
    for answer in [promised, unpromised] {
        let message = refusal(answer).await;
        assert!(message.starts_with("413 ") && message.contains("at most 1000 bytes"), "{message}");
    }
    assert!(files_under(&data.path().join("blobs")).is_empty());
    let fits = vec![7; 1000];
    let url = server.at(&format!("/api/v1/blobs/{}", Sha256Digest::of(&fits)));
    assert_eq!(http().put(&url).body(fits).send().await.unwrap().status(), 201);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_a_large_file_over_the_limit_is_told_why() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::with(data.path(), |options| options.max_blob_bytes = 1 << 20).await;
    let file = data.path().join("large");
    std::fs::File::create(&file).unwrap().set_len(64 << 30).unwrap();
    for _ in 0..5 {
        let error = server.registry.upload_blob(&file, &Sha256Digest::of(b"")).await.unwrap_err();
        // Whoever waited for the whole file to be sent would get a broken connection instead.
        assert!(error.is_mistake() && error.to_string().contains("at most 1048576 bytes"), "{error:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_manifest_or_json_over_its_limit_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    for (path, length, limit) in [
        (format!("/api/v1/models/{MODEL}/versions/1"), (1 << 20) + 1, "1048576"),
        (format!("/api/v1/models/{MODEL}/aliases/production"), (64 << 10) + 1, "65536"),
    ] {
        let request = http().put(server.at(&path)).header("Content-Type", "application/json");
        let message = refusal(request.body(vec![b' '; length]).send().await.unwrap()).await;
        assert!(message.starts_with("413 INVALID_PARAMETER_VALUE") && message.contains(limit), "{message}");
    }
    server.stop().await;
}

#[tokio::test]
async fn json_of_another_type_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let url = server.at(&format!("/api/v1/models/{MODEL}/aliases/production"));
    let request = http().put(url).header("Content-Type", "text/plain").body("{}");
    let message = refusal(request.send().await.unwrap()).await;
    assert_eq!(
        message,
        "415 INVALID_PARAMETER_VALUE: the body's Content-Type is \"text/plain\"; send application/json"
    );
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_path_or_method_is_answered_in_json() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let message = refusal(get(server.at("/api/v2/models")).await).await;
    assert_eq!(message, "404 ENDPOINT_NOT_FOUND: there is no endpoint GET /api/v2/models; check the path");
    let answer = http().request(Method::DELETE, server.at("/api/v1/models")).send().await.unwrap();
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers()["x-frame-options"], "DENY");
    let message = refusal(answer).await;
    assert_eq!(message, "405 ENDPOINT_NOT_FOUND: /api/v1/models does not take DELETE; check the method");
    server.stop().await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    let url = server.at(&format!("/api/v1/blobs/{}", Sha256Digest::of(b"never whole")));
    let pieces = futures::stream::iter([Ok(vec![1; 3 << 20]), Err(std::io::Error::other("gone"))]);
    assert!(http().put(&url).body(Body::wrap_stream(pieces)).send().await.is_err());
    // The server notices in its own time.
    for _ in 0..200 {
        if files_under(&data.path().join("blobs")).is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(files_under(&data.path().join("blobs")).is_empty());
    assert_eq!(get(&url).await.status(), 404);
    server.stop().await;
}
