//! Writes the database and the blobs that it names, all of one moment, as one file.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use overhaul_bundle::digest::Hasher;
use overhaul_bundle::{Mistake, Sha256Digest};
use rusqlite::Connection;

use super::Registry;
use super::archive::{About, Entry, FORMAT, Writer};
use super::progress::Progress;
use super::references::References;
use crate::blobs::Blobs;
use crate::store::beside::Beside;
use crate::store::uploads;

/// Blobs whose first piece is fetched while an earlier one is written.
const AHEAD: usize = 8;
/// Bytes gathered for one write.
const BUFFER: usize = 1 << 20;

/// What a backup holds.
#[derive(Debug, Clone, Copy)]
pub struct BackedUp {
    /// Blobs.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
    /// The database's bytes.
    pub database_bytes: u64,
    /// How long it took.
    pub took: Duration,
}

/// Writes a backup as a new file, readable by its owner only: it holds webhooks' secrets.
///
/// A server may go on: every change acknowledged before this began is in the backup, whole, and none is in
/// it by half. Multipart uploads in progress are left out: their clients begin again. The file has its name only when it is complete and durable; a backup that fails leaves nothing,
/// and one that is killed leaves `FILE.partial`, which the next one overwrites.
pub async fn backup(registry: &Registry, file: &Path) -> anyhow::Result<BackedUp> {
    let created_at = Timestamp::now();
    let mut partial = Partial::begin(file)?;
    let blobs = registry.blobs()?;
    // From before the copy of the database until its blobs are read: what it names cannot be collected.
    let spared = blobs.spare().await?;
    let (mut database, database_sha256, database_bytes) = partial.copy(&registry.layout.database())?;
    let sizes = References::load_whole(&mut database, &blobs).await?.sizes;
    drop(database);

    let there: HashMap<_, _> = blobs.list().map_ok(|blob| (blob.sha256, blob.size)).try_collect().await?;
    let mut wanted = Vec::with_capacity(sizes.len());
    for (sha256, size) in sizes {
        match (there.get(&sha256), size) {
            (None, _) => bail!("blob {sha256} is missing; run verify, which says who needs it"),
            (Some(found), Some(size)) if *found != size => {
                bail!(
                    "blob {sha256} has {found} bytes, not {size} as is written; run verify, which says more"
                )
            }
            (Some(found), _) => wanted.push((sha256, *found)),
        }
    }
    drop(there);
    wanted.sort_unstable();
    let blob_bytes = wanted.iter().map(|(_, size)| size).sum();
    let about = About {
        format: FORMAT,
        made_by: concat!("overhaul-server ", env!("CARGO_PKG_VERSION")).to_owned(),
        created_at,
        database_sha256,
        blobs: wanted.len() as u64,
        blob_bytes,
    };
    let mut progress = Progress::new("backed up", about.blobs, blob_bytes);
    let cannot = || format!("cannot write {}", partial.path.display());
    let out = BufWriter::with_capacity(BUFFER, &partial.file);
    let mut writer = Writer::new(out, created_at);
    let head = about.to_bytes()?;
    writer.begin(Entry::About, head.len() as u64).with_context(cannot)?;
    writer.write(&head).with_context(cannot)?;
    writer.begin(Entry::Database, database_bytes).with_context(cannot)?;
    partial.copy_database(|piece| writer.write(piece).with_context(cannot))?;
    write_blobs(&blobs, &wanted, &mut progress, |step| match step {
        Step::Begin(sha256, size) => writer.begin(Entry::Blob(sha256), size).with_context(cannot),
        Step::Piece(piece) => writer.write(piece).with_context(cannot),
    })
    .await?;
    drop(spared);
    writer.finish().and_then(|mut out| out.flush()).with_context(cannot)?;
    let blobs = about.blobs;
    let took = progress.elapsed();
    partial.complete(file)?;
    Ok(BackedUp { blobs, blob_bytes, database_bytes, took })
}

/// What comes next into the archive.
enum Step<'a> {
    Begin(Sha256Digest, u64),
    Piece(&'a [u8]),
}

/// Gives all blobs away, each re-hashed on the way: a backup of a damaged blob could not be restored.
async fn write_blobs(
    blobs: &Blobs,
    wanted: &[(Sha256Digest, u64)],
    progress: &mut Progress,
    mut write: impl FnMut(Step<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut fetched = futures::stream::iter(wanted)
        .map(|(sha256, size)| async move {
            let mut pieces = match blobs.stream(sha256, 0..*size).await {
                Ok(pieces) => pieces,
                Err(error) => futures::stream::once(std::future::ready(Err(error))).boxed(),
            };
            (sha256, *size, pieces.next().await, pieces)
        })
        .buffered(AHEAD);
    while let Some((sha256, size, first, rest)) = fetched.next().await {
        write(Step::Begin(*sha256, size))?;
        let mut hasher = Hasher::default();
        let mut pieces = futures::stream::iter(first).chain(rest);
        while let Some(piece) = pieces.next().await {
            let piece = piece.with_context(|| format!("cannot read blob {sha256}"))?;
            hasher.update(&piece);
            write(Step::Piece(&piece))?;
            progress.bytes(piece.len() as u64);
        }
        let (found, found_size) = hasher.finish();
        if found != *sha256 || found_size != size {
            bail!(
                "blob {sha256} is damaged: its {found_size} bytes have sha256 {found}; run verify, which says who needs it"
            );
        }
        progress.blob();
    }
    Ok(())
}

/// A backup in the making; dropped before it is complete, it leaves nothing.
struct Partial {
    path: PathBuf,
    /// Locked, so that two backups of one name do not mix.
    file: File,
    /// The database's copy, until it is in the archive.
    database: PathBuf,
}

impl Partial {
    fn begin(file: &Path) -> anyhow::Result<Self> {
        if fs::symlink_metadata(file).is_ok() {
            let line = format!("{} exists, and a backup overwrites nothing; name a new file", file.display());
            return Err(Mistake::new(line).into());
        }
        let beside = |suffix: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (path, database) = (beside(".partial"), beside(".partial-database"));
        let cannot = || format!("cannot write {}", path.display());
        let out = private().truncate(false).open(&path).with_context(cannot)?;
        match out.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let line =
                    format!("another backup is being written to {}; name another file", path.display());
                return Err(Mistake::new(line).into());
            }
            Err(TryLockError::Error(e)) => {
                return Err(e).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        let partial = Self { path, file: out, database };
        let cannot = || format!("cannot write {}", partial.path.display());
        // A file that a killed backup left.
        partial.file.set_len(0).with_context(cannot)?;
        partial.file.set_permissions(Permissions::from_mode(0o600)).with_context(cannot)?;
        Ok(partial)
    }

    /// Copies the database as it is now, but for uploads in progress; its digest and its bytes.
    fn copy(&mut self, database: &Path) -> anyhow::Result<(Beside, Sha256Digest, u64)> {
        let cannot = || format!("cannot write {}", self.database.display());
        // SQLite writes into an empty file, which nobody else can read from the beginning.
        private().truncate(true).open(&self.database).with_context(cannot)?;
        Beside::to_read(database)?.copy_to(&self.database)?;
        Beside::to_write(&self.database)?.write(forget_uploads)?;
        let cannot = || format!("cannot read {}", self.database.display());
        let (sha256, size) =
            File::open(&self.database).and_then(Sha256Digest::of_reader).with_context(cannot)?;
        Ok((Beside::to_read(&self.database)?, sha256, size))
    }

    /// Gives the copy away, piece by piece.
    fn copy_database(&self, mut write: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let cannot = || format!("cannot read {}", self.database.display());
        let mut file = File::open(&self.database).with_context(cannot)?;
        let mut buffer = vec![0; BUFFER];
        loop {
            match std::io::Read::read(&mut file, &mut buffer).with_context(cannot)? {
                0 => return Ok(()),
                count => write(&buffer[..count])?,
            }
        }
    }

    /// Gives it its name.
    fn complete(self, file: &Path) -> anyhow::Result<()> {
        let cannot = || format!("cannot write {}", file.display());
        self.file.sync_all().with_context(cannot)?;
        fs::rename(&self.path, file).with_context(cannot)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new("."))).with_context(cannot)?;
        drop(self);
        folder.sync_all().with_context(cannot)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for file in [&self.path, &self.database] {
            if let Err(error) = fs::remove_file(file)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!("cannot remove {}: {error}", file.display());
            }
        }
    }
}

fn forget_uploads(connection: &Connection) -> anyhow::Result<()> {
    let all = uploads::begun_before(connection, Timestamp::MAX)?;
    all.iter().try_for_each(|upload| uploads::delete(connection, upload.id))
}

/// A file to write that only its owner reads.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true).mode(0o600);
    options
}
