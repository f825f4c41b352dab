//! A mistake gets one line and exit code 2, a fault its causes and exit code 1.

mod common;

use std::net::TcpListener;
use std::process::Command;

use common::samples::{MODEL, publish};
use common::{Server, overhaul, refused};

#[tokio::test]
async fn what_does_not_exist_is_named_with_what_does() {
    let server = Server::start();
    publish(&server.registry, b"one").await;
    publish(&server.registry, b"two").await;
    let versions = format!("error: \"{MODEL}\" has no published version 9; there are: 1, 2\n");
    let models = format!("error: registered model \"Other\" does not exist; there are: {MODEL}\n");
    for (arguments, line) in [
        (&["promote", MODEL, "9"][..], &versions),
        (&["show", MODEL, "9"], &versions),
        (&["compare", MODEL, "1", "9"], &versions),
        (&["promote", "Other", "1"], &models),
        (&["list", "Other"], &models),
        (&["history", "Other"], &models),
    ] {
        assert_eq!(refused(&server.models(arguments)), (Some(2), line.clone()), "{arguments:?}");
    }
    assert!(server.registry.history(&MODEL.parse().unwrap()).await.unwrap().is_empty());
}

#[test]
fn names_that_are_none_are_refused_before_anything_is_asked() {
    for (arguments, wanted) in [
        (["promote", MODEL, "0"], "version \"0\" is not valid: use a whole number from 1"),
        (["promote", MODEL, "latest"], "version \"latest\" is not valid"),
        (["show", "a/b", "1"], "model name \"a/b\" is not valid"),
    ] {
        let output = overhaul(&[&["models"], &arguments[..]].concat());
        let (code, message) = refused(&output);
        assert!(code == Some(2) && message.contains(wanted), "{message}");
    }
    let output = overhaul(&["models", "promote", MODEL, "1", "--alias", "latest"]);
    assert!(refused(&output).1.contains("alias \"latest\" is not valid"));
}

#[test]
fn a_registry_url_that_is_none_is_refused_in_one_line() {
    let (code, message) = refused(&overhaul(&["models", "list", "--registry", "nonsense"]));
    assert_eq!((code, message.lines().count()), (Some(2), 1), "{message}");
    assert!(message.contains("registry URL \"nonsense\" is not valid"), "{message}");
}

#[test]
fn a_registry_that_is_away_has_its_own_line() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, message) = refused(&overhaul(&["models", "list", "--registry", &format!("http://{free}")]));
    assert_eq!(code, Some(1));
    let first = message.lines().next().unwrap();
    assert!(first.starts_with(&format!("error: no registry answers at http://{free}/")), "{message}");
    assert!(first.contains("start overhaul-server there"), "{message}");
}

#[test]
fn the_registry_is_found_in_the_environment() {
    let server = Server::start();
    let output = Command::new(env!("CARGO_BIN_EXE_overhaul"))
        .args(["models", "list"])
        .env("OVERHAUL_REGISTRY", &server.url)
        .output()
        .unwrap();
    assert!(output.status.success());
}
