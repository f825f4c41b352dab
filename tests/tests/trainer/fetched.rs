//! `data fetch` takes NASA's files and nothing else.

use std::io::{Cursor, Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use anyhow::Result;
use overhaul_tests::trainer::{Trainer, must_say};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A server on loopback that answers every request with the same bytes; its URL.
fn server(status: &'static str, body: Vec<u8>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/archive.zip", listener.local_addr()?);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    Ok(url)
}

/// A zip that holds something else.
fn other() -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("notes.txt", SimpleFileOptions::default())?;
    Ok(zip.finish()?.into_inner())
}

#[test]
fn what_is_not_nasas_archive_is_refused_in_one_line_and_nothing_is_kept() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("cmapss");
    let trainer = Trainer::new(folder.path());
    let refusal = |url: &str, more: &str| {
        trainer.refusal(&format!("data fetch --url {url} {more}"), &[("--out", &out)])
    };
    for (status, body, says) in [
        ("200 OK", b"<html>log in first</html>".to_vec(), "no zip archive"),
        ("200 OK", other()?, "holds none of NASA's files; check --url"),
        ("404 Not Found", Vec::new(), "answered 404 Not Found"),
    ] {
        let url = server(status, body)?;
        must_say(&refusal(&url, "")?, &[&url, says])?;
        assert!(!out.exists(), "nothing is kept of it");
    }
    let sha256 = "0".repeat(64);
    let line = refusal(&server("200 OK", other()?)?, &format!("--sha256 {sha256}"))?;
    must_say(&line, &["sha256", &sha256])?;
    must_say(&refusal("elsewhere", "")?, &["\"elsewhere\" is no URL"])?;
    assert!(!out.exists());
    Ok(())
}
