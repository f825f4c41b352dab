//! What is refused leaves the folder as it was.

use super::server::{Server, empty, whole};
use super::*;
use crate::data::archive::tests::encrypted;

/// Fetches from a server into a folder that holds something, and one that is to be made; answers the mistake's
/// line after it has checked that both are as before.
fn refused(server: &Server, sha256: Option<Sha256Digest>) -> String {
    let (folder, mut request) = request(&server.url);
    request.sha256 = sha256;
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let before = content(folder.path());
    let line = mistake(get(&request));
    assert_eq!(content(folder.path()), before);
    request.out = folder.path().join("new/folder");
    assert_eq!(mistake(get(&request)), line);
    assert_eq!(content(folder.path()), before, "what was made for it is gone");
    line
}

#[test]
fn an_archive_with_another_digest_is_refused_with_both() {
    let server = Server::of(archive());
    let wanted = Sha256Digest::of(b"another");
    let line = refused(&server, Some(wanted));
    let found = Sha256Digest::of(&archive());
    assert!(line.contains(&format!("with sha256 {found} instead of {wanted}")), "{line}");
    assert!(line.contains("--sha256"), "{line}");
}

#[test]
fn a_file_with_another_digest_is_refused_by_name_with_both() {
    let mut files = files();
    let known = Sha256Digest::of(&files[3].1);
    files[3].1 = String::from_utf8(files[3].1.clone()).unwrap().replace('\n', "\r\n").into_bytes();
    let found = Sha256Digest::of(&files[3].1);
    let line = refused(&Server::of(nasa(&entries(&files))), None);
    assert!(line.starts_with("train_FD001.txt in the archive from http://127.0.0.1"), "{line}");
    assert!(line.contains(&format!("has sha256 {found} instead of NASA's {known}")), "{line}");
    assert!(line.contains("line ends"), "{line}");
}

#[test]
fn a_server_without_the_archive_is_named_with_what_it_says() {
    let server = Server::start(|_, _| empty("404 Not Found", ""));
    let line = refused(&server, None);
    let wanted =
        format!("{} answered 404 Not Found; name another server that has the archive with --url", server.url);
    assert_eq!(line, wanted);
}

#[test]
fn a_web_page_is_told_from_the_archive() {
    let page = b"<!doctype html><html>Sign in to go on</html>";
    let typed = Server::start(|_, _| whole(page, page.len(), "Content-Type: text/html; charset=utf-8\r\n"));
    assert!(refused(&typed, None).contains("answered a web page, not the archive"));
    let untyped = Server::of(page.to_vec());
    assert!(refused(&untyped, None).contains("answered something that is no zip archive"));
}

#[test]
fn a_zip_that_leads_out_of_the_folder_writes_nothing() {
    let mut files = files();
    files.push(("../x".to_owned(), b"harm".to_vec()));
    let line = refused(&Server::of(zip(&entries(&files))), None);
    assert!(line.starts_with("the archive from http://127.0.0.1:"), "{line}");
    assert!(line.contains("\"../x\" leads out of the archive"), "{line}");
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let mut files = files();
    files[3].1 = vec![b'0'; download::MAX_BYTES as usize + 1];
    let bomb = nasa(&entries(&files));
    assert!(bomb.len() < 1 << 20);
    let line = refused(&Server::of(bomb), None);
    assert!(line.contains("train_FD001.txt unpacks to more than"), "{line}");
}

#[test]
fn an_encrypted_and_a_damaged_archive_are_refused() {
    assert!(refused(&Server::of(encrypted(&entries(&files()))), None).contains("is encrypted"));
    let mut damaged = zip(&entries(&files()));
    damaged[5000] ^= 1;
    assert!(refused(&Server::of(damaged), None).contains("cannot be unpacked"));
    assert!(refused(&Server::of(b"PK and no more".to_vec()), None).contains("it is no zip archive"));
    assert!(refused(&Server::of(zip(&[("a.txt", b"")])), None).contains("holds none of NASA's files"));
}

#[test]
fn an_archive_that_is_far_too_long_is_not_downloaded() {
    let length = download::MAX_BYTES + 1;
    let server = Server::start(move |_, _| {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\nPK").into_bytes()
    });
    assert!(refused(&server, None).contains("has more than"));
}

#[test]
fn a_file_of_the_users_is_never_overwritten_and_nothing_is_asked_for() {
    let server = Server::of(archive());
    let (folder, request) = request(&server.url);
    fs::write(folder.path().join("readme.txt"), "mine").unwrap();
    let line = mistake(get(&request));
    assert!(line.contains("readme.txt has sha256") && line.contains("it was left as it is"), "{line}");
    assert_eq!(content(folder.path()), [("readme.txt".to_owned(), b"mine".to_vec())].into());
    assert!(server.heads().is_empty());
    fs::remove_file(folder.path().join("readme.txt")).unwrap();
    fs::create_dir(folder.path().join("readme.txt")).unwrap();
    assert!(mistake(get(&request)).contains("is there and no file"));
}

#[test]
fn a_file_that_appears_meanwhile_is_not_overwritten_either() {
    let (folder, mut request) = request("");
    let late = folder.path().join("train_FD001.txt");
    let to = late.clone();
    let server = Server::start(move |_, _| {
        fs::write(&to, "mine").unwrap();
        whole(&archive(), archive().len(), "")
    });
    request.url.clone_from(&server.url);
    let error = get(&request).unwrap_err();
    assert!(error.to_string().contains("cannot write"), "{error:?}");
    assert_eq!(content(folder.path()), [("train_FD001.txt".to_owned(), b"mine".to_vec())].into());
}

#[test]
fn an_out_that_is_a_file_and_a_url_that_is_none_are_refused() {
    let (folder, mut request) = request("ftp://127.0.0.1/data.zip");
    assert!(mistake(get(&request)).contains("does not begin with http:// or https://"));
    request.url = "http://me:secret@127.0.0.1/data.zip".to_owned();
    let line = mistake(get(&request));
    assert!(line.contains("user name or password") && !line.contains("secret"), "{line}");
    request.out = folder.path().join("file/new");
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(mistake(get(&request)).contains("is no folder; name another"));
}

#[test]
fn a_server_that_is_away_is_named_with_the_mend() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (folder, mut request) = request(&format!("http://{free}/data.zip"));
    request.out = folder.path().join("new");
    let error = get(&request).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "no answer from http://{free}/data.zip; check the network, or name another server with --url"
        )
    );
    assert!(!error.is::<Mistake>() && content(folder.path()).is_empty());
}
