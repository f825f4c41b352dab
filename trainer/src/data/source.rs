//! Where training data is read from: a folder of C-MAPSS files, or a zip that holds them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;

use crate::data::archive::{Archive, MAX_BYTES, is_data, read_limited};

/// A folder or a zip with data files.
#[derive(Debug)]
pub struct DataSource {
    path: PathBuf,
    names: Vec<String>,
    /// `None` for a folder.
    archive: Option<Archive>,
}

impl DataSource {
    /// Opens the folder or zip at `path` and lists its data files.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            return Ok(Self { path: path.to_owned(), names: files(path)?, archive: None });
        }
        if !path.exists() {
            return Err(Mistake::new(format!(
                "data {} is not there; name a folder or zip with --data, or make one with `overhaul-trainer data fetch` or `overhaul-trainer simulate`",
                path.display()
            ))
            .into());
        }
        if !path.is_file() {
            return Err(Mistake::new(format!("{} is neither a folder nor a zip", path.display())).into());
        }
        let archive = Archive::open(path, MAX_BYTES)?;
        let names = archive.names().map(str::to_owned).collect();
        Ok(Self { path: path.to_owned(), names, archive: Some(archive) })
    }

    /// The base names of the data files, sorted: `train_*.txt`, `test_*.txt`, `RUL_*.txt` and `readme.txt`.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The bytes of a data file, at most [`MAX_BYTES`].
    pub fn read(&mut self, name: &str) -> anyhow::Result<Vec<u8>> {
        if !self.names.iter().any(|there| there == name) {
            return Err(Mistake::new(format!("{} is missing", self.shown(name).display())).into());
        }
        match &mut self.archive {
            Some(archive) => archive.read(name),
            None => read_limited(&self.path.join(name), MAX_BYTES),
        }
    }

    /// Where a file is, to be named in a message.
    pub fn shown(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// The data files of a folder, sorted; what is in its folders is not its own.
fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let context = || format!("cannot read {}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let name = entry.file_name();
        // A link to a file is as good as the file.
        names.extend(name.to_str().filter(|name| is_data(name) && entry.path().is_file()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
