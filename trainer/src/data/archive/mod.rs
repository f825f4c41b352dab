//! Zip archives of run-to-failure data: which data files one holds, and their bytes, within limits.
//!
//! NASA's download is a zip with a folder with a second zip that holds the files; other copies hold
//! the files themselves, in a folder or not. Both are read alike, and nothing but data files is.

mod entries;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use zip::ZipArchive;

use entries::{Kind, kind};

/// The most bytes of a file or an archive of the user's that are read; NASA's largest file has 10 MB, its archive 12 MB.
pub const MAX_BYTES: u64 = 256 << 20;

/// An archive that was looked through.
pub struct Archive {
    path: PathBuf,
    /// The most bytes of the archive, and of each file in it.
    limit: u64,
    zips: Vec<Zip>,
    /// Base names of data files, and where each one is.
    files: BTreeMap<String, Place>,
}

/// An archive as the bytes it had when it was opened.
type Zip = ZipArchive<Cursor<Vec<u8>>>;

/// An entry of one of the zips.
#[derive(Debug, Clone, Copy)]
struct Place {
    zip: usize,
    entry: usize,
}

/// Whether a base name is one of C-MAPSS's, `train_*.txt`, `test_*.txt`, `RUL_*.txt` or `readme.txt`, or one of other
/// data in that manner, with `.csv`.
pub fn is_data(name: &str) -> bool {
    let kinds = ["train_", "test_", "RUL_"];
    let stem = name.strip_suffix(".txt").or(name.strip_suffix(".csv"));
    name == "readme.txt" || stem.is_some_and(|stem| kinds.iter().any(|kind| stem.starts_with(kind)))
}

impl Archive {
    /// Opens an archive and lists its data files; those of the zip within it if it has none itself.
    /// It may have `limit` bytes, and so may each file in it.
    ///
    /// What is no zip, has a name that leads out of it, the same base name twice, or an encrypted
    /// data file is refused.
    pub fn open(path: &Path, limit: u64) -> anyhow::Result<Self> {
        let bytes = read_limited(path, limit)?;
        let mut archive = Self { path: path.to_owned(), limit, zips: Vec::new(), files: BTreeMap::new() };
        let nested = archive.add(bytes, false)?;
        match nested[..] {
            [entry] if archive.files.is_empty() => {
                let bytes = archive.bytes(Place { zip: 0, entry })?;
                archive.add(bytes, true)?;
            }
            [_, _, ..] if archive.files.is_empty() => {
                return Err(
                    archive.refuse("it holds several zips; unpack it, and name the one with the data")
                );
            }
            _ => {}
        }
        Ok(archive)
    }

    /// The base names of its data files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The bytes of a data file by its base name, whole and with the checksum the archive gives.
    pub fn read(&mut self, name: &str) -> anyhow::Result<Vec<u8>> {
        match self.files.get(name) {
            Some(place) => self.bytes(*place),
            None => Err(self.refuse(&format!("it holds no {name}"))),
        }
    }

    /// Adds a zip's data files, and answers which of its entries are zips.
    fn add(&mut self, bytes: Vec<u8>, nested: bool) -> anyhow::Result<Vec<usize>> {
        let mut opened = ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            let what = if nested { "the zip within it is damaged" } else { "it is no zip archive" };
            self.refuse(&format!("{what} ({e}); name NASA's zip, or a folder with its files"))
        })?;
        if opened.has_duplicate_names() {
            return Err(self.refuse("it holds two files of one name; get another copy"));
        }
        let (zip, mut zips) = (self.zips.len(), Vec::new());
        for entry in 0..opened.len() {
            let found = kind(&mut opened, entry).map_err(|problem| self.refuse(&problem))?;
            match found {
                Kind::Data(name) => {
                    if self.files.insert(name.clone(), Place { zip, entry }).is_some() {
                        return Err(self.refuse(&format!("it holds {name} twice; keep one of them")));
                    }
                }
                Kind::Zip => zips.push(entry),
                Kind::Other => {}
            }
        }
        self.zips.push(opened);
        Ok(zips)
    }

    /// An entry's bytes, up to the limit, whatever its header says.
    fn bytes(&mut self, place: Place) -> anyhow::Result<Vec<u8>> {
        let (path, limit) = (self.path.clone(), self.limit);
        let zip = self.zips.get_mut(place.zip).context("no such zip")?;
        let name = zip.name_for_index(place.entry).and_then(Result::ok).unwrap_or_default().into_owned();
        let refuse = |problem: String| Mistake::new(format!("{}: {name} {problem}", path.display()));
        let damaged =
            |e: &dyn std::error::Error| refuse(format!("cannot be unpacked ({e}); get the archive anew"));
        let entry = zip.by_index(place.entry).map_err(|e| damaged(&e))?;
        let mut bytes = Vec::new();
        entry.take(limit + 1).read_to_end(&mut bytes).map_err(|e| damaged(&e))?;
        if bytes.len() as u64 > limit {
            return Err(refuse(format!("unpacks to more than {limit} bytes; it is no C-MAPSS data")).into());
        }
        Ok(bytes)
    }

    fn refuse(&self, problem: &str) -> anyhow::Error {
        Mistake::new(format!("{}: {problem}", self.path.display())).into()
    }
}

impl fmt::Debug for Archive {
    /// Without the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("path", &self.path)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

/// The bytes of a file, of which it may have `limit`; one that is not there is the user's mistake.
pub fn read_limited(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    let context = || format!("cannot read {}", path.display());
    let file = match File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(Mistake::new(format!("{} is not there", path.display())).into());
        }
        opened => opened.with_context(context)?,
    };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).with_context(context)?;
    if bytes.len() as u64 > limit {
        let problem = format!("{} has more than {limit} bytes; it is no C-MAPSS data", path.display());
        return Err(Mistake::new(problem).into());
    }
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod tests;
