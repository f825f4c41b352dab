//! Files out of the archive: all verified first, then put under their names, all or none.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::Context as _;
use overhaul_bundle::{Mistake, Sha256Digest};
use tempfile::NamedTempFile;

use super::Request;
use super::download::{Archived, MAX_BYTES};
use super::folder::Folder;
use super::known::refusal;
use crate::data::archive::Archive;

/// Puts the folder's missing files into it, as far as the archive holds them, and answers their paths.
pub(super) fn unpack(
    archived: &Archived,
    folder: &Folder<'_>,
    request: &Request,
) -> anyhow::Result<Vec<PathBuf>> {
    // The archive's file is hidden and soon gone: its URL is what the user knows it by.
    let from_url = |error: anyhow::Error| match error.downcast::<Mistake>() {
        Ok(mistake) => {
            let path = format!("{}: ", archived.path().display());
            let line = mistake.to_string();
            let problem = line.strip_prefix(&path).unwrap_or(&line);
            Mistake::new(format!("the archive from {}: {problem}", request.url)).into()
        }
        Err(error) => error,
    };
    let mut archive = Archive::open(archived.path(), MAX_BYTES).map_err(from_url)?;
    let names: Vec<String> = archive.names().map(str::to_owned).collect();
    if !names.iter().any(|name| folder.knows(name)) {
        let line = format!("the archive from {} holds none of NASA's files; check --url", request.url);
        return Err(Mistake::new(line).into());
    }
    let mut staged = Vec::new();
    for (name, known) in folder.missing() {
        if !names.iter().any(|there| there == name) {
            continue;
        }
        let bytes = archive.read(name).map_err(from_url)?;
        let found = Sha256Digest::of(&bytes).to_string();
        if found != known {
            let file = format!("{name} in the archive from {}", request.url);
            let mend = "nothing was unpacked; name another server with --url";
            return Err(Mistake::new(refusal(&file, &found, known, mend)).into());
        }
        staged.push((stage(folder, &bytes)?, folder.path().join(name)));
    }
    name_all(staged)
}

/// A file beside its place, whole and durable, that goes when it is not given a name.
fn stage(folder: &Folder<'_>, bytes: &[u8]) -> anyhow::Result<NamedTempFile> {
    let staged = || {
        let mut file = tempfile::Builder::new()
            .prefix(".cmapss-")
            // As any new file's: the user's umask decides.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder.path())?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok::<_, std::io::Error>(file)
    };
    staged().with_context(|| format!("cannot write into {}", folder.path().display()))
}

/// Gives every file its name, over none that is there, or takes the names given so far away again.
fn name_all(staged: Vec<(NamedTempFile, PathBuf)>) -> anyhow::Result<Vec<PathBuf>> {
    let mut written: Vec<PathBuf> = Vec::new();
    for (file, to) in staged {
        if let Err(error) = file.persist_noclobber(&to) {
            for path in &written {
                // The error about to be reported says more than a failure to clean up.
                let _ = fs::remove_file(path);
            }
            return Err(anyhow::Error::new(error.error).context(format!("cannot write {}", to.display())));
        }
        written.push(to);
    }
    Ok(written)
}
