//! A transfer that breaks off is taken up where it was, and never with bytes of something else.

use super::server::{Server, empty, from, part, whole};
use super::*;
use crate::data::fetch::partial::{ORIGIN, PART};

const TAG: &str = "ETag: \"one\"\r\n";

fn is_done(folder: &Path) {
    assert_eq!(content(folder), files().into_iter().collect());
}

/// A folder in which a fetch of `url` broke off after `sent` bytes of an archive.
fn broken_off(folder: &Path, url: &str, etag: Option<&str>, sent: usize) {
    fs::write(folder.join(PART), &archive()[..sent]).unwrap();
    let origin = serde_json::json!({ "url": url, "etag": etag, "total": archive().len() });
    fs::write(folder.join(ORIGIN), origin.to_string()).unwrap();
}

#[test]
fn a_cut_is_mended_within_one_call() {
    let server = Server::start(|number, head| match number {
        0 => whole(&archive(), 10_000, TAG),
        1 => part(&archive(), from(head), 30_000, TAG),
        _ => part(&archive(), from(head), archive().len(), TAG),
    });
    let (folder, request) = request(&server.url);
    get(&request).unwrap();
    is_done(folder.path());
    let heads = server.heads();
    assert_eq!(heads.iter().map(|head| from(head)).collect::<Vec<_>>(), [0, 10_000, 30_000]);
    assert!(heads[1].contains("if-range: \"one\""), "{}", heads[1]);
}

#[test]
fn what_an_earlier_call_left_is_gone_on_from() {
    let server = Server::start(|number, head| match number {
        0 => whole(&archive(), 10_000, TAG),
        1 => empty("503 Slow Down", ""),
        _ => part(&archive(), from(head), archive().len(), TAG),
    });
    let (folder, mut request) = request(&server.url);
    request.out = folder.path().join("new");
    let error = get(&request).unwrap_err();
    let line = error.to_string();
    assert!(line.contains("10000 bytes are kept, run it again to go on from there"), "{line}");
    assert!(format!("{error:#}").contains("503"), "{error:#}");
    let mut kept: Vec<String> = content(&request.out).into_keys().collect();
    kept.sort();
    assert_eq!(kept, [ORIGIN, PART], "a part is no file of the data");
    get(&request).unwrap();
    is_done(&request.out);
    assert_eq!(from(&server.heads()[2]), 10_000);
}

#[test]
fn a_server_without_a_tag_is_resumed_from_by_length() {
    let server = Server::start(|_, head| part(&archive(), from(head), archive().len(), ""));
    let (folder, request) = request(&server.url);
    broken_off(folder.path(), &request.url, None, 20_000);
    get(&request).unwrap();
    is_done(folder.path());
    assert!(from(&server.heads()[0]) == 20_000 && !server.heads()[0].contains("if-range"));
}

#[test]
fn a_server_whose_archive_changed_is_begun_again() {
    let server = Server::start(|_, _| whole(&archive(), archive().len(), "ETag: \"two\"\r\n"));
    let (folder, request) = request(&server.url);
    broken_off(folder.path(), &request.url, Some("\"one\""), 20_000);
    get(&request).unwrap();
    is_done(folder.path());
}

#[test]
fn a_range_that_is_refused_is_begun_again() {
    let server = Server::start(|number, _| match number {
        0 => empty("416 Range Not Satisfiable", ""),
        _ => whole(&archive(), archive().len(), ""),
    });
    let (folder, request) = request(&server.url);
    broken_off(folder.path(), &request.url, Some("\"one\""), 20_000);
    get(&request).unwrap();
    is_done(folder.path());
    assert_eq!(from(&server.heads()[1]), 0);
}

#[test]
fn a_part_from_elsewhere_or_from_nowhere_is_begun_anew() {
    for origin in [Some("http://127.0.0.1/other.zip"), None] {
        let server = Server::of(archive());
        let (folder, request) = request(&server.url);
        broken_off(folder.path(), origin.unwrap_or_default(), Some("\"one\""), 20_000);
        if origin.is_none() {
            fs::remove_file(folder.path().join(ORIGIN)).unwrap();
        }
        get(&request).unwrap();
        is_done(folder.path());
        assert_eq!(from(&server.heads()[0]), 0);
    }
}

#[test]
fn a_part_that_is_the_whole_needs_no_request() {
    let server = Server::of(archive());
    let (folder, request) = request(&server.url);
    broken_off(folder.path(), &request.url, None, archive().len());
    get(&request).unwrap();
    is_done(folder.path());
    assert!(server.heads().is_empty());
}

#[test]
fn a_range_of_something_else_is_never_put_to_the_part() {
    let answers: [fn() -> Vec<u8>; 3] = [
        || part(&archive(), 10_000, archive().len(), TAG),
        || part(&archive(), 20_000, archive().len(), "ETag: \"two\"\r\n"),
        || part(&[archive(), vec![0]].concat(), 20_000, archive().len(), TAG),
    ];
    for answer in answers {
        let server = Server::start(move |_, _| answer());
        let (folder, request) = request(&server.url);
        broken_off(folder.path(), &request.url, Some("\"one\""), 20_000);
        assert!(mistake(get(&request)).contains("answered a range that was not asked for"));
        assert!(content(folder.path()).is_empty());
    }
}

#[test]
fn a_resumed_archive_with_another_digest_is_not_resumed_again() {
    let server = Server::start(|_, head| match from(head) {
        0 => whole(&archive(), archive().len(), ""),
        from => part(&archive(), from, archive().len(), ""),
    });
    let (folder, mut request) = request(&server.url);
    request.sha256 = Some(Sha256Digest::of(&archive()));
    broken_off(folder.path(), &request.url, None, 20_000);
    fs::write(folder.path().join(PART), vec![b'P'; 20_000]).unwrap();
    assert!(mistake(get(&request)).contains("it was resumed from an earlier part: run it again"));
    assert!(content(folder.path()).is_empty());
    get(&request).unwrap();
    is_done(folder.path());
}

#[test]
fn two_fetches_into_one_folder_do_not_mix() {
    let (folder, mut request) = request("");
    let inner = Request { url: String::new(), ..request.clone() };
    let (say, said) = std::sync::mpsc::channel();
    let server = Server::start(move |_, head| {
        let url = format!("http://{}/data.zip", head.lines().find_map(|l| l.strip_prefix("host: ")).unwrap());
        let second = get(&Request { url, ..inner.clone() });
        say.send(second.unwrap_err().to_string()).unwrap();
        whole(&archive(), archive().len(), "")
    });
    request.url.clone_from(&server.url);
    get(&request).unwrap();
    is_done(folder.path());
    assert!(said.recv().unwrap().contains("another `data fetch` is writing to it"));
}

#[test]
fn a_redirection_is_followed_but_not_round_and_round() {
    let target = Server::of(archive());
    let to = format!("Location: {}\r\n", target.url);
    let server = Server::start(move |_, _| empty("302 Found", &to));
    let (folder, mut request) = request(&server.url);
    get(&request).unwrap();
    is_done(folder.path());
    let round = Server::start(|_, _| empty("302 Found", "Location: /data.zip\r\n"));
    request.url.clone_from(&round.url);
    request.out = folder.path().join("new");
    assert!(mistake(get(&request)).contains("leads nowhere: it redirects too often"));
}
