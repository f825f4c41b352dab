//! Why a version is not run.

use crate::load::RunError;
use crate::pull::PullError;

/// Why a version is not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    #[error(transparent)]
    Pull(#[from] PullError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("cannot record what runs")]
    Record(#[source] std::io::Error),
    #[error("the agent ended {0} times within a minute of starting it, on probation")]
    ShortLives(u32),
    #[error("the agent is shutting down")]
    Ending,
}

impl FollowError {
    /// True when the version itself is to blame, so that trying it again is of no use.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Pull(error) => error.is_lasting(),
            Self::Run(error) => error.is_lasting(),
            Self::ShortLives(_) => true,
            Self::Record(_) | Self::Ending => false,
        }
    }
}

/// An error with its causes in one line.
pub(super) fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    for cause in std::iter::successors(error.source(), |e| e.source()) {
        let cause = cause.to_string();
        // Transparent errors repeat their cause.
        if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}
