//! Makes a data directory of a backup, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use overhaul_bundle::{Mistake, Sha256Digest};

use super::archive::{About, Entry, FORMAT, MAX_ABOUT};
use super::pieces::Pieces;
use super::progress::Progress;
use super::verify;
use crate::Clock;
use crate::blobs::{BlobError, BlobPlace, Blobs};
use crate::directory::{BLOBS, DATABASE, DataDirectory, LOCK};
use crate::store::beside::{Beside, bring_up_to_date};
use crate::store::check::Counts;

/// Where everything lies until it is complete.
const STAGING: &str = ".restoring";
/// What a directory may hold and still be empty; the last is what file systems have of their own.
const NOTHING: [&str; 3] = [LOCK, STAGING, "lost+found"];
/// Bytes read from the backup at a time.
const BUFFER: usize = 1 << 20;

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// When the backup was begun.
    pub created_at: Timestamp,
    /// Blobs.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
    /// What the database counts.
    pub counts: Counts,
}

/// Restores a backup into a directory that is missing or empty.
///
/// Every blob is hashed on the way, and the whole is verified before the directory gets it. A backup of an
/// older release is brought up to date. Blobs go to the directory, or to `place`, where those that a restore
/// brought before it failed stay, and do no harm.
pub async fn restore(
    file: &Path,
    data_dir: &Path,
    place: Option<&BlobPlace>,
    clock: &Clock,
) -> anyhow::Result<Restored> {
    let archive = File::open(file).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            Mistake::new(format!("there is no backup {}; name the file that backup wrote", file.display()))
                .into()
        }
        _ => anyhow!(e).context(format!("cannot read {}", file.display())),
    })?;
    let new = !data_dir.exists();
    if !new {
        // Before anything is written there, and again once nobody else can.
        refuse_full(data_dir)?;
    }
    let held = DataDirectory::hold(data_dir)?;
    refuse_full(data_dir)?;
    let staging = Staging { path: data_dir.join(STAGING), of: data_dir.to_owned(), new };
    let restored = staging.fill(file, archive, place, clock).await?;
    staging.move_up()?;
    drop(held);
    Ok(restored)
}

fn refuse_full(data_dir: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot read {}", data_dir.display());
    for item in fs::read_dir(data_dir).with_context(cannot)? {
        let name = item.with_context(cannot)?.file_name();
        if !NOTHING.iter().any(|nothing| name == *nothing) {
            return Err(Mistake::new(format!(
                "{} is not empty, it holds {}; restore into a directory that is missing or empty",
                data_dir.display(),
                name.display()
            ))
            .into());
        }
    }
    Ok(())
}

/// A folder inside the data directory; dropped, it is gone, and so is a directory that was made for it.
struct Staging {
    path: PathBuf,
    of: PathBuf,
    new: bool,
}

impl Staging {
    async fn fill(
        &self,
        file: &Path,
        archive: File,
        place: Option<&BlobPlace>,
        clock: &Clock,
    ) -> anyhow::Result<Restored> {
        let cannot = || format!("cannot write {}", self.path.display());
        self.remove().with_context(cannot)?;
        fs::create_dir(&self.path).with_context(cannot)?;
        let folder = self.path.join(BLOBS);
        fs::create_dir(&folder).with_context(cannot)?;
        let blobs = match place {
            Some(place) => Blobs::unlimited(place)?,
            // One sync at the end instead of one for each blob.
            None => Blobs::unsynced(&folder)?,
        };
        let about = unpack(file, archive, &self.path.join(DATABASE), &blobs).await?;

        bring_up_to_date(&self.path.join(DATABASE), clock)?;
        let mut database = Beside::to_read(&self.path.join(DATABASE))?;
        let found = verify::look(&mut database, &blobs, false).await?;
        drop(database);
        if let Some(problem) = found.problems.first() {
            let more = found.problems.len() - 1;
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            return Err(not_whole(file, &format!("{problem}{more}")));
        }
        let synced = File::open(&self.path).and_then(|folder| Ok(rustix::fs::syncfs(&folder)?));
        synced.with_context(cannot)?;
        let (blobs, blob_bytes) = (about.blobs, about.blob_bytes);
        Ok(Restored { created_at: about.created_at, blobs, blob_bytes, counts: found.counts })
    }

    /// The database last: a directory without one is no registry.
    fn move_up(mut self) -> anyhow::Result<()> {
        for name in [BLOBS, DATABASE] {
            let to = self.of.join(name);
            fs::rename(self.path.join(name), &to)
                .with_context(|| format!("cannot write {}", to.display()))?;
        }
        self.new = false;
        let synced = File::open(&self.of).and_then(|folder| folder.sync_all());
        synced.with_context(|| format!("cannot write {}", self.of.display()))
    }

    fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let mut removed = self.remove();
        if self.new {
            removed = removed
                .and_then(|()| fs::remove_file(self.of.join(LOCK)))
                .and_then(|()| fs::remove_dir(&self.of));
        }
        if let Err(error) = removed {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
    }
}

fn not_whole(file: &Path, problem: &str) -> anyhow::Error {
    Mistake::new(format!("{} is no whole backup: {problem}; take another one", file.display())).into()
}

/// Unpacks the database and the blobs, and sees that each is what it should be.
async fn unpack(file: &Path, archive: File, database: &Path, blobs: &Blobs) -> anyhow::Result<About> {
    let refuse = |problem: &str| not_whole(file, problem);
    let mut archive = tar::Archive::new(io::BufReader::with_capacity(BUFFER, archive));
    let mut about: Option<(About, Progress)> = None;
    let (mut has_database, mut count, mut bytes) = (false, 0, 0);
    let unreadable = |e: &io::Error| refuse(&format!("it cannot be read ({e})"));
    for entry in archive.entries().map_err(|e| unreadable(&e))? {
        let mut entry = entry.map_err(|e| unreadable(&e))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let size = entry.size();
        let kind = Entry::of(&entry.path_bytes()).filter(|_| entry.header().entry_type().is_file());
        match (kind, &mut about) {
            (Some(Entry::About), None) => {
                let read = read_about(entry, size).map_err(|problem| refuse(&problem))?;
                let progress = Progress::new("restored", read.blobs, read.blob_bytes);
                about = Some((read, progress));
            }
            (Some(Entry::Database), Some((about, _))) if !has_database => {
                let found = write_database(&mut entry, database)?;
                if found != (about.database_sha256, size) {
                    return Err(refuse("its database is damaged"));
                }
                has_database = true;
            }
            (Some(Entry::Blob(sha256)), Some((_, progress))) => {
                let received = blobs.receive(&sha256, futures::stream::iter(Pieces(entry))).await;
                match received {
                    Ok(received) if received.size == size => {}
                    Ok(_) => return Err(refuse("it ends too early")),
                    Err(BlobError::WrongDigest { size: found, .. }) if found < size => {
                        return Err(refuse("it ends too early"));
                    }
                    Err(error @ (BlobError::WrongDigest { .. } | BlobError::Broken(_))) => {
                        return Err(refuse(&format!("blob {sha256} is damaged: {error}")));
                    }
                    Err(error) => return Err(error.into()),
                }
                count += 1;
                bytes += size;
                progress.blob();
                progress.bytes(size);
            }
            _ => return Err(refuse(&format!("it holds {name:?}, which has no place there"))),
        }
    }
    match about {
        Some((about, _)) if has_database && count == about.blobs && bytes == about.blob_bytes => Ok(about),
        _ => Err(refuse("it ends too early")),
    }
}

fn read_about(entry: impl Read, size: u64) -> Result<About, String> {
    let mut bytes = Vec::new();
    entry.take(size.min(MAX_ABOUT)).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    // The format is asked first: another one may have other fields.
    let format =
        serde_json::from_slice::<serde_json::Value>(&bytes).ok().and_then(|about| about["format"].as_u64());
    match format {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => {
            return Err(format!("it has format {format}, this release reads {FORMAT}: use a matching one"));
        }
        None => return Err("its first entry does not say what it is".to_owned()),
    }
    serde_json::from_slice(&bytes).map_err(|e| format!("its first entry does not parse: {e}"))
}

fn write_database(entry: &mut impl Read, to: &Path) -> anyhow::Result<(Sha256Digest, u64)> {
    let cannot = || format!("cannot write {}", to.display());
    let mut out = File::create_new(to).with_context(cannot)?;
    io::copy(entry, &mut out).with_context(cannot)?;
    drop(out);
    File::open(to).and_then(Sha256Digest::of_reader).with_context(cannot)
}
