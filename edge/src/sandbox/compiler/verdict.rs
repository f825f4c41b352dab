//! What the compiling process answers, and what its end means.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::confine::LARGEST_FORM;
use crate::sandbox::SandboxError;
use crate::sandbox::cache::CacheError;
use crate::sandbox::error::one_line;
use crate::sandbox::limits::CompileLimits;

/// What Rust's allocator says before it ends a process that is refused memory.
const NO_MEMORY: &str = "memory allocation of";

/// What the compiling process answers, as one line of JSON on its standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The compiled form is in the cache.
    Compiled,
    /// The component is to blame, in one line.
    Refused(String),
    /// Memory ran out in a place that could tell.
    OutOfMemory,
    /// Something else is to blame, in one line.
    Fault(String),
}

/// Why a component was not compiled. One line each.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The component was refused.
    #[error("{0}")]
    Refused(String),
    /// It was still being compiled when the time was over.
    #[error(
        "the component takes longer than {} s to compile; publish the version with another component, \
         or give this gateway more with --compile-timeout", .0.as_secs_f64()
    )]
    Time(Duration),
    /// It took all the memory there may be.
    #[error(
        "the component takes more than {} MiB of memory to compile; publish the version with another component, \
         or give this gateway more with --compile-memory", .0 >> 20
    )]
    Memory(u64),
    /// Its compiled form is too large.
    #[error(
        "the component's compiled form is larger than {} MiB; publish the version with another component",
        LARGEST_FORM >> 20
    )]
    Size,
    /// The compiler itself fell over it.
    #[error("the compiler crashed on the component ({0}); publish the version with another component")]
    Crashed(String),
    /// The system, or somebody, ended the process.
    #[error("compiling the component was ended by {0}, perhaps for want of memory; free some")]
    Killed(ExitStatus),
    /// The process could not be started or waited for.
    #[error("cannot start the process that compiles the component")]
    Start(#[source] io::Error),
    /// The process worked, but not for a reason of the component's.
    #[error("cannot compile the component: {0}")]
    Fault(String),
}

impl CompileError {
    /// True when the component is to blame, so that compiling it again is of no use.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Time(_) | Self::Memory(_) | Self::Size | Self::Crashed(_) => true,
            Self::Killed(_) | Self::Start(_) | Self::Fault(_) => false,
        }
    }
}

impl From<Result<(), CacheError>> for Verdict {
    fn from(outcome: Result<(), CacheError>) -> Self {
        let error = match outcome {
            Ok(()) => return Self::Compiled,
            Err(CacheError::Sandbox(SandboxError::OutOfMemory(_))) => return Self::OutOfMemory,
            Err(error) => error,
        };
        let mut line = error.to_string();
        for cause in std::iter::successors(std::error::Error::source(&error), |e| e.source()) {
            let cause = cause.to_string();
            // Transparent errors repeat their cause.
            if !line.ends_with(&cause) {
                line = format!("{line}: {cause}");
            }
        }
        let line = one_line(&line);
        if error.is_lasting() { Self::Refused(line) } else { Self::Fault(line) }
    }
}

/// Judges a process that has ended by itself, from its status, standard output and standard error.
pub(super) fn of(
    status: ExitStatus,
    answer: &str,
    errors: &str,
    limits: &CompileLimits,
) -> Result<(), CompileError> {
    if let Some(signal) = status.signal().and_then(Signal::from_named_raw) {
        return Err(match signal {
            Signal::XCPU => CompileError::Time(limits.time),
            Signal::XFSZ => CompileError::Size,
            Signal::ABORT if errors.contains(NO_MEMORY) => CompileError::Memory(limits.memory_bytes),
            Signal::ABORT | Signal::SEGV | Signal::BUS | Signal::ILL | Signal::FPE | Signal::TRAP => {
                CompileError::Crashed(format!("{status}{}", last_line(errors)))
            }
            _ => CompileError::Killed(status),
        });
    }
    match serde_json::from_str(answer.trim()) {
        Ok(Verdict::Compiled) if status.success() => Ok(()),
        Ok(Verdict::Refused(line)) => Err(CompileError::Refused(one_line(&line))),
        Ok(Verdict::OutOfMemory) => Err(CompileError::Memory(limits.memory_bytes)),
        Ok(Verdict::Fault(line)) => Err(CompileError::Fault(one_line(&line))),
        // What a panic exits with.
        _ if status.code() == Some(101) => {
            Err(CompileError::Crashed(format!("a panic{}", last_line(errors))))
        }
        _ => Err(CompileError::Fault(format!("{status} without a verdict{}", last_line(errors)))),
    }
}

/// `: ` and the last line that says something; nothing if there is none.
fn last_line(errors: &str) -> String {
    let last = errors.lines().rev().find(|line| !line.trim().is_empty() && !line.starts_with("note: "));
    last.map(|line| format!(": {}", one_line(line.trim()))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a process with this wait status is judged.
    fn judged(status: i32, answer: &str, errors: &str) -> CompileError {
        of(ExitStatus::from_raw(status), answer, errors, &CompileLimits::default()).unwrap_err()
    }

    const SUCCESS: i32 = 0;
    const PANIC: i32 = 101 << 8;
    const ABORT: i32 = Signal::ABORT.as_raw();
    const KILL: i32 = Signal::KILL.as_raw();

    #[test]
    fn the_component_is_to_blame_for_limits_and_crashes_but_not_for_a_kill() {
        let no_memory = "memory allocation of 4096 bytes failed\n";
        assert!(matches!(judged(ABORT, "", no_memory), CompileError::Memory(_)));
        assert!(matches!(judged(Signal::XCPU.as_raw(), "", ""), CompileError::Time(_)));
        assert!(matches!(judged(Signal::XFSZ.as_raw(), "", ""), CompileError::Size));
        for crash in [
            judged(Signal::SEGV.as_raw(), "", ""),
            judged(ABORT, "", "overflowed its stack"),
            judged(PANIC, "", ""),
        ] {
            assert!(matches!(crash, CompileError::Crashed(_)) && crash.is_lasting(), "{crash}");
        }
        let killed = judged(KILL, "", "");
        assert!(matches!(killed, CompileError::Killed(_)) && !killed.is_lasting());
    }

    #[test]
    fn a_crash_is_told_with_the_last_line_that_was_said() {
        let said = "thread 'main' panicked at x.rs:1:\nno such register\nnote: run with RUST_BACKTRACE=1\n\n";
        assert!(judged(PANIC, "", said).to_string().contains("(a panic: no such register)"));
    }

    #[test]
    fn a_verdict_is_taken_only_from_a_process_that_ended_well() {
        let compiled = serde_json::to_string(&Verdict::Compiled).unwrap();
        let limits = CompileLimits::default();
        assert!(of(ExitStatus::from_raw(SUCCESS), &(compiled.clone() + "\n"), "", &limits).is_ok());
        assert!(matches!(judged(1 << 8, &compiled, ""), CompileError::Fault(_)));
        assert!(matches!(judged(KILL, &compiled, ""), CompileError::Killed(_)));
        assert!(matches!(judged(SUCCESS, "", ""), CompileError::Fault(_)));
        let refused = serde_json::to_string(&Verdict::Refused("it\nimports".to_owned())).unwrap();
        assert_eq!(judged(SUCCESS, &refused, "").to_string(), "it imports");
    }
}
