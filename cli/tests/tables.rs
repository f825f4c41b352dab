//! What a fleet manager sees: lists, one version, a comparison, a promotion, a history.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::samples::{MODEL, publish_with};
use common::{Server, without_now};
use overhaul_bundle::Sha256Digest;

/// A GRU, and an LSTM that is worse by some figures and better by others.
async fn two_versions() -> Server {
    let server = Server::start();
    publish_with(&server.registry, b"gru", |_| {}).await;
    publish_with(&server.registry, b"lstm", |metadata| {
        metadata.model_type = "LSTM".into();
        metadata.timestamp = "2024-01-16T08:00:00Z".parse().unwrap();
        (metadata.rmse, metadata.mae) = (Some(24.04), Some(16.5));
        (metadata.parameters, metadata.nasa_score) = (55_900, Some(442.0));
    })
    .await;
    server
}

#[tokio::test]
async fn list_shows_versions_and_the_registry_guides_lines() {
    let server = two_versions().await;
    server.told(&["promote", MODEL, "1"]);
    let text = server.told(&["list"]);
    assert!(
        text.lines().any(|line| line == "Version 1: GRU - RMSE: 22.49, MAE: 16.79 (2024-01-15 10:30:45)"),
        "{text}"
    );
    insta::assert_snapshot!(without_now(&text));
    assert_eq!(server.told(&["list", MODEL]), text);
    let json = server.json(&["list"]);
    assert_eq!(json["models"][0]["name"], MODEL);
    assert_eq!(json["models"][0]["aliases"]["production"], 1);
    assert_eq!(json["models"][0]["versions"][1]["metadata"]["model_type"], "LSTM");
}

#[tokio::test]
async fn an_empty_registry_says_so() {
    let server = Server::start();
    assert_eq!(server.told(&["list"]), "no model is registered yet; overhaul-trainer publishes the first\n");
    assert_eq!(server.json(&["list"]), serde_json::json!({"models": []}));
    server.registry.reserve_version(&MODEL.parse().unwrap()).await.unwrap();
    assert_eq!(server.told(&["list"]), format!("{MODEL}\nno version is published yet\n"));
    assert_eq!(server.told(&["history", MODEL]), format!("no alias of {MODEL} was ever moved\n"));
}

#[tokio::test]
async fn show_tells_everything_about_a_version() {
    let server = two_versions().await;
    insta::assert_snapshot!(without_now(&server.told(&["show", MODEL, "1"])));
    assert_eq!(server.json(&["show", MODEL, "2"])["metadata"]["parameters"], 55_900);
}

#[tokio::test]
async fn compare_says_which_is_better_by_each_figure() {
    let server = two_versions().await;
    insta::assert_snapshot!(server.told(&["compare", MODEL, "1", "2"]));
    let json = server.json(&["compare", MODEL, "1", "2"]);
    assert_eq!(json["figures"][0]["better"], 1);
    assert_eq!(json["figures"][1]["better"], 2);
    assert_eq!(json["figures"][3]["better"], serde_json::Value::Null);
    assert_eq!(json["caveats"], serde_json::json!([]));
}

#[tokio::test]
async fn versions_evaluated_on_different_data_are_not_ranked() {
    let server = two_versions().await;
    publish_with(&server.registry, b"elsewhere", |metadata| {
        metadata.dataset = "FD002".into();
        metadata.dataset_sha256 = Some(Sha256Digest::of(b"other data"));
        metadata.rmse = Some(1.0);
    })
    .await;
    insta::assert_snapshot!(server.told(&["compare", MODEL, "1", "3"]));
    let json = server.json(&["compare", MODEL, "1", "3"]);
    assert!(json["figures"].as_array().unwrap().iter().all(|figure| figure["better"].is_null()));
}

#[tokio::test]
async fn under_another_cap_only_raw_figures_are_compared() {
    let server = two_versions().await;
    publish_with(&server.registry, b"capped", |metadata| {
        metadata.rul_cap = Some(130.0);
        metadata.seed = Some(2);
        metadata.rmse_raw = Some(20.0);
    })
    .await;
    insta::assert_snapshot!(server.told(&["compare", MODEL, "1", "3"]));
}

#[tokio::test]
async fn a_promotion_is_told_and_recorded() {
    let server = two_versions().await;
    assert_eq!(
        server.told(&["promote", MODEL, "1"]),
        format!("production of {MODEL} is version 1 now (it is new), by ada\n")
    );
    assert_eq!(
        server.told(&["promote", MODEL, "2", "--reason", "fewer late alarms", "--as", "Grace"]),
        format!("production of {MODEL} is version 2 now (it was version 1), by Grace\n")
    );
    let json = server.json(&["promote", MODEL, "2", "--alias", "canary"]);
    assert_eq!((&json["alias"], &json["to"], &json["from"]), (&"canary".into(), &2.into(), &().into()));
    insta::assert_snapshot!(without_now(&server.told(&["history", MODEL])));
    assert_eq!(server.json(&["history", MODEL])["history"][1]["reason"], "fewer late alarms");
}

#[tokio::test]
async fn control_characters_from_elsewhere_do_not_reach_the_terminal() {
    let server = Server::start();
    publish_with(&server.registry, b"hostile", |metadata| metadata.model_type = "\u{1b}[2JGRU".into()).await;
    for arguments in [&["list"][..], &["show", MODEL, "1"], &["compare", MODEL, "1", "1"]] {
        let text = server.told(arguments);
        assert!(!text.contains('\u{1b}') && text.contains("\u{fffd}[2JGRU"), "{text}");
    }
}
