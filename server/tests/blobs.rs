//! What garbage collection, verification and backups need of the blobs in a folder.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use overhaul_bundle::Sha256Digest;
use overhaul_server::blobs::{BlobError, BlobPlace, Blobs};

fn open(folder: &Path) -> Blobs {
    Blobs::open(&BlobPlace::Folder(folder.to_owned()), 1 << 30).unwrap()
}

fn file(folder: &Path, digest: &Sha256Digest) -> std::path::PathBuf {
    let digits = digest.to_string();
    folder.join("sha256").join(&digits[..2]).join(digits)
}

/// As if it had been stored a day ago.
fn age(folder: &Path, digest: &Sha256Digest) {
    let then = SystemTime::now() - Duration::from_hours(24);
    File::open(file(folder, digest)).unwrap().set_modified(then).unwrap();
}

async fn modified(blobs: &Blobs, digest: &Sha256Digest) -> Timestamp {
    let listed: Vec<_> = blobs.list().try_collect().await.unwrap();
    listed.iter().find(|listed| listed.sha256 == *digest).unwrap().last_modified
}

#[tokio::test]
async fn a_listing_has_every_blob_with_its_size_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(folder.path());
    assert!(blobs.list().collect::<Vec<_>>().await.is_empty());
    let mut wanted = Vec::new();
    for size in 0..30_u64 {
        wanted.push((blobs.put(vec![7; size as usize].into()).await.unwrap(), size));
    }
    let (digest, _) = wanted[0];
    fs::write(file(folder.path(), &digest).with_extension("x"), "no blob").unwrap();
    fs::write(folder.path().join("sha256/README"), "no blob").unwrap();
    let mut listed: Vec<_> =
        blobs.list().map_ok(|blob| (blob.sha256, blob.size)).try_collect().await.unwrap();
    listed.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(listed, wanted);
    assert!(blobs.delete(&digest).await.unwrap());
    assert!(!blobs.delete(&digest).await.unwrap());
    assert_eq!(blobs.size(&digest).await.unwrap(), None);
    assert_eq!(blobs.list().count().await, 29);
}

#[tokio::test]
async fn what_is_uploaded_again_looks_new_however_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(folder.path());
    let large = Bytes::from(vec![1; 3 << 20]);
    for content in [Bytes::from_static(b"small"), large] {
        let digest = blobs.put(content.clone()).await.unwrap();
        let body = || futures::stream::iter([Ok::<_, BlobError>(content.clone())]);
        for way in 0..4 {
            age(folder.path(), &digest);
            let hour_ago = Timestamp::now() - SignedDuration::from_hours(1);
            assert!(modified(&blobs, &digest).await < hour_ago);
            match way {
                0 => assert!(!blobs.receive(&digest, body()).await.unwrap().new),
                1 => assert!(!blobs.receive_any(body()).await.unwrap().new),
                2 => assert_eq!(blobs.put(content.clone()).await.unwrap(), digest),
                _ => assert_eq!(blobs.refresh(&digest).await.unwrap(), Some(content.len() as u64)),
            }
            assert!(modified(&blobs, &digest).await > hour_ago, "{way}");
        }
        assert_eq!(blobs.read(&digest).await.unwrap().unwrap(), content);
    }
    assert_eq!(blobs.refresh(&Sha256Digest::of(b"nobody's")).await.unwrap(), None);
}

#[tokio::test]
async fn every_range_of_a_blob_is_what_it_is_of_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(folder.path());
    let content: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
    let digest = blobs.put(content.clone().into()).await.unwrap();
    for range in [0..0, 0..1, 0..700_000, 262_143..262_145, 262_144..524_288, 1..699_999, 699_999..700_000] {
        let pieces = blobs.stream(&digest, range.clone()).await.unwrap();
        let bytes: Vec<Bytes> = pieces.try_collect().await.unwrap();
        assert!(bytes.concat() == content[range.start as usize..range.end as usize], "{range:?}");
    }
    let beyond = blobs.stream(&digest, 699_999..700_001).await;
    assert!(beyond.is_err(), "a shorter file than was said is an error, not less");
}
