//! TLS: certificates as files, read again on SIGHUP; stalled handshakes cost nobody else anything.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::{Process, Running};
use futures::StreamExt as _;
use overhaul_bundle::Sha256Digest;
use overhaul_client::api::Role;
use overhaul_client::{Access, Registry};
use overhaul_http::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Body, Certificate, Client};

/// Writes a certificate for 127.0.0.1 with its key, by an authority of its own; the authority's certificate.
fn certify(folder: &Path) -> String {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    fs::write(folder.join("cert.pem"), own.pem() + &authority.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    authority.pem()
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") }
}

fn command(folder: &Path) -> Command {
    let mut command = Process::command(&folder.join("data"), "127.0.0.1:0");
    command.arg("--tls-cert").arg(folder.join("cert.pem")).arg("--tls-key").arg(folder.join("key.pem"));
    command
}

fn registry(url: &str, authority: &str) -> Registry {
    Registry::with(url, &Access::default().with_authorities(authority.as_bytes()).unwrap()).unwrap()
}

fn client(authority: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authority = Certificate::from_pem(authority.as_bytes()).unwrap();
    Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap()
}

fn kill(process: &Process, signal: &str) {
    let id = process.child.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
}

#[tokio::test]
async fn who_trusts_the_authority_is_answered_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let authority = certify(folder.path());
    let process = Process::spawn(&mut command(folder.path()));
    assert!(process.url.starts_with("https://127.0.0.1:"), "{}", process.url);
    assert_eq!(registry(&process.url, &authority).health().await.unwrap().status, "ok");
    let other = tempfile::tempdir().unwrap();
    let error = registry(&process.url, &certify(other.path())).health().await.unwrap_err();
    assert!(error.is_unreachable(), "{error:?}");
    // Nor is anybody without TLS.
    assert!(
        !common::raw(
            &process.url.replace("https", "http"),
            b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        .contains("200")
    );
}

#[tokio::test]
async fn the_urls_that_it_signs_are_https() {
    let folder = tempfile::tempdir().unwrap();
    let authority = certify(folder.path());
    let process = Process::spawn(&mut command(folder.path()));
    let artifacts = format!("{}/api/2.0/mlflow-artifacts", process.url);
    client(&authority).put(format!("{artifacts}/artifacts/1/x")).body("content").send().await.unwrap();
    let answer = client(&authority).get(format!("{artifacts}/presigned/1/x")).send().await.unwrap();
    let presigned: serde_json::Value = answer.json().await.unwrap();
    let url = presigned["url"].as_str().unwrap();
    assert!(url.starts_with(&process.url), "{url}");
    assert_eq!(client(&authority).get(url).send().await.unwrap().text().await.unwrap(), "content");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_after_a_hangup_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let process = Process::spawn(&mut command(folder.path()));
    let second = certify(folder.path());
    assert!(registry(&process.url, &first).health().await.is_ok());
    kill(&process, "HUP");
    let renewed = registry(&process.url, &second);
    let deadline = Instant::now() + Duration::from_secs(10);
    while renewed.health().await.is_err() {
        assert!(Instant::now() < deadline, "the certificate was not read again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(registry(&process.url, &first).health().await.is_err());
    fs::write(folder.path().join("cert.pem"), "broken").unwrap();
    kill(&process, "HUP");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(registry(&process.url, &second).health().await.is_ok());
}

#[tokio::test]
async fn handshakes_that_stall_are_cut_off_and_hold_nobody_up() {
    let data = tempfile::tempdir().unwrap();
    certify(data.path());
    let limit = Duration::from_millis(1500);
    let server = Running::with(data.path(), |options| {
        options.tls = Some(files(data.path()));
        options.limits.handshake = limit;
    })
    .await;
    let address = server.url.strip_prefix("https://").unwrap();
    let began = Instant::now();
    let mut stalled: Vec<_> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
    // The first bytes of a ClientHello, and no more.
    stalled[0].write_all(&[22, 3, 1, 2, 0, 1]).unwrap();
    server.registry.health().await.unwrap();
    assert!(began.elapsed() < limit, "{:?}", began.elapsed());
    tokio::task::spawn_blocking(move || {
        for mut socket in stalled {
            socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut rest = Vec::new();
            let ended = socket.read_to_end(&mut rest);
            assert!(!matches!(&ended, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock), "still open");
        }
    })
    .await
    .unwrap();
    assert!(began.elapsed() >= limit);
    server.stop().await;
}

#[tokio::test]
async fn an_upload_in_progress_is_answered_before_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    let authority = certify(folder.path());
    let mut process = Process::spawn(&mut command(folder.path()));
    let (told, tell) = tokio::sync::oneshot::channel::<()>();
    let first = futures::stream::iter([Ok::<_, std::io::Error>("a")]);
    let rest = futures::stream::once(async {
        tell.await.unwrap();
        Ok("b")
    });
    let url = format!("{}/api/v1/blobs/{}", process.url, Sha256Digest::of(b"ab"));
    let upload = client(&authority).put(url).body(Body::wrap_stream(first.chain(rest)));
    let upload = tokio::spawn(upload.send());
    tokio::time::sleep(Duration::from_millis(500)).await;
    kill(&process, "TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    told.send(()).unwrap();
    assert_eq!(upload.await.unwrap().unwrap().status(), 201);
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn signed_urls_begin_with_https_and_need_no_token() {
    let data = tempfile::tempdir().unwrap();
    let authority = certify(data.path());
    let server = Running::with(data.path(), |options| {
        options.tls = Some(files(data.path()));
        options.require_token = true;
    })
    .await;
    let token = common::create_token(data.path(), "ann", Role::Publisher, &[]);
    let client = client(&authority);
    let root = server.at("/api/2.0/mlflow-artifacts");
    let put = client.put(format!("{root}/artifacts/1/abc/artifacts/a.txt")).body("hello");
    assert_eq!(put.bearer_auth(&token).send().await.unwrap().status(), 200);
    let ask = client.get(format!("{root}/presigned/1/abc/artifacts/a.txt")).bearer_auth(&token);
    let signed: serde_json::Value = ask.send().await.unwrap().json().await.unwrap();
    let url = signed["url"].as_str().unwrap();
    assert!(url.starts_with(&server.url), "{url}");
    assert_eq!(client.get(url).send().await.unwrap().text().await.unwrap(), "hello");
    let forged = client.get(url.replace("a.txt", "b.txt")).send().await.unwrap();
    assert_eq!(forged.status(), 403);
    server.stop().await;
}

#[test]
fn files_that_are_no_certificate_with_its_key_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |wanted: &str| {
        let output = command(folder.path()).env("RUST_LOG", "off").output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), message.lines().count()), (Some(2), 1), "{message}");
        assert!(message.contains(wanted), "{message}");
    };
    refused("cert.pem is not usable: No such file");
    certify(folder.path());
    let key = fs::read(folder.path().join("key.pem")).unwrap();
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    refused("key.pem is not usable: No such file");
    fs::write(folder.path().join("key.pem"), "no key").unwrap();
    refused("key.pem is not usable: it holds no private key");
    fs::write(folder.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    refused("do not go together");
    fs::write(folder.path().join("key.pem"), &key).unwrap();
    fs::write(folder.path().join("cert.pem"), &key).unwrap();
    refused("cert.pem is not usable: it holds no certificate");
    fs::write(folder.path().join("cert.pem"), "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")
        .unwrap();
    refused("cert.pem is not usable: ");
    let alone = Process::command(folder.path(), "127.0.0.1:0").arg("--tls-cert").arg("x").output().unwrap();
    assert_eq!(alone.status.code(), Some(2));
    assert!(!folder.path().join("data").exists());
}
