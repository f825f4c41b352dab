//! An upload that does not come to its end leaves nothing.

use std::path::Path as DiskPath;

use futures::stream;

use super::*;
use crate::blobs::BlobPlace;

fn open(folder: &DiskPath) -> Blobs {
    Blobs::open(&BlobPlace::Folder(folder.to_owned()), 1 << 30).unwrap()
}

fn files(folder: &DiskPath) -> usize {
    let items = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    items.map(|item| if item.path().is_dir() { files(&item.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn an_upload_that_stands_still_is_ended_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(folder.path());
    for size in [10, 3 << 20] {
        let first = stream::iter([Ok(Bytes::from(vec![1; size]))]);
        let error = blobs.receive_any(first.chain(stream::pending())).await.unwrap_err();
        assert!(matches!(error, BlobError::StoodStill), "{error:?}");
        assert_eq!(files(folder.path()), 0);
    }
}

#[tokio::test]
async fn an_upload_that_nobody_waits_for_any_more_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(folder.path());
    let first = stream::iter([Ok(Bytes::from(vec![1; 3 << 20]))]);
    // Reading goes on for ever, but the request is cut off.
    let endless = first.chain(stream::pending());
    let upload = tokio::time::timeout(IDLE / 3, blobs.receive_any(endless)).await;
    assert!(upload.is_err());
    for _ in 0..100 {
        if files(folder.path()) == 0 {
            return;
        }
        tokio::time::sleep(IDLE / 30).await;
    }
    panic!("{} files are left", files(folder.path()));
}

#[tokio::test]
async fn what_a_kill_left_is_swept_and_blobs_and_parts_stay() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(folder.path());
    let digest = blobs.put(Bytes::from_static(b"a blob")).await.unwrap();
    let part = stream::iter([Ok(Bytes::from_static(b"a part"))]);
    blobs.receive_part(uuid::Uuid::new_v4(), 1, 100, part).await.unwrap();
    for left in ["staging/x", "staging/y#1", "sha256/ab/x#1", "uploads/z/1-x#2"] {
        let left = folder.path().join(left);
        std::fs::create_dir_all(left.parent().unwrap()).unwrap();
        std::fs::write(left, "left").unwrap();
    }
    assert_eq!(files(folder.path()), 6);
    assert_eq!(blobs.sweep().await.unwrap(), 4);
    assert_eq!(files(folder.path()), 2);
    assert_eq!(blobs.size(&digest).await.unwrap(), Some(6));
}
