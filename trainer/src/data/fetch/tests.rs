//! Files arrive verified and all at once; on every failure the folder is as it was.

mod refused;
mod resumed;
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use overhaul_bundle::Mistake;
use tempfile::TempDir;

use super::*;
use crate::data::archive::tests::{nasa, zip};
use server::Server;

/// Files for NASA's to stand in, with text that packs badly enough to be cut in pieces.
fn files() -> Vec<(String, Vec<u8>)> {
    let text = |seed: u32| {
        let mut state = seed;
        let bytes = (0..50_000).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"0123456789. \n"[(state >> 24) as usize % 13]
        });
        bytes.collect::<Vec<u8>>()
    };
    let names = ["RUL_FD001.txt", "readme.txt", "test_FD001.txt", "train_FD001.txt"];
    names.iter().zip(1..).map(|(name, seed)| ((*name).to_owned(), text(seed))).collect()
}

fn entries(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

/// NASA's form of archive with the files.
fn archive() -> Vec<u8> {
    nasa(&entries(&files()))
}

/// Fetches with the stand-ins' digests as the known ones.
fn get(request: &Request) -> anyhow::Result<Fetched> {
    let digests: Vec<(String, String)> =
        files().into_iter().map(|(name, bytes)| (name, Sha256Digest::of(&bytes).to_string())).collect();
    let known: Vec<(&str, &str)> = digests.iter().map(|(n, d)| (n.as_str(), d.as_str())).collect();
    fetch_known(request, &known, &ProgressBar::hidden())
}

/// A folder that is there, and a request to fetch into it.
fn request(url: &str) -> (TempDir, Request) {
    let folder = tempfile::tempdir().unwrap();
    let request = Request { url: url.to_owned(), sha256: None, out: folder.path().to_owned() };
    (folder, request)
}

/// All that a folder holds.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let entry = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap_or_default())
    };
    entries.map(entry).collect()
}

/// The one line of a mistake.
fn mistake(result: anyhow::Result<Fetched>) -> String {
    let error = result.unwrap_err();
    assert!(error.is::<Mistake>(), "{error:?}");
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[test]
fn every_known_digest_is_one_and_of_a_data_file() {
    assert!(known::ARCHIVE.parse::<Sha256Digest>().is_ok());
    for (name, digest) in known::FILES {
        assert!(digest.parse::<Sha256Digest>().is_ok() && crate::data::archive::is_data(name), "{name}");
    }
    assert!(known::FILES.is_sorted() && client::url(known::URL).is_ok());
}

#[test]
fn the_archives_own_digest_is_known_for_nasas_url_alone() {
    let nasa = known::ARCHIVE.parse().unwrap();
    let other = Sha256Digest::of(b"other");
    let digest = |url: Option<&str>, sha256| Request::new("d".into(), url.map(str::to_owned), sha256).sha256;
    assert_eq!(digest(None, None), Some(nasa));
    assert_eq!(digest(Some(known::URL), None), Some(nasa));
    assert_eq!(digest(None, Some(other)), Some(other));
    assert_eq!(digest(Some("http://localhost/a.zip"), None), None);
}

#[test]
fn the_files_are_there_whole_and_nothing_else() {
    for bytes in [archive(), zip(&entries(&files()))] {
        let digest = Sha256Digest::of(&bytes);
        let server = Server::of(bytes);
        let (folder, mut request) = request(&server.url);
        request.sha256 = Some(digest);
        request.out = folder.path().join("deep/er");
        let fetched = get(&request).unwrap();
        assert_eq!(content(&request.out), files().into_iter().collect());
        assert_eq!(
            fetched.written,
            files().iter().map(|(name, _)| request.out.join(name)).collect::<Vec<_>>()
        );
        assert!(fetched.unchanged.is_empty() && fetched.missing.is_empty());
    }
}

#[test]
fn a_second_fetch_asks_for_nothing() {
    let server = Server::of(archive());
    let (_folder, request) = request(&server.url);
    let first = get(&request).unwrap();
    let second = get(&request).unwrap();
    assert_eq!(second, Fetched { unchanged: first.written, ..Fetched::default() });
    assert_eq!(server.heads().len(), 1);
}

#[test]
fn what_is_there_already_is_left_and_what_is_not_is_added() {
    let server = Server::of(archive());
    let (folder, request) = request(&server.url);
    let (name, bytes) = &files()[2];
    fs::write(folder.path().join(name), bytes).unwrap();
    let before = fs::metadata(folder.path().join(name)).unwrap().modified().unwrap();
    let fetched = get(&request).unwrap();
    assert_eq!((fetched.written.len(), fetched.unchanged), (3, vec![folder.path().join(name)]));
    assert_eq!(fs::metadata(folder.path().join(name)).unwrap().modified().unwrap(), before);
}

#[test]
fn what_the_archive_lacks_is_named() {
    let some = &files()[..3];
    let server = Server::of(zip(&entries(some)));
    let (_folder, request) = request(&server.url);
    let fetched = get(&request).unwrap();
    let missing = vec!["train_FD001.txt".to_owned()];
    assert_eq!((fetched.written.len(), fetched.missing), (3, missing.clone()));
    let again = get(&request).unwrap();
    assert_eq!((again.written.len(), again.unchanged.len(), again.missing), (0, 3, missing));
}

#[test]
fn files_of_other_names_stay_in_the_archive() {
    let mut more = files();
    more.push(("train_FD009.txt".to_owned(), b"unknown".to_vec()));
    let server = Server::of(zip(&entries(&more)));
    let (folder, request) = request(&server.url);
    get(&request).unwrap();
    assert_eq!(content(folder.path()), files().into_iter().collect());
}
