//! Archives of every form that NASA's data comes in are read; those that mean harm are refused.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A zip of entries; one that ends in `/` is a folder.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        if name.ends_with('/') {
            writer.add_directory(*name, SimpleFileOptions::default()).unwrap();
            continue;
        }
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// As NASA packs it: a folder, and in it the zip with the files.
pub(crate) fn nasa(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let inner = zip(entries);
    zip(&[("6. Data Set/", b""), ("6. Data Set/CMAPSSData.zip", &inner)])
}

/// A zip whose first entry says that it is encrypted.
pub(crate) fn encrypted(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = zip(entries);
    // The general purpose flags, in the local and the central header (APPNOTE 4.3.7, 4.3.12).
    for (signature, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = bytes.windows(4).position(|window| window == signature).unwrap();
        bytes[at + flags] |= 1;
    }
    bytes
}

fn saved(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.zip");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn refused(bytes: &[u8]) -> String {
    let (_folder, path) = saved(bytes);
    let error = Archive::open(&path, MAX_BYTES).unwrap_err();
    let line = error.downcast_ref::<Mistake>().unwrap_or_else(|| panic!("{error:?}")).to_string();
    assert!(line.starts_with(path.to_str().unwrap()) && !line.contains('\n'), "{line}");
    line
}

fn content(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (_folder, path) = saved(bytes);
    let mut archive = Archive::open(&path, MAX_BYTES).unwrap();
    let names: Vec<String> = archive.names().map(str::to_owned).collect();
    names.into_iter().map(|name| (name.clone(), archive.read(&name).unwrap())).collect()
}

#[test]
fn files_are_found_at_the_top_in_a_folder_and_in_a_zip_within() {
    let files: [(&str, &[u8]); 2] = [("test_FD001.txt", b"2"), ("train_FD001.txt", b"1")];
    let wanted = files.map(|(name, bytes)| (name.to_owned(), bytes.to_owned()));
    assert_eq!(content(&zip(&files)), wanted);
    assert_eq!(content(&zip(&[("a/b/train_FD001.txt", b"1"), ("a/test_FD001.txt", b"2")])), wanted);
    assert_eq!(content(&nasa(&files)), wanted);
    assert_eq!(content(&nasa(&[("x/train_FD001.txt", b"1"), ("x/test_FD001.txt", b"2")])), wanted);
}

#[test]
fn what_is_no_data_is_not_looked_at() {
    let found = content(&zip(&[
        ("RUL_FD001.txt", b"1"),
        ("Damage Propagation Modeling.pdf", b"pdf"),
        ("notes.txt", b"?"),
        ("a/notes.txt", b"?"),
        ("more.zip", b"no zip"),
        ("__MACOSX/RUL_FD001.txt", b"junk"),
        ("._RUL_FD001.txt", b"junk"),
    ]));
    assert_eq!(found, [("RUL_FD001.txt".to_owned(), b"1".to_vec())]);
}

#[test]
fn a_companion_that_macos_packs_is_no_second_zip() {
    let inner = zip(&[("RUL_FD001.txt", b"1")]);
    let outer = zip(&[("d/CMAPSSData.zip", &inner), ("__MACOSX/d/._CMAPSSData.zip", b"junk")]);
    assert_eq!(content(&outer).len(), 1);
}

#[test]
fn a_name_that_leads_out_is_refused() {
    for name in ["../train_FD001.txt", "a/../../x", "/etc/x", "..\\x"] {
        let line = refused(&zip(&[("train_FD001.txt", b"1"), (name, b"2")]));
        assert!(line.contains(&format!("{name:?}")) && line.contains("leads out of the archive"), "{line}");
    }
    assert!(refused(&nasa(&[("../train_FD001.txt", b"1")])).contains("leads out"));
}

#[test]
fn two_files_of_one_name_are_refused() {
    let twice = zip(&[("a/train_FD001.txt", b"1"), ("b/train_FD001.txt", b"2")]);
    assert!(refused(&twice).contains("holds train_FD001.txt twice"));
    let mut same = twice;
    for at in 0..same.len() - 7 {
        if &same[at..at + 7] == b"b/train" {
            same[at] = b'a';
        }
    }
    assert!(refused(&same).contains("two files of one name"));
}

#[test]
fn an_encrypted_file_is_refused_without_asking_for_a_password() {
    let line = refused(&encrypted(&[("train_FD001.txt", b"1")]));
    assert!(line.contains("train_FD001.txt is encrypted; unpack it yourself"), "{line}");
    assert!(refused(&encrypted(&[("CMAPSSData.zip", b"1")])).contains("CMAPSSData.zip is encrypted"));
}

#[test]
fn what_is_no_zip_is_refused() {
    for bytes in [&b""[..], b"<html>", &vec![0; 100_000]] {
        assert!(refused(bytes).contains("it is no zip archive"));
    }
    assert!(refused(&zip(&[("CMAPSSData.zip", b"no zip")])).contains("the zip within it is damaged"));
    let cut = zip(&[("train_FD001.txt", &[7; 5000])]);
    assert!(refused(&cut[..cut.len() - 30]).contains("it is no zip archive"));
}

#[test]
fn several_zips_without_data_beside_them_are_refused() {
    let inner = zip(&[("train_FD001.txt", b"1")]);
    assert!(refused(&zip(&[("a.zip", &inner), ("b.zip", &inner)])).contains("several zips"));
}

#[test]
fn a_file_with_a_changed_byte_is_refused() {
    let mut bytes = zip(&[("train_FD001.txt", &(0..=255).collect::<Vec<u8>>())]);
    bytes[100] ^= 1;
    let (_folder, path) = saved(&bytes);
    let error = Archive::open(&path, MAX_BYTES).unwrap().read("train_FD001.txt").unwrap_err();
    assert!(error.is::<Mistake>() && error.to_string().contains("cannot be unpacked"), "{error:?}");
}

#[test]
fn a_bomb_is_not_unpacked_beyond_the_limit_whatever_its_header_says() {
    let bomb = zip(&[("train_FD001.txt", &vec![0; 3 << 20])]);
    assert!(bomb.len() < 1 << 16);
    let mut lying = bomb.clone();
    let at = lying.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    lying[at + 24..at + 28].copy_from_slice(&9_u32.to_le_bytes());
    for bytes in [bomb, lying] {
        let (_folder, path) = saved(&bytes);
        let error = Archive::open(&path, 1 << 20).unwrap().read("train_FD001.txt").unwrap_err().to_string();
        assert!(error.contains("unpacks to more than") || error.contains("cannot be unpacked"), "{error}");
    }
    let nested = nasa(&[("train_FD001.txt", &vec![0; 3 << 20])]);
    let (_folder, path) = saved(&nested);
    assert!(Archive::open(&path, 1 << 20).unwrap().read("train_FD001.txt").is_err());
    assert!(Archive::open(&path, 1 << 10).is_err(), "the zip within is above the limit, too");
}

#[test]
fn an_archive_above_the_limit_is_refused() {
    let (_folder, path) = saved(&zip(&[("train_FD001.txt", b"1")]));
    let error = Archive::open(&path, 50).unwrap_err();
    assert!(error.is::<Mistake>() && error.to_string().contains("has more than 50 bytes"), "{error:?}");
}
