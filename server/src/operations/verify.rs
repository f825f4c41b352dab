//! Whether everything is there and is what it was: the database, every blob's bytes, every row's blob.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use overhaul_bundle::Sha256Digest;
use overhaul_bundle::digest::Hasher;
use rusqlite::Connection;
use uuid::Uuid;

use super::Registry;
use super::progress::Progress;
use super::references::{self, References};
use crate::blobs::{BlobError, Blobs, Listed, Part, Pieces};
use crate::store::beside::Beside;
use crate::store::check::{self, Counts};
use crate::store::uploads;

/// What was found.
#[derive(Debug)]
pub struct Verified {
    /// What the database counts.
    pub counts: Counts,
    /// Blobs whose bytes were hashed.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them nothing needs.
    pub unneeded: u64,
    /// How long the hashing took.
    pub took: Duration,
    /// Everything that is wrong, each as one line.
    pub problems: Vec<String>,
}

/// Looks at everything; a server may run meanwhile.
///
/// What is stored, deleted or collected meanwhile is no problem: the rows are those of one moment, the
/// blobs are listed after it, and what is missing then counts only if a row still names it at the end.
pub async fn verify(registry: &Registry) -> anyhow::Result<Verified> {
    let mut database = Beside::to_read(&registry.layout.database())?;
    look(&mut database, &registry.blobs()?, true).await
}

/// The same; with `rehash` false, blobs are believed to be what their names say.
pub(super) async fn look(database: &mut Beside, blobs: &Blobs, rehash: bool) -> anyhow::Result<Verified> {
    let (counts, mut problems) = database.read(|tx| Ok((check::counts(tx), check::problems(tx)?)))?;
    if !problems.is_empty() && counts.is_err() {
        // Nothing can be asked of such a database.
        let (counts, took) = (Counts::default(), Duration::ZERO);
        return Ok(Verified { counts, blobs: 0, bytes: 0, unneeded: 0, took, problems });
    }
    let references = References::load(database, blobs).await?;
    problems.extend(references.broken);
    let listed: Vec<Listed> = blobs.list().try_collect().await?;
    let (mut faults, took) = if rehash { hash_all(blobs, &listed).await } else { Default::default() };
    let bytes = listed.iter().map(|blob| blob.size).sum();
    let there: BTreeMap<_, _> = listed.iter().map(|blob| (blob.sha256, blob.size)).collect();
    for (sha256, expected) in &references.sizes {
        match (there.get(sha256), expected) {
            (None, _) => _ = faults.insert(*sha256, Fault::Missing),
            (Some(size), Some(expected)) if size != expected => {
                faults.entry(*sha256).or_insert_with(|| {
                    Fault::Wrong(format!("has {size} bytes, not {expected} as is written"))
                });
            }
            _ => {}
        }
    }
    for (sha256, line) in references.unread {
        if !faults.contains_key(&sha256) {
            problems.push(line);
        }
    }
    problems.extend(tell(database, blobs, faults).await?);
    problems.extend(parts(database, blobs).await?);
    let unneeded = listed.iter().filter(|blob| !references.sizes.contains_key(&blob.sha256)).count() as u64;
    Ok(Verified { counts: counts?, blobs: listed.len() as u64, bytes, unneeded, took, problems })
}

/// What is wrong with one blob.
enum Fault {
    /// It is not there.
    Missing,
    /// It is there, and wrong in some way.
    Wrong(String),
}

async fn hash_all(blobs: &Blobs, listed: &[Listed]) -> (BTreeMap<Sha256Digest, Fault>, Duration) {
    let at_once = std::thread::available_parallelism().map_or(2, usize::from).clamp(4, 16);
    let bytes = listed.iter().map(|blob| blob.size).sum();
    let mut progress = Progress::new("verified", listed.len() as u64, bytes);
    let mut faults = BTreeMap::new();
    let mut hashed = futures::stream::iter(listed.to_vec())
        .map(|blob| {
            let blobs = blobs.clone();
            // A task of its own, so that several are hashed at once.
            let hashing = tokio::spawn(async move { hash(&blobs, &blob).await });
            async move { (blob, hashing.await) }
        })
        .buffer_unordered(at_once);
    while let Some((blob, fault)) = hashed.next().await {
        progress.blob();
        progress.bytes(blob.size);
        match fault {
            Ok(None) => {}
            Ok(Some(fault)) => _ = faults.insert(blob.sha256, fault),
            Err(error) => _ = faults.insert(blob.sha256, Fault::Wrong(format!("was not hashed: {error}"))),
        }
    }
    (faults, progress.elapsed())
}

async fn hash(blobs: &Blobs, blob: &Listed) -> Option<Fault> {
    let mut hasher = Hasher::default();
    match feed(&mut hasher, blobs.stream(&blob.sha256, 0..blob.size).await).await {
        Ok(()) => {
            let (found, size) = hasher.finish();
            let damaged = || Fault::Wrong(format!("is damaged: its {size} bytes have sha256 {found}"));
            (found != blob.sha256).then(damaged)
        }
        // Deleted since it was listed; if something needs it, that is told.
        Err(_) if matches!(blobs.size(&blob.sha256).await, Ok(None)) => Some(Fault::Missing),
        Err(error) => Some(Fault::Wrong(format!("cannot be read: {:#}", anyhow::Error::from(error)))),
    }
}

async fn feed(hasher: &mut Hasher, pieces: Result<Pieces, BlobError>) -> Result<(), BlobError> {
    let mut pieces = pieces?;
    while let Some(piece) = pieces.try_next().await? {
        hasher.update(&piece);
    }
    Ok(())
}

/// The parts that have arrived of uploads that go on.
fn open_parts(connection: &Connection) -> anyhow::Result<Vec<(Uuid, Part)>> {
    let mut parts = Vec::new();
    for upload in uploads::begun_before(connection, Timestamp::MAX)?.iter().filter(|upload| !upload.completed)
    {
        parts.extend(uploads::parts(connection, upload.id)?.into_iter().map(|part| (upload.id, part)));
    }
    Ok(parts)
}

/// The parts of uploads that go on: each is there and has its digest.
async fn parts(database: &mut Beside, blobs: &Blobs) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (upload, part) in database.read(open_parts)? {
        let mut hasher = Hasher::default();
        let found = match blobs.stream_part(upload, &part).await {
            Ok(Some(pieces)) => feed(&mut hasher, Ok(pieces)).await.map(|()| Some(hasher.finish().0)),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        let problem = match found {
            Ok(Some(found)) if found == part.digest => continue,
            Ok(Some(found)) => format!("is damaged: it has sha256 {found}, not {}", part.digest),
            Ok(None) => "is missing".to_owned(),
            Err(error) => format!("cannot be read: {:#}", anyhow::Error::from(error)),
        };
        wrong.push((upload, part, problem));
    }
    if wrong.is_empty() {
        return Ok(Vec::new());
    }
    // An upload that ended meanwhile, or sent a part again, is in order.
    let now = database.read(open_parts)?;
    let wrong = wrong.into_iter().filter(|(upload, part, _)| now.contains(&(*upload, *part)));
    let line = |(upload, part, problem): (Uuid, Part, String)| {
        format!("part {} of upload {} {problem}", part.number, upload.simple())
    };
    Ok(wrong.map(line).collect())
}

/// A line for each fault, with who needs the blob now.
async fn tell(
    database: &mut Beside,
    blobs: &Blobs,
    faults: BTreeMap<Sha256Digest, Fault>,
) -> anyhow::Result<Vec<String>> {
    if faults.is_empty() {
        return Ok(Vec::new());
    }
    let of: BTreeSet<Sha256Digest> = faults.keys().copied().collect();
    let owners = references::owners(database, blobs, &of).await?;
    let line = |(sha256, fault): (Sha256Digest, Fault)| match (fault, owners.get(&sha256)) {
        // What needed it is gone as well.
        (Fault::Missing, None) => None,
        (Fault::Missing, Some(owner)) => Some(format!("blob {sha256} is missing; it is {owner}")),
        (Fault::Wrong(wrong), Some(owner)) => Some(format!("blob {sha256} {wrong}; it is {owner}")),
        (Fault::Wrong(wrong), None) => Some(format!("blob {sha256} {wrong}; nothing needs it")),
    };
    Ok(faults.into_iter().filter_map(line).collect())
}
