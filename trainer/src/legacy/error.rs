//! Why a legacy file is refused.

use std::path::{Path, PathBuf};

/// Why a legacy file is refused. Each line names the file, the thing and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LegacyError {
    /// The file names a function, a class or an instruction that is not read as data.
    #[error("{} asks for {name}, which is not among the types that are read; nothing of it was run: {mend}", path.display())]
    Asks {
        /// The file.
        path: PathBuf,
        /// What it asks for, as `module.name`, control characters escaped.
        name: String,
        /// What to do instead.
        mend: &'static str,
    },
    /// The bytes contradict themselves, end early or exceed a limit.
    #[error("{} is damaged: {problem}; copy it again, or {mend}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
        /// What to do instead.
        mend: &'static str,
    },
    /// The file is sound but of a kind that is not read.
    #[error("{} {problem}; {mend}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What the file is or holds.
        problem: String,
        /// What to do instead.
        mend: &'static str,
    },
}

/// A reason to refuse bytes whose file is not known yet.
#[derive(Debug)]
pub(super) enum Refusal {
    /// See [`LegacyError::Asks`].
    Asks(String),
    /// See [`LegacyError::Damaged`].
    Damaged(String),
    /// See [`LegacyError::Unsupported`].
    Unsupported(String),
}

impl Refusal {
    /// The refusal of a name that the file gives.
    pub(super) fn asks(name: &str) -> Self {
        Self::Asks(shown(name))
    }

    /// The refusal of bytes that contradict themselves.
    pub(super) fn damaged<T>(problem: impl Into<String>) -> Result<T, Self> {
        Err(Self::Damaged(problem.into()))
    }

    /// The refusal of a sound file of another kind.
    pub(super) fn unsupported<T>(problem: impl Into<String>) -> Result<T, Self> {
        Err(Self::Unsupported(problem.into()))
    }

    /// The user's error, once the file and its mend are known.
    pub(super) fn in_file(self, path: &Path, mend: &'static str) -> LegacyError {
        let path = path.to_owned();
        match self {
            Self::Asks(name) => LegacyError::Asks { path, name, mend },
            Self::Damaged(problem) => LegacyError::Damaged { path, problem, mend },
            Self::Unsupported(problem) => LegacyError::Unsupported { path, problem, mend },
        }
    }
}

/// A name from the file such that it stays on one short line.
pub(super) fn shown(name: &str) -> String {
    const MOST: usize = 80;
    let mut text: String = name.chars().take(MOST).flat_map(char::escape_debug).collect();
    if name.chars().nth(MOST).is_some() {
        text.push('…');
    }
    text
}
