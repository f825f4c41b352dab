//! An alias and its history move together; gateways ask conditionally.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{MODEL, Running, get, http, model, publish, refusal, version};
use overhaul_bundle::Alias;
use overhaul_client::{AliasAnswer, ClientError, MoveAlias};
use reqwest::StatusCode;
use serde_json::json;

fn production() -> Alias {
    "production".parse().unwrap()
}

fn to(number: u32, reason: Option<&str>) -> MoveAlias {
    MoveAlias { version: version(number), actor: "Ada".to_owned(), reason: reason.map(str::to_owned) }
}

#[tokio::test]
async fn an_alias_moves_with_its_history() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"one").await;
    publish(&server.registry, b"two").await;
    let first = server.registry.move_alias(&model(), &production(), &to(1, None)).await.unwrap();
    assert_eq!((first.from, first.to), (None, version(1)));
    let second = server.registry.move_alias(&model(), &production(), &to(2, Some("better"))).await.unwrap();
    assert_eq!((second.from, second.to), (Some(version(1)), version(2)));
    assert_eq!(server.registry.history(&model()).await.unwrap(), [second, first]);
    let listed = server.registry.models().await.unwrap();
    assert_eq!(listed[0].aliases[&production()], version(2));
    assert_eq!(server.registry.version(&model(), version(2)).await.unwrap().aliases, [production()]);
    assert!(server.registry.version(&model(), version(1)).await.unwrap().aliases.is_empty());
    let url = server.at(&format!("/api/v1/models/{MODEL}/history"));
    insta::assert_json_snapshot!(get(url).await.json::<serde_json::Value>().await.unwrap());
    server.stop().await;
}

#[tokio::test]
async fn nothing_moves_on_the_wire_while_the_alias_stays() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"one").await;
    publish(&server.registry, b"two").await;
    server.registry.move_alias(&model(), &production(), &to(1, None)).await.unwrap();
    let AliasAnswer::Current { target, etag } =
        server.registry.alias(&model(), &production(), None).await.unwrap()
    else {
        panic!("the first answer must be whole")
    };
    assert_eq!(target.version, version(1));
    let etag = etag.unwrap();
    let again = server.registry.alias(&model(), &production(), Some(&etag)).await.unwrap();
    assert_eq!(again, AliasAnswer::Unchanged);
    let url = server.at(&format!("/api/v1/models/{MODEL}/aliases/production"));
    let answer = http().get(url).header("If-None-Match", &etag).send().await.unwrap();
    assert_eq!((answer.status(), answer.bytes().await.unwrap().len()), (StatusCode::NOT_MODIFIED, 0));
    server.registry.move_alias(&model(), &production(), &to(2, None)).await.unwrap();
    let moved = server.registry.alias(&model(), &production(), Some(&etag)).await.unwrap();
    assert!(matches!(moved, AliasAnswer::Current { target, .. } if target.version == version(2)));
    server.stop().await;
}

#[tokio::test]
async fn what_does_not_exist_is_named_with_what_does() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"one").await;
    server.registry.move_alias(&model(), &production(), &to(1, None)).await.unwrap();
    let message = |error: ClientError| {
        assert!(error.is_not_found() && error.is_mistake(), "{error}");
        error.mistake().unwrap().to_string()
    };
    let other = "Other".parse().unwrap();
    assert_eq!(
        message(server.registry.alias(&other, &production(), None).await.unwrap_err()),
        "registered model \"Other\" does not exist; there are: RUL-Prediction-Model"
    );
    assert_eq!(
        message(server.registry.alias(&model(), &"canary".parse().unwrap(), None).await.unwrap_err()),
        "\"RUL-Prediction-Model\" has no alias \"canary\"; there are: production"
    );
    assert_eq!(
        message(server.registry.move_alias(&model(), &production(), &to(9, None)).await.unwrap_err()),
        "\"RUL-Prediction-Model\" has no published version 9; there are: 1"
    );
    assert_eq!(server.registry.history(&model()).await.unwrap().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_bad_move_is_refused_and_leaves_no_trace() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"one").await;
    let put = |alias: &str, body: String| {
        let url = server.at(&format!("/api/v1/models/{MODEL}/aliases/{alias}"));
        http().put(url).header("Content-Type", "application/json").body(body).send()
    };
    let long = "x".repeat(2001);
    for (alias, body, wanted) in [
        ("production", "{".to_owned(), "the body is not the JSON that is asked for"),
        ("production", json!({"version": 1}).to_string(), "missing field `actor`"),
        ("production", json!({"version": "1", "actor": "Ada"}).to_string(), "invalid type: string \"1\""),
        ("production", json!({"version": 0, "actor": "Ada"}).to_string(), "nonzero"),
        ("production", json!({"version": 1, "actor": "Ada", "why": "x"}).to_string(), "unknown field `why`"),
        ("production", json!({"version": 1, "actor": ""}).to_string(), "actor has 0 characters"),
        ("production", json!({"version": 1, "actor": "\u{1b}[2J"}).to_string(), "control character"),
        ("production", json!({"version": 1, "actor": "Ada", "reason": long}).to_string(), "reason has 2001"),
        ("latest", json!({"version": 1, "actor": "Ada"}).to_string(), "alias \"latest\" is not valid"),
        ("v1", json!({"version": 1, "actor": "Ada"}).to_string(), "alias \"v1\" is not valid"),
    ] {
        let message = refusal(put(alias, body).await.unwrap()).await;
        assert!(
            message.starts_with("400 INVALID_PARAMETER_VALUE") && message.contains(wanted),
            "{wanted}: {message}"
        );
    }
    assert!(server.registry.history(&model()).await.unwrap().is_empty());
    assert!(server.registry.models().await.unwrap()[0].aliases.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_moves_make_one_unbroken_history() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(data.path()).await;
    publish(&server.registry, b"one").await;
    publish(&server.registry, b"two").await;
    let moves: Vec<_> = (0..20)
        .map(|n| {
            let registry = server.registry.clone();
            tokio::spawn(
                async move { registry.move_alias(&model(), &production(), &to(1 + n % 2, None)).await },
            )
        })
        .collect();
    for one in moves {
        one.await.unwrap().unwrap();
    }
    let history = server.registry.history(&model()).await.unwrap();
    assert_eq!(history.len(), 20);
    assert!(history.windows(2).all(|pair| pair[0].from == Some(pair[1].to)));
    assert_eq!(server.registry.models().await.unwrap()[0].aliases[&production()], history[0].to);
    server.stop().await;
}
