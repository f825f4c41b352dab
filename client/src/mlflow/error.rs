//! What can go wrong between a program and the tracking server.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use overhaul_bundle::Mistake;

use super::token::VARIABLE;

/// Why logging a run failed. Each line names the URL, file or key, what happened and the mend.
#[derive(Debug, thiserror::Error)]
pub enum MlflowError {
    /// The tracking server's URL is none.
    #[error("MLflow URL {url:?} is not valid: {problem}; use one such as http://127.0.0.1:5000")]
    BadUrl {
        /// The text that was given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The token is none; it is not shown.
    #[error("{VARIABLE} holds no token that an HTTP header can carry; set it anew, or unset it")]
    BadToken,
    /// Nothing answers at the server's address, or it stopped answering before it began to.
    #[error("no MLflow server answers at {url}; start one there, or name the right one")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What the connection said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server answered with an error.
    #[error("MLflow refused {method} {url}: {status} {error_code}: {message}")]
    Refused {
        /// The request's method.
        method: String,
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// `MLflow`'s error code, or `UNKNOWN` when the answer is not `MLflow`'s own.
        error_code: String,
        /// The server's own words.
        message: String,
    },
    /// The answer is not what the tracking API answers.
    #[error("{url} answered what no MLflow server answers: {problem}; check the URL")]
    NotUnderstood {
        /// What was asked.
        url: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// The connection broke off in the middle.
    #[error("the connection broke off during {method} {url}; try again")]
    Interrupted {
        /// The request's method.
        method: String,
        /// What was asked.
        url: String,
        /// What the connection said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A file to upload could not be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A parameter or tag is longer than `MLflow` keeps.
    #[error("the value of {key:?} has {length} characters, MLflow takes {limit}; shorten it")]
    TooLong {
        /// The parameter's or tag's key.
        key: String,
        /// Its value's length.
        length: usize,
        /// What `MLflow` takes.
        limit: usize,
    },
    /// An experiment of this name was deleted, and its name is not free.
    #[error(
        "the MLflow experiment {0:?} is deleted, and its name is taken all the same; restore it, or name another"
    )]
    Deleted(String),
    /// The server keeps artifacts where only a client with its own access can put them.
    #[error(
        "artifacts of this MLflow server go straight to {0}, not through the server; start it with --artifacts-destination instead"
    )]
    NotProxied(String),
    /// An artifact's path is none.
    #[error("{0:?} is no path of an artifact; use names joined by /, none of them empty, . or ..")]
    BadPath(String),
}

impl MlflowError {
    /// True when nothing answered, or the connection broke: trying later can help.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Interrupted { .. })
    }

    /// True when the server answered with one of `MLflow`'s error codes.
    pub(super) fn is_refused(&self, code: &str) -> bool {
        matches!(self, Self::Refused { error_code, .. } if error_code == code)
    }

    /// The one line for `main` to report when it is the user's to mend; `None` for a fault.
    pub fn mistake(&self) -> Option<Mistake> {
        let mendable = match self {
            Self::BadUrl { .. }
            | Self::BadToken
            | Self::TooLong { .. }
            | Self::Deleted(_)
            | Self::NotProxied(_)
            | Self::BadPath(_) => true,
            Self::Refused { status, .. } => (300..500).contains(status),
            Self::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Unreachable { .. } | Self::NotUnderstood { .. } | Self::Interrupted { .. } => false,
        };
        mendable.then(|| match self.source() {
            Some(cause) => Mistake::new(format!("{self}: {cause}")),
            None => Mistake::new(self.to_string()),
        })
    }

    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    /// A request that got no answer, or not the whole of it.
    pub(super) fn transport(method: &str, url: &str, error: reqwest::Error) -> Self {
        let (method, url) = (method.to_owned(), url.to_owned());
        let no_answer = error.is_connect() || (error.is_timeout() && error.is_request());
        // The URL is in this error's own line already.
        let source = Box::new(error.without_url());
        if no_answer { Self::Unreachable { url, source } } else { Self::Interrupted { method, url, source } }
    }
}
