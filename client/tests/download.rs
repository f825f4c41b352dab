//! Downloads are resumed where they broke off, verified, and whole under their name or not there.
//!
//! The servers here are sockets that answer byte for byte what a test wants: servers that break
//! off, that ignore ranges, that lie.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use overhaul_bundle::Sha256Digest;
use overhaul_client::{ClientError, Registry};
use tempfile::TempDir;

/// The head of each request that arrived.
type Heads = Arc<Mutex<Vec<String>>>;

/// Answers each connection by a function of its number and its request's head, then closes it.
fn serve(answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> (Registry, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let registry = Registry::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let heads = Heads::default();
    let seen = Arc::clone(&heads);
    std::thread::spawn(move || {
        for (number, socket) in listener.incoming().enumerate() {
            let mut socket = socket.unwrap();
            let lines = BufReader::new(socket.try_clone().unwrap()).lines();
            let head =
                lines.map(Result::unwrap).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
            let head = head.to_lowercase();
            socket.write_all(&answer(number, &head)).unwrap();
            seen.lock().unwrap().push(head);
        }
    });
    (registry, heads)
}

fn whole(content: &[u8], sent: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", content.len());
    [head.as_bytes(), &content[..sent]].concat()
}

fn part(content: &[u8], from: usize, to: usize) -> Vec<u8> {
    let (length, all) = (content.len() - from, content.len());
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: {length}\r\nContent-Range: bytes {from}-{}/{all}\r\nConnection: close\r\n\r\n",
        all - 1
    );
    [head.as_bytes(), &content[from..to]].concat()
}

/// Where the range of a request begins.
fn from(head: &str) -> usize {
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes=")).expect("a range");
    range.trim_end_matches('-').parse().unwrap()
}

struct Target {
    _directory: TempDir,
    file: PathBuf,
    partial: PathBuf,
}

fn target() -> Target {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("model.onnx");
    let partial = directory.path().join("model.onnx.partial");
    Target { _directory: directory, file, partial }
}

fn content() -> Vec<u8> {
    (0..100_000_u32).flat_map(u32::to_le_bytes).collect()
}

#[tokio::test]
async fn a_transfer_that_breaks_off_is_taken_up_where_it_was() {
    let wanted = content();
    let sent = wanted.clone();
    let (registry, heads) = serve(move |number, head| match number {
        0 => whole(&sent, 100_000),
        1 => part(&sent, from(head), 250_000),
        _ => part(&sent, from(head), sent.len()),
    });
    let (digest, to) = (Sha256Digest::of(&wanted), target());
    registry.download_blob(&digest, wanted.len() as u64, &to.file).await.unwrap();
    assert_eq!(fs::read(&to.file).unwrap(), wanted);
    assert!(!to.partial.exists());
    let heads = heads.lock().unwrap();
    assert_eq!((from(&heads[1]), from(&heads[2])), (100_000, 250_000));
    assert!(heads[1].contains(&format!("if-range: \"{digest}\"")), "{}", heads[1]);
}

#[tokio::test]
async fn what_an_earlier_call_left_is_resumed_from() {
    let wanted = content();
    let sent = wanted.clone();
    let (registry, heads) = serve(move |_, head| part(&sent, from(head), sent.len()));
    let to = target();
    fs::write(&to.partial, &wanted[..70_000]).unwrap();
    registry.download_blob(&Sha256Digest::of(&wanted), wanted.len() as u64, &to.file).await.unwrap();
    assert_eq!(fs::read(&to.file).unwrap(), wanted);
    assert_eq!(from(&heads.lock().unwrap()[0]), 70_000);
}

#[tokio::test]
async fn a_server_that_ignores_ranges_is_begun_again() {
    let wanted = content();
    let sent = wanted.clone();
    let (registry, _) = serve(move |_, _| whole(&sent, sent.len()));
    let to = target();
    fs::write(&to.partial, &wanted[..70_000]).unwrap();
    registry.download_blob(&Sha256Digest::of(&wanted), wanted.len() as u64, &to.file).await.unwrap();
    assert_eq!(fs::read(&to.file).unwrap(), wanted);
}

#[tokio::test]
async fn a_range_that_is_refused_is_begun_again() {
    let wanted = content();
    let sent = wanted.clone();
    let (registry, _) = serve(move |number, _| match number {
        0 => b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
        _ => whole(&sent, sent.len()),
    });
    let to = target();
    fs::write(&to.partial, &wanted[..70_000]).unwrap();
    registry.download_blob(&Sha256Digest::of(&wanted), wanted.len() as u64, &to.file).await.unwrap();
    assert_eq!(fs::read(&to.file).unwrap(), wanted);
}

#[tokio::test]
async fn a_leftover_of_something_else_does_not_poison_the_file() {
    let wanted = content();
    let sent = wanted.clone();
    let (registry, _) = serve(move |number, head| match number {
        0 => part(&sent, from(head), sent.len()),
        _ => whole(&sent, sent.len()),
    });
    let (digest, to) = (Sha256Digest::of(&wanted), target());
    fs::write(&to.partial, vec![9; 70_000]).unwrap();
    registry.download_blob(&digest, wanted.len() as u64, &to.file).await.unwrap();
    assert_eq!(fs::read(&to.file).unwrap(), wanted);
    // One that is as long as the whole, and one that is longer.
    for length in [wanted.len(), wanted.len() + 5] {
        fs::remove_file(&to.file).unwrap();
        fs::write(&to.partial, vec![9; length]).unwrap();
        registry.download_blob(&digest, wanted.len() as u64, &to.file).await.unwrap();
        assert_eq!(fs::read(&to.file).unwrap(), wanted);
    }
}

#[tokio::test]
async fn wrong_bytes_are_never_visible() {
    let wanted = content();
    for wrong in [vec![1; wanted.len()], vec![1; wanted.len() + 1]] {
        let (registry, _) = serve(move |_, _| whole(&wrong, wrong.len()));
        let to = target();
        let digest = Sha256Digest::of(&wanted);
        let error = registry.download_blob(&digest, wanted.len() as u64, &to.file).await.unwrap_err();
        assert!(matches!(error, ClientError::Corrupt { .. } | ClientError::NotUnderstood { .. }), "{error}");
        assert!(!to.file.exists() && !to.partial.exists());
    }
}

#[tokio::test]
async fn a_server_that_always_breaks_off_ends_in_an_error_and_a_partial_file() {
    let wanted = content();
    let sent = wanted.clone();
    let (registry, _) = serve(move |number, head| match number {
        0 => whole(&sent, 1000),
        _ => part(&sent, from(head), from(head)),
    });
    let to = target();
    let error =
        registry.download_blob(&Sha256Digest::of(&wanted), wanted.len() as u64, &to.file).await.unwrap_err();
    assert!(error.is_unreachable() && error.to_string().contains("broke off"), "{error}");
    assert!(!to.file.exists());
    assert_eq!(fs::read(&to.partial).unwrap(), wanted[..1000]);
}

#[tokio::test]
async fn an_empty_blob_is_a_file_too() {
    let (registry, _) = serve(|_, _| whole(b"", 0));
    let to = target();
    registry.download_blob(&Sha256Digest::of(b""), 0, &to.file).await.unwrap();
    assert_eq!(fs::read(&to.file).unwrap(), b"");
}
