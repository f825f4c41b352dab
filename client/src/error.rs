//! What can go wrong between a program and the registry.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use overhaul_bundle::{BundleError, Mistake, Sha256Digest};

use crate::access::CA_CERT;

/// Why a call to the registry failed. Each line names the URL or file, what happened and the mend.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The registry's URL is none.
    #[error("registry URL {url:?} is not valid: {problem}; use one such as http://127.0.0.1:5000")]
    BadUrl {
        /// The text that was given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The token of an environment variable is none; it is not shown.
    #[error("{0} holds no token that an HTTP header can carry; set it anew, or unset it")]
    BadToken(&'static str),
    /// The certificate authorities to trust cannot be read.
    #[error("{CA_CERT} names {}, which is not usable: {problem}; name a PEM file of certificates, or unset it", path.display())]
    BadAuthorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Nothing answers at the registry's address, or it stopped answering before it began to.
    #[error(
        "no registry answers at {url}; start overhaul-server there, or name the right one with --registry or OVERHAUL_REGISTRY"
    )]
    Unreachable {
        /// What was asked.
        url: String,
        /// What the connection said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The registry answered with an error.
    #[error("the registry refused {method} {url}: {status} {error_code}: {message}")]
    Refused {
        /// The request's method.
        method: String,
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// `MLflow`'s error code, or `UNKNOWN` when the answer is not the registry's own.
        error_code: String,
        /// The registry's own words: the thing, the value and the mend.
        message: String,
    },
    /// The answer is not what this API answers.
    #[error(
        "{url} answered what no Overhaul registry of this release answers: {problem}; check the URL and the releases"
    )]
    NotUnderstood {
        /// What was asked.
        url: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// The connection broke off in the middle; what was received is kept and resumed from.
    #[error("the connection broke off during {method} {url}; try again")]
    Interrupted {
        /// The request's method.
        method: String,
        /// What was asked.
        url: String,
        /// What the connection said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The bytes received, or a file about to be sent, are not the ones asked for.
    #[error(
        "{what} is {found_size} bytes with sha256 {found} instead of {size} bytes with {expected}; nothing was kept of it"
    )]
    Corrupt {
        /// The URL or the file.
        what: String,
        /// The digest asked for.
        expected: Sha256Digest,
        /// The size asked for, in bytes.
        size: u64,
        /// The digest found.
        found: Sha256Digest,
        /// The size found, in bytes.
        found_size: u64,
    },
    /// A file of this machine could not be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The bundle to publish has no version number yet.
    #[error("the bundle in {} has no version number; reserve one and write it again", .0.display())]
    NotNumbered(PathBuf),
    /// The bundle is refused for itself.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl ClientError {
    /// True when nothing answered, or the connection broke: trying later can help.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Interrupted { .. })
    }

    /// True when the registry does not know the model, version, alias or blob.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, error_code, .. } if error_code == "RESOURCE_DOES_NOT_EXIST")
    }

    /// True when the user can mend it: a bad URL or bundle, or a request that the registry refused
    /// as the asker's own mistake (4xx).
    pub fn is_mistake(&self) -> bool {
        match self {
            Self::BadUrl { .. } | Self::BadToken(_) | Self::BadAuthorities { .. } | Self::NotNumbered(_) => {
                true
            }
            Self::Refused { status, .. } => (400..500).contains(status),
            Self::Bundle(error) => !error.is_fault(),
            Self::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// The one line for `main` to report when it is the user's to mend, with the registry's own
    /// words when it gave some; `None` for a fault.
    pub fn mistake(&self) -> Option<Mistake> {
        match self {
            error if !error.is_mistake() => None,
            Self::Refused { message, .. } => Some(Mistake::new(message)),
            error => Some(Mistake::new(with_causes(error))),
        }
    }

    pub(crate) fn file(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { action, path: path.to_owned(), source }
    }

    /// A request that got no answer, or not the whole of it.
    pub(crate) fn transport(method: &str, url: &str, error: reqwest::Error) -> Self {
        let (method, url) = (method.to_owned(), url.to_owned());
        let no_answer = error.is_connect() || (error.is_timeout() && error.is_request());
        // The URL is in this error's own line already.
        let source = Box::new(error.without_url());
        if no_answer { Self::Unreachable { url, source } } else { Self::Interrupted { method, url, source } }
    }
}

/// An error and its causes in one line.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
