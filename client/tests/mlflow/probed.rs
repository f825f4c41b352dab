//! Whether a server speaks the tracking API, and who asks.

use overhaul_client::Access;
use overhaul_client::mlflow::{Mlflow, MlflowError, Probe, Token};
use serde_json::json;

use crate::server::Server;

async fn probed(status: u16, body: &str) -> Result<Probe, MlflowError> {
    let body = body.to_owned();
    let server = Server::start(move |_| (status, body.clone()));
    let probe = server.client().tried().await;
    let asked = server.asked();
    assert_eq!(asked[0].line, "GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=Default");
    probe
}

#[tokio::test]
async fn a_tracking_server_is_there_with_or_without_its_default_experiment() {
    let default = json!({ "experiment": { "experiment_id": "0", "lifecycle_stage": "active" } }).to_string();
    let none = r#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Could not find experiment"}"#;
    for (status, body) in [(200, default.as_str()), (404, none)] {
        let probe = probed(status, body).await.unwrap();
        assert!(matches!(probe, Probe::There(_)), "{status} {body}: {probe:?}");
    }
}

#[tokio::test]
async fn a_registry_alone_a_page_and_nobody_are_not_there() {
    for (status, body, words) in [
        (404, r#"{"error_code": "ENDPOINT_NOT_FOUND", "message": "no such path"}"#, "has no tracking API"),
        (404, "<html>Not Found</html>", "has no tracking API"),
        (405, "", "has no tracking API"),
        (200, "<html>Welcome</html>", "is no MLflow"),
        (200, "{}", "is no MLflow"),
    ] {
        match probed(status, body).await.unwrap() {
            Probe::NotThere(why) => assert!(why.contains(words), "{why}"),
            there @ Probe::There(_) => panic!("{status} {body}: {there:?}"),
        }
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    match Mlflow::probe(&format!("http://{free}"), &Access::default()).await.unwrap() {
        Probe::NotThere(why) => assert_eq!(why, format!("http://{free}/: no server answers there")),
        there @ Probe::There(_) => panic!("{there:?}"),
    }
}

#[tokio::test]
async fn a_server_that_wants_a_token_or_fails_is_an_error() {
    for status in [401, 403] {
        let error = probed(status, "who are you").await.unwrap_err();
        let line = error.mistake().unwrap().to_string();
        assert!(line.contains("set MLFLOW_TRACKING_TOKEN to a token that may do this"), "{line}");
    }
    let error = probed(500, "").await.unwrap_err();
    assert!(matches!(error, MlflowError::Refused { status: 500, .. }) && error.mistake().is_none());
}

#[tokio::test]
async fn a_token_is_sent_and_never_shown() {
    let server = Server::start(|_| (500, "{}".to_owned()));
    let client = server.client_with("s3cret");
    let error = client.experiment("e").await.unwrap_err();
    assert!(server.asked()[0].headers.contains("authorization: bearer s3cret"));
    for shown in [format!("{client:?}"), format!("{error:?}"), error.to_string()] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    let without = server.client();
    let _ = without.experiment("e").await;
    assert!(!server.asked()[1].headers.contains("authorization"));
}

#[test]
fn a_token_that_is_none_is_refused_without_showing_it() {
    for text in ["s3cret\nX: y", "", "  ", "s3cret\u{7f}"] {
        let error = Token::new(text).unwrap_err();
        let line = error.mistake().unwrap().to_string();
        assert!(line.contains("MLFLOW_TRACKING_TOKEN") && !line.contains("s3cret"), "{line}");
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed_with_the_token() {
    let elsewhere = Server::start(|_| (200, "{}".to_owned()));
    let location = format!("{}/login", elsewhere.url);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut socket, _) = listener.accept().unwrap();
        let _ = socket.read(&mut [0; 4096]).unwrap();
        let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        socket.write_all(head.as_bytes()).unwrap();
    });
    let client = Mlflow::new(&url, Some(Token::new("s3cret").unwrap())).unwrap();
    let error = client.tried().await.unwrap_err();
    assert!(
        error.to_string().contains(&format!("it points to {}/login; use that URL", elsewhere.url)),
        "{error}"
    );
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn a_url_that_is_none_is_refused_with_the_mend() {
    for url in ["", "localhost:5000", "ftp://host", "http://", "http://h/?q", "http://me:secret@h"] {
        let error = Mlflow::new(url, None).unwrap_err();
        let line = error.mistake().unwrap().to_string();
        assert!(line.contains("is not valid") && !line.contains("secret"), "{line}");
    }
}
