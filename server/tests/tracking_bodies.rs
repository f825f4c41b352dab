//! A body that is not what is asked for is refused with a line that says why.

mod tracking_common;

use serde_json::json;
use tracking_common::Tracking;

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let api = Tracking::start().await;
    let no_json = "the body is not the JSON that is asked for: ";
    for (body, wanted) in [
        (&b"this is no JSON"[..], no_json),
        (b"{\"run_id\": \"", no_json),
        (b"{\"run_id\": \"\xff\xfe\"}", no_json),
        (b"{\"run_id\": \"a\x00b\"}", no_json),
        (b"\xef\xbb\xbf{}", no_json),
        (b"/* x */ {}", no_json),
        (b"{\"run_id\": NaN}", no_json),
        (b"5", no_json),
        (b"\"{}\"", no_json),
        (b"null", no_json),
        (b"{\"nobody\": \"\xff\xfe\"}", no_json),
        (b"{} {}", "trailing characters"),
        (b" [\"x\"]", "the body is an array; send a JSON object"),
        (b"", "Missing value for required parameter 'run_id'."),
        (b"{}", "Missing value for required parameter 'run_id'."),
        (b"{\"run_id\": null}", "Missing value for required parameter 'run_id'."),
    ] {
        let refused = tracking_common::refused(api.send("runs/log-batch", body.to_vec()).await).await;
        let shown = String::from_utf8_lossy(body);
        assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE: "), "{shown}: {refused}");
        assert!(refused.contains(wanted), "{shown}: {refused}");
    }
    let deep = format!("{{\"run_id\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    let refused = tracking_common::refused(api.send("runs/log-batch", deep).await).await;
    assert!(refused.starts_with("400 INVALID_PARAMETER_VALUE: "), "{refused}");
}

#[tokio::test]
async fn what_nobody_knows_is_ignored() {
    let api = Tracking::start().await;
    let run = api.run().await;
    api.post("runs/set-tag", json!({"run_id": run, "key": "k", "value": "v", "nobody": {"x": [1]}})).await;
}

#[tokio::test]
async fn a_body_of_100_megabytes_is_refused() {
    let api = Tracking::start().await;
    let run = api.run().await;
    let body = json!({"run_id": run, "key": "k", "value": "v".repeat(100_000_000)});
    let refused = api.refused("runs/set-tag", body).await;
    assert_eq!(refused, "413 INVALID_PARAMETER_VALUE: a JSON body may have at most 16777216 bytes");
}

#[tokio::test]
async fn the_same_is_there_under_ajax_api() {
    let api = Tracking::start().await;
    let url = api.server.at("/ajax-api/2.0/mlflow/experiments/get?experiment_id=0");
    let answer: serde_json::Value = tracking_common::get(url).await.json().await.unwrap();
    assert_eq!(answer, api.get("experiments/get?experiment_id=0").await);
}
