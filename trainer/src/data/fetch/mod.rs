//! `data fetch`: NASA's C-MAPSS archive, downloaded, unpacked and checked file by file.
//!
//! | module | holds |
//! | --- | --- |
//! | [`known`] | where the archive is, and the digest of each of its files |
//! | `client` | how it is asked for: TLS, redirections, timeouts |
//! | `partial` | the part of an archive that is here, and where it came from |
//! | `download` | the transfer, resumed where it broke off |
//! | `folder` | what the folder holds before, and what is taken back after a failure |
//! | `unpack` | files out of the archive: verified, then all at once under their names |

mod client;
mod download;
mod folder;
pub mod known;
mod partial;
mod unpack;

use std::path::PathBuf;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use overhaul_bundle::Sha256Digest;

use download::Archived;
use folder::Folder;
use known::Known;

/// What is to be fetched, and to where.
#[derive(Debug, Clone)]
pub struct Request {
    /// The archive's URL.
    pub url: String,
    /// The archive's digest. The files in it are checked with or without it.
    pub sha256: Option<Sha256Digest>,
    /// The folder that the files go to; it is made if it is not there.
    pub out: PathBuf,
}

impl Request {
    /// NASA's own archive, whose digest is known; another URL's is what the user says, if anything.
    pub fn new(out: PathBuf, url: Option<String>, sha256: Option<Sha256Digest>) -> Self {
        let nasa = url.as_ref().is_none_or(|url| url == known::URL);
        let sha256 = sha256.or_else(|| known::ARCHIVE.parse().ok().filter(|_| nasa));
        Self { url: url.unwrap_or_else(|| known::URL.to_owned()), sha256, out }
    }
}

/// What a fetch did, file by file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Files that are new in the folder, verified.
    pub written: Vec<PathBuf>,
    /// Files that were there already, verified.
    pub unchanged: Vec<PathBuf>,
    /// Names of NASA's files that neither the folder nor the archive holds.
    pub missing: Vec<String>,
}

/// Fetches NASA's files with a progress bar on standard error, if that is a terminal. When all of them are in
/// the folder already, nothing is asked for.
///
/// Every file of the folder has one of NASA's digests afterwards; on an error it holds what it held before, and
/// the part of an archive whose transfer broke off, which the next call goes on from.
pub fn fetch(request: &Request) -> anyhow::Result<Fetched> {
    let bar = ProgressBar::no_length().with_message("downloading");
    let style = ProgressStyle::with_template("  {msg} [{bar:30}] {bytes}/{total_bytes} {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    fetch_known(request, &known::FILES, &bar)
}

fn fetch_known(request: &Request, known: Known<'_>, bar: &ProgressBar) -> anyhow::Result<Fetched> {
    let folder = Folder::look(&request.out, known)?;
    if folder.missing().is_empty() {
        return folder.done(Vec::new());
    }
    let url = client::url(&request.url)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start tokio")?;
    let folder = folder.make()?;
    let archived = runtime.block_on(Archived::download(&url, &request.out, request.sha256.as_ref(), bar));
    bar.finish_and_clear();
    let written = unpack::unpack(&archived?, &folder, request)?;
    folder.done(written)
}

#[cfg(test)]
mod tests;
