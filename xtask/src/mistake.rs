//! A user's mistake against a fault: exit code 2 with one line, or 1 with the chain of causes.
//!
//! The programs share `overhaul_bundle::mistake`; this crate is compiled before that one.

use std::process::ExitCode;

/// Something the user can mend: one line with the thing, the value and the mend.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Mistake(pub(crate) String);

/// An error that is the user's to mend.
pub(crate) fn mistake(line: impl Into<String>) -> anyhow::Error {
    Mistake(line.into()).into()
}

/// Prints an error and answers its exit code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if error.chain().any(<dyn std::error::Error>::is::<Mistake>) {
        eprintln!("error: {error:#}");
        return ExitCode::from(2);
    }
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  caused by: {cause}");
    }
    ExitCode::from(1)
}
