//! Deletes what nothing needs any more: blobs that no row names, unfinished uploads, webhook calls that are over.
//!
//! Why that is safe beside a running server. The cutoff is one moment, the beginning minus the grace time. Rows are read
//! after the beginning, and a blob goes only if none of them names it and it is older than the cutoff, looked at
//! once more while nobody can refresh it. A row that is committed after the reading names a blob that was
//! stored or refreshed ([`Blobs::refresh`]) less than the grace time before the commit, so after the cutoff: that blob
//! stays. What is needed of the server is only that its commits follow their refreshes soon, and [`LEAST`] is
//! far more than any takes. A shorter grace time is for stopped servers only, and asks for their lock.

use std::time::Duration;

use anyhow::Context as _;
use futures::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use overhaul_bundle::Mistake;
use rusqlite::Connection;

use super::Registry;
use super::references::References;
use crate::blobs::{Blobs, FRESH, Leftovers, Listed};
use crate::directory::{DataDirectory, Layout};
use crate::store::audit::By;
use crate::store::beside::Beside;
use crate::store::{deliveries, uploads};

/// The shortest grace time beside a running server.
pub const LEAST: Duration = FRESH.saturating_mul(2);
/// How old unfinished uploads become.
pub const UPLOADS: Duration = Duration::from_hours(24);
/// How long webhook calls that are over can be looked at.
pub const DELIVERIES: Duration = Duration::from_hours(30 * 24);
/// Blobs deleted between two chances for the server to refresh one.
const BATCH: usize = 100;

/// What was deleted, or would be.
#[derive(Debug)]
pub struct Collected {
    /// Blobs that nothing needs.
    pub blobs: Vec<Listed>,
    /// Blobs that nothing needs and that are too young.
    pub young: Vec<Listed>,
    /// What broken uploads left.
    pub leftovers: Leftovers,
    /// Multipart uploads that nobody finished.
    pub uploads: u64,
    /// Webhook calls that are over.
    pub deliveries: u64,
}

/// Deletes what nothing needs and is older than `older_than`; with `dry_run`, only says what that is.
pub async fn collect(registry: &Registry, older_than: Duration, dry_run: bool) -> anyhow::Result<Collected> {
    let layout = &registry.layout;
    let _held = if older_than < LEAST && !dry_run { Some(hold(layout, older_than)?) } else { None };
    let now = Timestamp::now();
    let before = |age: Duration| -> anyhow::Result<Timestamp> {
        let age = SignedDuration::try_from(age)?;
        now.checked_sub(age).with_context(|| format!("there was no time {age:#} ago"))
    };
    let blobs = registry.blobs()?;
    let file = layout.database();
    let mut database = if dry_run { Beside::to_read(&file)? } else { Beside::to_write(&file)? };

    // Before anything is deleted it is known what is needed.
    let needed = References::load_whole(&mut database, &blobs).await?.sizes;
    let unneeded = blobs.list().try_filter(|blob| std::future::ready(!needed.contains_key(&blob.sha256)));
    let unneeded: Vec<Listed> = unneeded.try_collect().await?;
    let cutoff = before(older_than)?;
    let (mut old, young): (Vec<_>, Vec<_>) =
        unneeded.into_iter().partition(|blob| blob.last_modified <= cutoff);
    old.sort_by_key(|blob| (blob.last_modified, blob.sha256));
    if !dry_run {
        let mut deleted = Vec::new();
        for batch in old.chunks(BATCH) {
            deleted.append(&mut blobs.delete_old(batch, cutoff).await?);
        }
        old = deleted;
    }
    let uploads_before = before(UPLOADS)?;
    let leftovers = blobs.sweep_old(uploads_before, dry_run).await?;
    let calls_before = before(DELIVERIES)?;
    let (uploads, deliveries) = if dry_run {
        database.read(|tx| {
            let old = uploads::begun_before(tx, uploads_before)?;
            let unfinished = old.iter().filter(|upload| !upload.completed).count() as u64;
            Ok((unfinished, deliveries::over_before(tx, calls_before)?))
        })?
    } else {
        let by = By { actor: "overhaul-server gc".to_owned(), at: now };
        database
            .write(|tx| Ok((drop_uploads(tx, &by, uploads_before)?, drop_calls(tx, &by, calls_before)?)))?
    };
    if !dry_run {
        remove_parts(&mut database, &blobs).await?;
    }
    Ok(Collected { blobs: old, young, leftovers, uploads, deliveries })
}

/// Forgets old uploads; how many of them were not completed.
fn drop_uploads(connection: &Connection, by: &By, before: Timestamp) -> anyhow::Result<u64> {
    let mut unfinished = 0;
    for upload in uploads::begun_before(connection, before)? {
        uploads::delete(connection, upload.id)?;
        if !upload.completed {
            let change = by.did("drop_upload", "upload", &upload.id.simple()).within(&upload.path);
            change.record(connection)?;
            unfinished += 1;
        }
    }
    Ok(unfinished)
}

fn drop_calls(connection: &Connection, by: &By, before: Timestamp) -> anyhow::Result<u64> {
    let count = deliveries::forget_before(connection, before)?;
    if count > 0 {
        by.did("drop_deliveries", "delivery", &"finished").from(Some(&count)).record(connection)?;
    }
    Ok(count)
}

/// Removes the parts of uploads that are over. An upload has its row before its first part.
async fn remove_parts(database: &mut Beside, blobs: &Blobs) -> anyhow::Result<()> {
    for id in blobs.uploads().await? {
        let upload = database.read(|tx| uploads::find(tx, id))?;
        if upload.is_none_or(|upload| upload.completed) {
            blobs.remove_parts(id).await?;
        }
    }
    Ok(())
}

/// Sees that no server runs.
fn hold(layout: &Layout, older_than: Duration) -> anyhow::Result<DataDirectory> {
    DataDirectory::hold(layout.path()).map_err(|error| {
        if !overhaul_bundle::mistake::is_mistake(error.as_ref()) {
            return error;
        }
        let older_than = SignedDuration::try_from(older_than).unwrap_or(SignedDuration::MAX);
        let least = SignedDuration::try_from(LEAST).unwrap_or(SignedDuration::MAX);
        Mistake::new(format!(
            "--older-than {older_than:#} is too short while a server runs on {}, whose uploads may take longer; \
             give it {least:#} or more, or stop the server",
            layout.path().display()
        ))
        .into()
    })
}
