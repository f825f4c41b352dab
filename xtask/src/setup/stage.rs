//! Folders of the cache that are whole or not there, however setup ends.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The file in a folder that says what the folder was made from. It is written last.
const STAMP: &str = ".overhaul-stamp";
/// How the names of unfinished folders begin.
const PARTIAL: &str = ".partial-";

/// True when `folder` was finished, from what `stamp` says.
pub(super) fn is_whole(folder: &Path, stamp: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == stamp)
}

/// Fills a folder beside `folder` and puts it in its place when it is whole.
pub(super) fn replace(folder: &Path, stamp: &str, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let parent = folder.parent().context("a folder of the cache lies in the cache")?;
    let unfinished = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(parent).context("cannot stage")?;
    let new = unfinished.path().join("new");
    fs::create_dir(&new)?;
    fill(&new)?;
    fs::write(new.join(STAMP), stamp)?;
    let context = || format!("cannot put {} in place", folder.display());
    if fs::symlink_metadata(folder).is_ok() {
        fs::rename(folder, unfinished.path().join("old")).with_context(context)?;
    }
    fs::rename(&new, folder).with_context(context)
}

/// A digest as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Removes what a setup left that was killed. Only the holder of the lock may call it.
pub(super) fn sweep(cache: &Path) -> Result<()> {
    for entry in fs::read_dir(cache).with_context(|| format!("cannot read {}", cache.display()))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
            fs::remove_dir_all(entry.path())
                .with_context(|| format!("cannot remove {}", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_only_when_it_is_whole() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("thing");
        replace(&folder, "one", |new| Ok(fs::write(new.join("file"), "1")?)).unwrap();
        assert!(is_whole(&folder, "one") && !is_whole(&folder, "two"));

        let failed = replace(&folder, "two", |new| {
            fs::write(new.join("file"), "half")?;
            anyhow::bail!("the network went away")
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "1");

        replace(&folder, "two", |new| Ok(fs::write(new.join("file"), "2")?)).unwrap();
        assert!(is_whole(&folder, "two"));
        assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "2");
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_a_killed_setup_left_is_swept() {
        let cache = tempfile::tempdir().unwrap();
        fs::create_dir_all(cache.path().join(".partial-abc/new/lib")).unwrap();
        fs::create_dir(cache.path().join("venv")).unwrap();
        sweep(cache.path()).unwrap();
        assert!(!cache.path().join(".partial-abc").exists() && cache.path().join("venv").exists());
    }
}
