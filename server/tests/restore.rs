//! What a backup restores is what was there, and what is no whole backup restores nothing.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::tending::{assert_clean, backed_up, names, restore};
use common::{Process, Running, files_under, model, version};
use overhaul_bundle::Sha256Digest;

/// Everything in every table, and every blob.
fn everything(data: &Path) -> BTreeMap<String, String> {
    let database = rusqlite::Connection::open(data.join("registry.sqlite")).unwrap();
    let mut tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = BTreeMap::new();
    for table in tables {
        let mut statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            lines.push(format!("{:?}", (0..columns).map(|at| row.get_ref(at).unwrap()).collect::<Vec<_>>()));
        }
        lines.sort();
        all.insert(table, lines.join("\n"));
    }
    for file in files_under(&data.join("blobs")) {
        let digest = Sha256Digest::of(&fs::read(data.join("blobs").join(&file)).unwrap());
        all.insert(file.display().to_string(), digest.to_string());
    }
    all
}

#[tokio::test]
async fn what_is_restored_is_what_was_there() {
    let (place, data, file) = backed_up().await;
    let to = place.path().join("restored");
    let done = restore(&file, &to);
    assert_eq!((done.code, done.error.as_str()), (Some(0), ""), "{done:?}");
    assert!(done.out.contains("3 versions of 1 registered model, 0 runs, and 16 blobs, "), "{done:?}");
    // All but the multipart upload that was in progress.
    let mut expected = everything(&data);
    expected.retain(|what, _| !what.starts_with("uploads/"));
    assert!(!expected["uploads"].is_empty() && !expected["upload_parts"].is_empty());
    expected.extend(["uploads", "upload_parts"].map(|table| (table.to_owned(), String::new())));
    assert!(everything(&to) == expected, "what was restored is not what was there");
    assert_clean(&to);
    assert_eq!(names(&to), ["blobs", "lock", "registry.sqlite"]);
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o700);
    // And it serves.
    let server = Running::start(&to).await;
    assert_eq!(server.registry.reserve_version(&model()).await.unwrap(), version(4));
    server.stop().await;
}

#[tokio::test]
async fn a_damaged_or_foreign_file_restores_nothing() {
    let (place, _, file) = backed_up().await;
    let whole = fs::read(&file).unwrap();
    let to = place.path().join("restored");
    let refuse = |content: &[u8], expected: &str| {
        fs::write(&file, content).unwrap();
        let refused = restore(&file, &to);
        assert_eq!((refused.code, refused.error.lines().count()), (Some(2), 1), "{expected}: {refused:?}");
        assert!(refused.error.contains(&file.display().to_string()), "{refused:?}");
        assert!(refused.error.contains(expected), "{expected}: {refused:?}");
        assert!(!to.exists(), "{expected}");
    };
    // Cut off at every kind of place: nothing, in a header, in the database, between blobs, in a blob.
    for length in [0, 100, 512, 3000, whole.len() / 3, whole.len() - 1500, whole.len() - 2048] {
        refuse(&whole[..length], "is no whole backup: it");
    }
    let mut flipped = whole.clone();
    let at = whole.windows(5).position(|bytes| bytes == b"three").unwrap();
    flipped[at] ^= 1;
    refuse(&flipped, "is damaged: the 5 bytes received have sha256");
    let at = whole.windows(15).position(|bytes| bytes == b"SQLite format 3").unwrap();
    flipped = whole.clone();
    flipped[at + 100] ^= 1;
    refuse(&flipped, "its database is damaged");
    refuse(&b"not a tar at all ".repeat(100), "it cannot be read");
    refuse(&[0; 4096], "it ends too early");
    let later = String::from_utf8_lossy(&whole[..1024]).find("\"format\": 1").unwrap();
    flipped = whole.clone();
    flipped[later + 10] = b'2';
    refuse(&flipped, "it has format 2, this release reads 1");

    let refused = restore(&place.path().join("nowhere.tar"), &to);
    assert!(refused.code == Some(2) && refused.error.contains("there is no backup "), "{refused:?}");
}

/// A tar like the backup's, with its entries changed.
fn rewritten(whole: &[u8], change: impl Fn(&str) -> Option<(String, tar::EntryType)>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in tar::Archive::new(whole).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let Some((name, kind)) = change(&name) else { continue };
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let mut header = tar::Header::new_gnu();
        // The library refuses to write such names.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        if kind.is_symlink() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, &content[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

#[tokio::test]
async fn an_archive_cannot_write_anywhere_else() {
    let (place, _, file) = backed_up().await;
    let whole = fs::read(&file).unwrap();
    let to = place.path().join("a/b/restored");
    let regular = tar::EntryType::Regular;
    for bad in [
        "../escaped",
        "/tmp/overhaul-escaped",
        "blobs/../../escaped",
        "blobs/sha256/aa/x",
        "lock",
        "./registry.sqlite",
    ] {
        fs::write(
            &file,
            rewritten(&whole, |name| {
                Some((if name == "registry.sqlite" { bad } else { name }.to_owned(), regular))
            }),
        )
        .unwrap();
        let refused = restore(&file, &to);
        assert!(refused.code == Some(2) && refused.error.contains("which has no place there"), "{refused:?}");
    }
    for kind in
        [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Directory, tar::EntryType::Char]
    {
        fs::write(
            &file,
            rewritten(&whole, |name| {
                Some((name.to_owned(), if name == "registry.sqlite" { kind } else { regular }))
            }),
        )
        .unwrap();
        let refused = restore(&file, &to);
        assert_eq!(refused.code, Some(2), "{refused:?}");
    }
    assert!(
        !to.exists() && !place.path().join("a/b/escaped").exists() && !place.path().join("escaped").exists()
    );
}

#[tokio::test]
async fn a_backup_that_lacks_a_blob_of_its_own_rows_is_refused() {
    let (place, _, file) = backed_up().await;
    let whole = fs::read(&file).unwrap();
    let digest = Sha256Digest::of(b"two").to_string();
    let blob = format!("blobs/sha256/{}/{digest}", &digest[..2]);
    // The count is kept, by another blob that is there twice.
    let other = Sha256Digest::of(b"one").to_string();
    let other = format!("blobs/sha256/{}/{other}", &other[..2]);
    let mut lacking = Vec::new();
    let mut builder = tar::Builder::new(&mut lacking);
    for entry in tar::Archive::new(&whole[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let (name, content) = if name == blob { (other.clone(), b"one".to_vec()) } else { (name, content) };
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, name, &content[..]).unwrap();
    }
    builder.into_inner().unwrap();
    fs::write(&file, lacking).unwrap();
    let to = place.path().join("restored");
    let refused = restore(&file, &to);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.error.contains("is no whole backup: blob ") && refused.error.contains("model.onnx of"),
        "{refused:?}"
    );
    assert!(!to.exists());
}

#[tokio::test]
async fn a_backup_of_the_first_release_is_brought_up_to_date() {
    let (place, _, file) = backed_up().await;
    // Restored, taken apart to what the first release kept, and backed up as that release would have.
    let to = place.path().join("restored");
    assert_eq!(restore(&file, &to).code, Some(0));
    let whole = fs::read(&file).unwrap();
    let old = place.path().join("old.sqlite");
    let database = rusqlite::Connection::open(&old).unwrap();
    database.execute_batch(include_str!("../migrations/0001_registry.sql")).unwrap();
    let first = Sha256Digest::of(include_bytes!("../migrations/0001_registry.sql"));
    database
        .execute_batch(&format!(
            "CREATE TABLE migrations (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT;
             INSERT INTO migrations VALUES ('0001_registry', '{first}', 'then');
             INSERT INTO models VALUES (1, 'RUL-Prediction-Model', '2026-03-01T12:00:00Z', 5);"
        ))
        .unwrap();
    drop(database);
    let mut builder = tar::Builder::new(Vec::new());
    let mut append = |name: &str, content: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, name, content).unwrap();
    };
    let about = serde_json::json!({
        "format": 1, "made_by": "overhaul-server 0.1.0", "created_at": "2026-03-01T12:00:00Z",
        "database_sha256": Sha256Digest::of(&fs::read(&old).unwrap()), "blobs": 0, "blob_bytes": 0,
    });
    append("overhaul-backup.json", &serde_json::to_vec(&about).unwrap());
    append("registry.sqlite", &fs::read(&old).unwrap());
    fs::write(&file, builder.into_inner().unwrap()).unwrap();
    assert_ne!(fs::read(&file).unwrap(), whole);
    let to = place.path().join("old");
    assert_eq!(restore(&file, &to).code, Some(0));
    assert_clean(&to);
    let server = Running::start(&to).await;
    assert_eq!(server.registry.reserve_version(&model()).await.unwrap(), version(6));
    server.stop().await;
}

#[tokio::test]
async fn a_running_server_is_not_restored_over() {
    let (place, _, file) = backed_up().await;
    let to = place.path().join("fresh");
    let _process = Process::start(&to);
    let refused = restore(&file, &to);
    assert_eq!((refused.code, refused.error.lines().count()), (Some(2), 1), "{refused:?}");
    // Into an empty directory, and one that a file system made.
    let mounted = place.path().join("mounted");
    fs::create_dir_all(mounted.join("lost+found")).unwrap();
    assert_eq!(restore(&file, &mounted).code, Some(0));
    assert_clean(&mounted);
}
