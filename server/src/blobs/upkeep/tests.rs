//! Deletion against everybody who is about to need a blob.

use std::time::Duration;

use bytes::Bytes;

use super::*;

const DAY: Duration = Duration::from_hours(24);

fn open() -> (tempfile::TempDir, Blobs) {
    let data = tempfile::tempdir().unwrap();
    let place = BlobPlace::Folder(data.path().join("blobs"));
    let blobs = Blobs::open(&place, 1 << 20).unwrap().guarded_by(data.path().join("blobs.lock"));
    (data, blobs)
}

fn cutoff() -> Timestamp {
    Timestamp::try_from(SystemTime::now() - DAY).unwrap()
}

async fn aged(blobs: &Blobs, content: &'static [u8]) -> Listed {
    let sha256 = blobs.put(Bytes::from_static(content)).await.unwrap();
    age(blobs, &sha256);
    let listed: Vec<Listed> = blobs.list().try_collect().await.unwrap();
    *listed.iter().find(|listed| listed.sha256 == sha256).unwrap()
}

fn age(blobs: &Blobs, sha256: &Sha256Digest) {
    let Home::Folder(folder) = &blobs.home else { panic!("not a folder") };
    let (file, _) = folder.file(&blobs.home.blob(sha256)).unwrap();
    file.set_modified(SystemTime::now() - 2 * DAY).unwrap();
}

fn once(bytes: &'static [u8]) -> impl futures::Stream<Item = Result<Bytes, BlobError>> + Unpin {
    futures::stream::iter([Ok(Bytes::from_static(bytes))])
}

#[tokio::test]
async fn what_was_refreshed_since_it_was_listed_is_not_deleted() {
    let (_data, blobs) = open();
    let (old, refreshed) = (aged(&blobs, b"old").await, aged(&blobs, b"refreshed").await);
    assert_eq!(blobs.refresh(&refreshed.sha256).await.unwrap(), Some(9));
    let deleted = blobs.delete_old(&[old, refreshed], cutoff()).await.unwrap();
    assert_eq!(deleted, [old]);
    assert_eq!(blobs.refresh(&old.sha256).await.unwrap(), None);
    assert_eq!(blobs.size(&refreshed.sha256).await.unwrap(), Some(9));
}

#[tokio::test]
async fn sending_a_blob_again_refreshes_it() {
    let (_data, blobs) = open();
    let old = aged(&blobs, b"sent again").await;
    assert!(!blobs.receive(&old.sha256, once(b"sent again")).await.unwrap().new);
    assert!(blobs.delete_old(&[old], cutoff()).await.unwrap().is_empty());
    age(&blobs, &old.sha256);
    assert!(!blobs.receive_any(once(b"sent again")).await.unwrap().new);
    assert!(blobs.delete_old(&[old], cutoff()).await.unwrap().is_empty());
    age(&blobs, &old.sha256);
    blobs.put(Bytes::from_static(b"sent again")).await.unwrap();
    assert!(blobs.delete_old(&[old], cutoff()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_blob_that_is_deleted_while_it_is_sent_again_is_not_acknowledged() {
    let (_data, blobs) = open();
    let old = aged(&blobs, b"ab").await;
    let (inner, cutoff) = (blobs.clone(), cutoff());
    let body = futures::stream::unfold(0, move |step| {
        let blobs = inner.clone();
        async move {
            if step == 1 {
                // As if the upload had lasted longer than the grace time.
                age(&blobs, &old.sha256);
                assert_eq!(blobs.delete_old(&[old], cutoff).await.unwrap(), [old]);
            }
            (step < 2).then(|| (Ok(Bytes::from_static(&b"ab"[step..=step])), step + 1))
        }
    });
    let error = blobs.receive(&old.sha256, Box::pin(body)).await.unwrap_err();
    assert!(matches!(error, BlobError::Broken(_)), "{error}");
}

#[tokio::test]
async fn nothing_is_deleted_while_blobs_are_spared() {
    let (_data, blobs) = open();
    let old = aged(&blobs, b"old").await;
    let spared = blobs.spare().await.unwrap();
    let deleting = tokio::spawn({
        let blobs = blobs.clone();
        async move { blobs.delete_old(&[old], cutoff()).await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!deleting.is_finished());
    assert_eq!(blobs.size(&old.sha256).await.unwrap(), Some(3));
    drop(spared);
    assert_eq!(deleting.await.unwrap(), [old]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blob_that_a_refresh_found_is_there_however_the_two_meet() {
    let (_data, blobs) = open();
    let mut outcomes = [0, 0];
    for round in 0..400 {
        let old = aged(&blobs, b"contended").await;
        let (refreshing, deleting) = (blobs.clone(), blobs.clone());
        let cutoff = cutoff();
        let refresh = tokio::spawn(async move {
            // A little later each time, so that every step of the deletion is met.
            for _ in 0..round * 40 % 3000 {
                std::hint::spin_loop();
            }
            refreshing.refresh(&old.sha256).await.unwrap()
        });
        let delete = tokio::spawn(async move { deleting.delete_old(&[old], cutoff).await.unwrap() });
        let (found, deleted) = (refresh.await.unwrap(), delete.await.unwrap());
        assert_eq!(found.is_some(), deleted.is_empty(), "round {round}");
        assert_eq!(blobs.size(&old.sha256).await.unwrap(), found, "round {round}");
        outcomes[usize::from(found.is_some())] += 1;
    }
    assert!(outcomes[0] > 0 && outcomes[1] > 0, "the two never met: {outcomes:?}");
}

#[tokio::test]
async fn only_what_was_interrupted_long_ago_is_swept() {
    let (data, blobs) = open();
    let kept = aged(&blobs, b"a blob").await;
    let folder = data.path().join("blobs");
    fs::create_dir_all(folder.join(STAGING)).unwrap();
    let files = ["staging/old", "staging/young", "sha256/xy#1", "sha256/xy#2"].map(|name| folder.join(name));
    for (at, file) in files.iter().enumerate() {
        fs::write(file, b"half").unwrap();
        if at % 2 == 0 {
            File::open(file).unwrap().set_modified(SystemTime::now() - 2 * DAY).unwrap();
        }
    }
    let old = Leftovers { count: 2, bytes: 8 };
    assert_eq!(blobs.sweep_old(cutoff(), true).await.unwrap(), old);
    assert_eq!(blobs.sweep_old(cutoff(), false).await.unwrap(), old);
    assert_eq!(files.map(|file| file.exists()), [false, true, false, true]);
    assert!(blobs.size(&kept.sha256).await.unwrap().is_some());
}
