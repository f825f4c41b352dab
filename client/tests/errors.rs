//! Errors name the URL, the status and the mend; a registry that is away has a line of its own.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use overhaul_client::Registry;

/// A server that answers every request with the same bytes.
fn answering(answer: &'static str) -> Registry {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let registry = Registry::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 4096]).unwrap();
            socket.write_all(answer.as_bytes()).unwrap();
        }
    });
    registry
}

#[tokio::test]
async fn a_registry_that_is_away_has_its_own_line() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let registry = Registry::new(&format!("http://{free}")).unwrap();
    let error = registry.health().await.unwrap_err();
    assert!(error.is_unreachable() && !error.is_mistake());
    assert_eq!(
        error.to_string(),
        format!(
            "no registry answers at http://{free}/health; start overhaul-server there, or name the right one with --registry or OVERHAUL_REGISTRY"
        )
    );
}

#[tokio::test]
async fn the_registrys_own_words_are_passed_on() {
    let registry = answering(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 66\r\nConnection: close\r\n\r\n{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"no such model\"}",
    );
    let error = registry.models().await.unwrap_err();
    assert!(error.is_not_found() && error.is_mistake());
    assert_eq!(
        error.to_string(),
        format!(
            "the registry refused GET {}api/v1/models: 404 RESOURCE_DOES_NOT_EXIST: no such model",
            registry.url()
        )
    );
    assert_eq!(error.mistake().unwrap().to_string(), "no such model");
}

#[tokio::test]
async fn what_is_no_registry_is_told_apart() {
    let page = answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>");
    let error = page.models().await.unwrap_err();
    assert!(
        !error.is_mistake() && error.to_string().contains("no Overhaul registry of this release"),
        "{error}"
    );
    let proxy = answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let error = proxy.models().await.unwrap_err();
    assert!(error.to_string().contains("502 UNKNOWN: Bad Gateway; is this an Overhaul registry?"), "{error}");
    let moved = answering(
        "HTTP/1.1 301 Moved Permanently\r\nLocation: https://registry.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let error = moved.models().await.unwrap_err();
    assert!(
        error.to_string().contains("to https://registry.example/; use that as the registry's URL"),
        "{error}"
    );
}

#[test]
fn a_url_that_is_none_is_refused_and_a_password_is_not_printed() {
    for bad in
        ["", "registry", "ftp://registry", "mailto:a@b", "http://", "http://host/?q=1", "http://host/#x"]
    {
        let error = Registry::new(bad).unwrap_err();
        assert!(error.is_mistake() && error.to_string().contains("use one such as"), "{bad}: {error}");
    }
    let error = Registry::new("http://ada:secret@host").unwrap_err().to_string();
    assert!(!error.contains("secret") && error.contains("user name or password"), "{error}");
    assert!(Registry::new("https://host/registry/").is_ok());
}

#[tokio::test]
async fn a_path_before_the_api_is_kept_and_names_are_encoded() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let registry = Registry::new(&format!("http://{}/fleet/", listener.local_addr().unwrap())).unwrap();
    let line = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        let length = socket.read(&mut head).unwrap();
        socket
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"versions\":[]}")
            .unwrap();
        String::from_utf8_lossy(&head[..length]).lines().next().unwrap().to_owned()
    });
    assert!(registry.versions(&"a b?#%ü".parse().unwrap()).await.unwrap().is_empty());
    assert_eq!(line.join().unwrap(), "GET /fleet/api/v1/models/a%20b%3F%23%25%C3%BC/versions HTTP/1.1");
}
