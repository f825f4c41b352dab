//! Why a bundle is refused.

use std::io;
use std::path::PathBuf;

use crate::{BundlePath, Sha256Digest};

/// Why a bundle, or a file of one, is refused. Each line names the file, the value and the mend.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory holds no bundle.
    #[error("{} is no bundle: it has no manifest.json; name a directory that holds one", .0.display())]
    NoBundle(PathBuf),
    /// A file that the manifest lists as required is not there.
    #[error("{} lacks {path}, which its manifest lists; fetch the bundle again", directory.display())]
    Missing {
        /// The bundle's directory.
        directory: PathBuf,
        /// The file.
        path: BundlePath,
    },
    /// A file is there that the manifest does not list.
    #[error("{} is not in the bundle's manifest; remove it or fetch the bundle again", .0.display())]
    Extra(PathBuf),
    /// Something that is neither a plain file nor a directory lies in the bundle.
    #[error("{} is no plain file; a bundle holds no links or devices: fetch it again", .0.display())]
    NotAFile(PathBuf),
    /// A file's size or digest is not the manifest's.
    #[error("{} does not match its manifest: {found_size} bytes with sha256 {found} instead of {size} bytes with {expected}; fetch the bundle again", path.display())]
    Tampered {
        /// The file.
        path: PathBuf,
        /// The size that the manifest lists, in bytes.
        size: u64,
        /// The digest that the manifest lists.
        expected: Sha256Digest,
        /// The size found, in bytes.
        found_size: u64,
        /// The digest found.
        found: Sha256Digest,
    },
    /// A file does not say what a file of its kind must say.
    #[error("{file} is not valid: {problem}")]
    Invalid {
        /// The file's name inside the bundle, or its path.
        file: String,
        /// What is wrong and what would be right.
        problem: String,
    },
}

impl BundleError {
    /// True when the machine failed, false when the bundle or the user did.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() != io::ErrorKind::NotFound)
    }

    /// An error for content that is not what the file's format asks for.
    // By value, so that a message and an error read alike at every call.
    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn invalid(file: &str, problem: impl ToString) -> Self {
        Self::Invalid { file: file.to_owned(), problem: problem.to_string() }
    }
}
