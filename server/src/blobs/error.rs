//! Why a blob was not taken or not given.

use std::io;
use std::time::Duration;

use overhaul_bundle::Sha256Digest;

/// How long an upload may stand still.
pub(crate) const IDLE: Duration =
    if cfg!(test) { Duration::from_millis(300) } else { Duration::from_mins(1) };

/// Why a blob was not taken or not given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The bytes have another digest than the one in the URL.
    #[error("the {size} bytes received have sha256 {found}, not {expected}; send the file that has it")]
    WrongDigest {
        /// The digest in the URL.
        expected: Sha256Digest,
        /// The digest of what was received.
        found: Sha256Digest,
        /// How much was received, in bytes.
        size: u64,
    },
    /// There are more bytes than one blob may have.
    #[error("a blob may have at most {limit} bytes; start the server with a higher --max-blob-bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The sender went away, or sent what is no HTTP body.
    #[error("the upload broke off: {0}; send it again")]
    Broken(String),
    /// The sender stopped sending.
    #[error("the upload stood still for {} seconds; send it again", IDLE.as_secs())]
    StoodStill,
    /// The disk failed or is full, or the bucket does not answer.
    #[error("cannot store or read a blob")]
    Store(#[from] object_store::Error),
    /// The folder of blobs cannot be read, or what lies in a blob's place is no plain file.
    #[error("cannot read {key} in the folder of blobs")]
    Folder {
        /// The place, relative to the folder.
        key: String,
        /// What the system says; of a symbolic link, that there are too many or that it is no directory.
        source: io::Error,
    },
}

/// `None` for what is not there.
pub(super) fn found<T>(result: Result<T, BlobError>) -> Result<Option<T>, BlobError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(BlobError::Store(object_store::Error::NotFound { .. })) => Ok(None),
        Err(BlobError::Folder { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
