//! `version`: which layout the directory has, so that an older release does not touch a newer one's.

use std::fs;
use std::io;
use std::path::Path;

use overhaul_bundle::Mistake;

/// The file's name in the data directory.
const FILE: &str = "version";
/// The layout that this release knows.
const LAYOUT: u32 = 1;
/// The file is one number; more is read of nothing.
const MOST_BYTES: u64 = 64;

/// Whether the directory says that it has this release's layout; false for one that says nothing, as those of the
/// first releases do. Refused when it says another.
pub(crate) fn check(directory: &Path) -> anyhow::Result<bool> {
    let path = directory.join(FILE);
    let mut text = String::new();
    let read = fs::File::open(&path)
        .and_then(|file| io::Read::read_to_string(&mut io::Read::take(file, MOST_BYTES), &mut text));
    match read {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(false);
        }
        read => {
            read.map_err(|e| super::unusable(directory, &format!("{} cannot be read", path.display()), &e))?
        }
    };
    match text.trim().parse::<u32>() {
        Ok(LAYOUT) => Ok(true),
        Ok(other) if other > LAYOUT => Err(Mistake::new(format!(
            "the data directory {} was made by a newer release (layout {other}); this one knows {LAYOUT}; install that \
             release again, or name another with --data-dir",
            directory.display()
        ))
        .into()),
        // An empty file is what a full disk leaves.
        _ if text.trim().is_empty() => Ok(false),
        _ => Err(Mistake::new(format!(
            "{} says {:?}, which is no layout of a data directory; remove the file if the directory is an agent's, or \
             name another with --data-dir",
            path.display(),
            text.trim()
        ))
        .into()),
    }
}

/// Says which layout the directory has. The agent runs without it on a full disk.
pub(super) fn mark(directory: &Path) -> io::Result<()> {
    super::write_whole(&directory.join(FILE), format!("{LAYOUT}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_a_mark_is_one_of_the_first_releases() {
        let home = tempfile::tempdir().unwrap();
        assert!(!check(home.path()).unwrap());
        mark(home.path()).unwrap();
        assert!(check(home.path()).unwrap());
        assert_eq!(fs::read_to_string(home.path().join(FILE)).unwrap(), "1\n");
        fs::write(home.path().join(FILE), "").unwrap();
        assert!(!check(home.path()).unwrap());
    }

    #[test]
    fn a_newer_layout_and_what_is_none_are_refused_in_one_line() {
        let home = tempfile::tempdir().unwrap();
        for (text, told) in [
            ("2\n", "made by a newer release (layout 2); this one knows 1"),
            ("0\n", "no layout"),
            ("soon", "no layout"),
        ] {
            fs::write(home.path().join(FILE), text).unwrap();
            let error = check(home.path()).unwrap_err();
            assert!(
                overhaul_bundle::mistake::is_mistake(error.as_ref()) && error.to_string().contains(told),
                "{error}"
            );
        }
    }
}
