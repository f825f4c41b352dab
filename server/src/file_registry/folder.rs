//! The folders `v{N}`, and what else lies beside them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::{Mistake, VersionNumber, manifest};

use super::{COMPONENTS, METADATA};

/// The folder of a bundle beside the guide's `metadata.json`.
const BUNDLE: &str = "bundle";

/// A version's folder.
#[derive(Debug)]
pub(super) struct VersionFolder {
    pub(super) number: VersionNumber,
    pub(super) path: PathBuf,
}

/// What is imported of a version's folder.
#[derive(Debug)]
pub(super) enum Form {
    /// The folder is a bundle, or has one; then its other files, except for the guide's, are not needed.
    Bundle { place: PathBuf, others: Vec<String> },
    /// All of its files.
    Files,
}

/// The versions of a folder in the order of their numbers, and the names of what is no version.
pub(super) fn versions(folder: &Path) -> anyhow::Result<(Vec<VersionFolder>, Vec<String>)> {
    let (mut versions, mut others) = (Vec::new(), Vec::new());
    for (name, is_folder) in items(folder)? {
        let number = name.strip_prefix('v').and_then(|number| number.parse().ok()).filter(|_| is_folder);
        match number {
            Some(number) => versions.push(VersionFolder { number, path: folder.join(name) }),
            None if name == COMPONENTS && is_folder => {}
            None => others.push(name),
        }
    }
    versions.sort_by_key(|version| version.number);
    others.sort();
    if versions.is_empty() {
        let place = folder.display();
        return Err(refuse(format!(
            "{place} holds no folder v1, v2, …; name the one that does, such as {place}/models"
        )));
    }
    Ok((versions, others))
}

impl VersionFolder {
    /// Which form it has.
    pub(super) fn form(&self) -> anyhow::Result<Form> {
        let is_bundle = |place: &Path| place.join(manifest::FILE).symlink_metadata().is_ok();
        if is_bundle(&self.path) {
            return Ok(Form::Bundle { place: self.path.clone(), others: Vec::new() });
        }
        let place = self.path.join(BUNDLE);
        if !is_bundle(&place) {
            return Ok(Form::Files);
        }
        let mut others: Vec<String> = items(&self.path)?.into_iter().map(|(name, _)| name).collect();
        others.retain(|name| name != BUNDLE && name != METADATA);
        others.sort();
        Ok(Form::Bundle { place, others })
    }
}

/// The names in a folder, and whether each is a folder.
fn items(folder: &Path) -> anyhow::Result<Vec<(String, bool)>> {
    let cannot = || format!("cannot read {}", folder.display());
    let items = fs::read_dir(folder).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            refuse(format!("there is no folder {}; name the one that holds v1, v2, …", folder.display()))
        }
        _ => anyhow::Error::from(e).context(cannot()),
    })?;
    let item = |item: io::Result<fs::DirEntry>| {
        let item = item?;
        Ok((item.file_name().to_string_lossy().into_owned(), item.file_type()?.is_dir()))
    };
    items.map(item).collect::<io::Result<_>>().with_context(cannot)
}

/// A mistake in one line.
pub(super) fn refuse(line: String) -> anyhow::Error {
    Mistake::new(line).into()
}
