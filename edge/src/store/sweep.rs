//! What is removed because nobody can use it: halves of files, and bundles on their way that nobody waits for.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use overhaul_bundle::Sha256Digest;

/// What `tempfile` begins the names of its files with.
const TEMPORARY: &str = ".tmp";

/// Removes what an agent that was killed left half written in the directory itself. Nobody else may be writing there.
pub(super) fn halves(directory: &Path) -> io::Result<()> {
    for item in fs::read_dir(directory)? {
        let item = item?;
        if item.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
            && item.file_type()?.is_file()
        {
            fs::remove_file(item.path())?;
        }
    }
    Ok(())
}

/// Removes what is in the folder `staging` and no bundle on its way: those stay, so that no byte is fetched twice.
pub(super) fn foreign(staging: &Path) -> io::Result<()> {
    for item in fs::read_dir(staging)? {
        let item = item?;
        let is_digest = item.file_name().to_str().is_some_and(|name| name.parse::<Sha256Digest>().is_ok());
        if !(is_digest && item.file_type()?.is_dir()) {
            remove(&item.path())?;
        }
    }
    Ok(())
}

/// Removes what is in a folder but `keep`.
pub(super) fn all_but(folder: &Path, keep: impl Iterator<Item = PathBuf>) -> io::Result<()> {
    let keep: BTreeSet<PathBuf> = keep.collect();
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if !keep.contains(&path) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Removes the bundles on their way but `keep` and the `others` that changed last.
pub(super) fn older(staging: &Path, keep: &Path, others: usize) -> io::Result<()> {
    let mut rest: Vec<(SystemTime, PathBuf)> = Vec::new();
    for item in fs::read_dir(staging)? {
        let item = item?;
        if item.path() != keep {
            rest.push((item.metadata()?.modified()?, item.path()));
        }
    }
    rest.sort();
    rest.iter().rev().skip(others).try_for_each(|(_, path)| remove(path))
}

fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names =
            fs::read_dir(folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn halves_go_and_whole_files_and_folders_stay() {
        let home = tempfile::tempdir().unwrap();
        for name in ["active.json", ".tmpAb12Cd", ".tmp", ".keep"] {
            fs::write(home.path().join(name), "x").unwrap();
        }
        fs::create_dir(home.path().join(".tmpfolder")).unwrap();
        halves(home.path()).unwrap();
        assert_eq!(names(home.path()), [".keep", ".tmpfolder", "active.json"]);
    }

    #[test]
    fn a_bundle_on_its_way_stays_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let digest = Sha256Digest::of(b"one").to_string();
        for name in [digest.as_str(), "half"] {
            fs::create_dir(home.path().join(name)).unwrap();
            fs::write(home.path().join(name).join("model.onnx.partial"), "x").unwrap();
        }
        fs::write(home.path().join(Sha256Digest::of(b"two").to_string()), "no folder").unwrap();
        foreign(home.path()).unwrap();
        assert_eq!(names(home.path()), [digest]);
    }

    #[test]
    fn of_those_that_nobody_waits_for_the_oldest_go() {
        let home = tempfile::tempdir().unwrap();
        for (name, age) in [("a", 3), ("b", 1), ("c", 2), ("d", 9)] {
            fs::create_dir(home.path().join(name)).unwrap();
            let then = SystemTime::now() - std::time::Duration::from_secs(age);
            fs::File::open(home.path().join(name)).unwrap().set_modified(then).unwrap();
        }
        older(home.path(), &home.path().join("d"), 1).unwrap();
        assert_eq!(names(home.path()), ["b", "d"]);
        older(home.path(), &home.path().join("d"), 0).unwrap();
        assert_eq!(names(home.path()), ["d"]);
    }
}
