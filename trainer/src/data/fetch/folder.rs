//! What the folder holds before, and what is taken back after a failure.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::{Mistake, Sha256Digest};

use super::Fetched;
use super::known::{Known, refusal};

/// The folder that files are fetched to.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    path: &'a Path,
    known: Known<'a>,
    unchanged: Vec<PathBuf>,
    /// Folders that were made for this, outermost first; removed on drop as far as they are empty.
    made: Vec<PathBuf>,
}

impl<'a> Folder<'a> {
    /// Looks at what is there; a file of one of the names with another digest is refused, and so left.
    pub(super) fn look(path: &'a Path, known: Known<'a>) -> anyhow::Result<Self> {
        let file = path.ancestors().find(|place| place.exists()).filter(|found| !found.is_dir());
        if let Some(file) = file {
            let problem = format!("--out {}: {} is no folder; name another", path.display(), file.display());
            return Err(Mistake::new(problem).into());
        }
        let mut unchanged = Vec::new();
        for (name, digest) in known {
            let file = path.join(name);
            if file.symlink_metadata().is_err() {
                continue;
            }
            let shown = file.display().to_string();
            if !file.is_file() {
                return Err(Mistake::new(format!("{shown} is there and no file; remove it")).into());
            }
            let opened = File::open(&file).with_context(|| format!("cannot read {shown}"))?;
            let (found, _) =
                Sha256Digest::of_reader(opened).with_context(|| format!("cannot read {shown}"))?;
            if found.to_string() != *digest {
                let mend = "it was left as it is; remove it, or name another folder with --out";
                return Err(Mistake::new(refusal(&shown, &found.to_string(), digest, mend)).into());
            }
            unchanged.push(file);
        }
        Ok(Self { path, known, unchanged, made: Vec::new() })
    }

    /// Makes the folder if it is not there.
    pub(super) fn make(mut self) -> anyhow::Result<Self> {
        let missing: Vec<&Path> = self.path.ancestors().take_while(|place| !place.exists()).collect();
        for place in missing.into_iter().rev().filter(|place| !place.as_os_str().is_empty()) {
            fs::create_dir(place).with_context(|| format!("cannot make {}", place.display()))?;
            self.made.push(place.to_owned());
        }
        Ok(self)
    }

    pub(super) fn path(&self) -> &Path {
        self.path
    }

    /// Whether a name is one of the files.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.known.iter().any(|(known, _)| *known == name)
    }

    /// The files that are not there yet.
    pub(super) fn missing(&self) -> Vec<(&'a str, &'a str)> {
        let there = |name: &str| self.unchanged.contains(&self.path.join(name));
        self.known.iter().copied().filter(|(name, _)| !there(name)).collect()
    }

    /// What was done, once `written` is there too.
    pub(super) fn done(mut self, written: Vec<PathBuf>) -> anyhow::Result<Fetched> {
        if !written.is_empty() {
            // The names are durable when the folder is.
            let synced = File::open(self.path).and_then(|folder| folder.sync_all());
            synced.with_context(|| format!("cannot write {}", self.path.display()))?;
        }
        let missing = self.missing().into_iter().filter(|(name, _)| !written.contains(&self.path.join(name)));
        let missing = missing.map(|(name, _)| name.to_owned()).collect();
        self.made.clear();
        Ok(Fetched { written, unchanged: std::mem::take(&mut self.unchanged), missing })
    }
}

impl Drop for Folder<'_> {
    fn drop(&mut self) {
        // Innermost first; one that holds a part to be resumed from, or anything else, stays.
        for place in self.made.iter().rev() {
            let _ = fs::remove_dir(place);
        }
    }
}
