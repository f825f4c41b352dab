//! A server killed at any moment comes back with everything it acknowledged and nothing half-done.

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::{Process, files_under, model, sample};
use overhaul_bundle::Sha256Digest;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_9_during_uploads_leaves_nothing_half_visible_and_loses_nothing_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    let mut handed_out = 0;
    for round in 0..6_u64 {
        let process = Process::start(data.path());
        let registry = process.registry();
        let publisher = tokio::spawn(async move {
            let mut done = Vec::new();
            let mut last = 0;
            for n in 0_u64.. {
                let Ok(number) = registry.reserve_version(&model()).await else { break };
                last = number.get();
                // Large enough for a kill to fall into the upload, different each time.
                let mut content = vec![round as u8; 2 << 20];
                content[..8].copy_from_slice(&n.to_le_bytes());
                let sample = sample(Some(last), &content);
                match registry.publish(&sample.bundle, &sample.component).await {
                    Ok(published) => done.push(published),
                    Err(_) => break,
                }
            }
            (done, last)
        });
        tokio::time::sleep(Duration::from_millis(150 + 83 * round)).await;
        drop(process); // SIGKILL
        let (done, last) = publisher.await.unwrap();
        assert!(last == 0 || last > handed_out, "number {last} was handed out twice");
        handed_out = handed_out.max(last);
        acknowledged.extend(done.into_iter().map(|published| (published.version, published.bundle_sha256)));
    }
    assert!(!acknowledged.is_empty());

    let process = Process::start(data.path());
    let registry = process.registry();
    assert!(registry.reserve_version(&model()).await.unwrap().get() > handed_out);
    for published in registry.versions(&model()).await.unwrap() {
        // Whatever is listed is whole, acknowledged or not.
        let (manifest, bytes) = registry.manifest(&model(), published.version).await.unwrap();
        assert_eq!(Sha256Digest::of(&bytes), published.bundle_sha256);
        for entry in &manifest.files {
            let to = tempfile::tempdir().unwrap();
            registry.download_blob(&entry.sha256, entry.size, &to.path().join("file")).await.unwrap();
        }
        acknowledged.remove(&published.version);
    }
    assert!(acknowledged.is_empty(), "acknowledged but lost: {acknowledged:?}");
    // What the kills left of uploads was swept at the start, and every visible blob has its name's digest.
    let blobs = data.path().join("blobs");
    for file in files_under(&blobs) {
        let digest: Sha256Digest = file.file_name().unwrap().to_str().unwrap().parse().unwrap();
        assert_eq!(Sha256Digest::of(&std::fs::read(blobs.join(file)).unwrap()), digest);
    }
}
