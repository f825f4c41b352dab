//! Compiles a component in a process of its own, under limits; what that process says is final.
//!
//! | module | holds |
//! | --- | --- |
//! | [`confine`] | what the compiling process does to itself before it reads a byte |
//! | `verdict` | what it answers, and what its end means |
//!
//! A compiler is given foreign bytes, so it is the one place where a component could take more than
//! its share: small components can be made that take hours or all memory to compile. The agent
//! therefore starts itself as `overhaul-edge compile`, one at a time, gives it the component on
//! standard input and waits, at most for the time limit. It never compiles a component itself
//! because that process failed.

pub mod confine;
mod verdict;

use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use super::limits::CompileLimits;
pub use verdict::{CompileError, Verdict};

/// The most of what the process prints that is kept, in bytes: the last of it.
const KEPT: usize = 8 << 10;
/// The stack of a thread that only copies bytes.
const STACK: usize = 64 << 10;

/// Starts the processes that compile, one at a time.
pub(super) struct Compiler {
    program: PathBuf,
    limits: CompileLimits,
    one_at_a_time: Mutex<()>,
}

impl Compiler {
    /// `program compile` with these limits.
    pub(super) fn new(program: PathBuf, limits: CompileLimits) -> Self {
        Self { program, limits, one_at_a_time: Mutex::new(()) }
    }

    /// Waits until no other component is being compiled, then does `work`.
    pub(super) fn alone<T>(&self, work: impl FnOnce() -> T) -> T {
        // There is no state behind the lock that a panic could have left wrong.
        let _alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }

    /// Compiles a component into the cache in `data_dir`.
    pub(super) fn compile(&self, data_dir: &Path, component: &[u8]) -> Result<(), CompileError> {
        let ended = self.run(data_dir, component).map_err(CompileError::Start)?;
        if !ended.errors.is_empty() {
            tracing::info!("compiling said: {}", ended.errors.trim_end());
        }
        match ended.status {
            None => Err(CompileError::Time(self.limits.time)),
            Some(status) => verdict::of(status, &ended.answer, &ended.errors, &self.limits),
        }
    }

    fn run(&self, data_dir: &Path, component: &[u8]) -> io::Result<Ended> {
        let child = Command::new(&self.program)
            .args(["compile", "--data-dir"])
            .arg(data_dir)
            .args(confine::arguments(&self.limits))
            // A crash is told in one line, whatever the agent's own environment wants.
            .env("RUST_BACKTRACE", "0")
            .env("RAYON_NUM_THREADS", confine::threads().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // Declared outside of the scope: if that is left early, the process ends first.
        let mut child = Ending(child);
        let (input, output, errors) = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
        std::thread::scope(|scope| {
            let (say, said) = mpsc::channel();
            // Ends early with an error if the process does, which that one's verdict explains.
            start(scope, move || input.map_or(Ok(()), |mut input| input.write_all(component)))?;
            let errors = start(scope, move || errors.map_or_else(String::new, last_of))?;
            start(scope, move || say.send(output.map_or_else(String::new, last_of)))?;
            // The process closes its output when it ends, and not before.
            let answer = said.recv_timeout(self.limits.time);
            let in_time = answer.is_ok();
            if !in_time {
                child.0.kill()?;
            }
            let status = child.0.wait()?;
            let errors = errors.join().unwrap_or_default();
            Ok(Ended { status: in_time.then_some(status), answer: answer.unwrap_or_default(), errors })
        })
    }
}

/// How a compiling process ended.
struct Ended {
    /// `None` when it had to be killed, because its time was over.
    status: Option<ExitStatus>,
    answer: String,
    errors: String,
}

/// A process that does not outlive this value.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // Both fail only for a process that has ended and been waited for already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().name("compiling".to_owned()).stack_size(STACK).spawn_scoped(scope, work)
}

/// Reads to the end and keeps the last of it.
fn last_of(mut reader: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4 << 10];
    loop {
        match reader.read(&mut buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => return String::from_utf8_lossy(&kept).into_owned(),
            Ok(count) => {
                kept.extend_from_slice(&buffer[..count]);
                kept.drain(..kept.len().saturating_sub(KEPT));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;

    #[test]
    fn of_an_endless_text_the_last_is_kept() {
        let text = "x".repeat(100_000) + "the end";
        let kept = last_of(text.as_bytes());
        assert!(kept.len() == KEPT && kept.ends_with("the end"));
    }

    #[test]
    fn a_program_that_cannot_be_started_is_no_fault_of_the_component() {
        let compiler = Compiler::new("/no/such/program".into(), CompileLimits::default());
        let error = compiler.compile(Path::new("/tmp"), b"").unwrap_err();
        assert!(matches!(error, CompileError::Start(_)) && !error.is_lasting(), "{error}");
    }

    #[test]
    fn a_process_that_never_reads_and_never_ends_is_ended() {
        let home = tempfile::tempdir().unwrap();
        let program = home.path().join("talker");
        std::fs::write(&program, "#!/bin/sh\nexec yes\n").unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let limits = CompileLimits { time: Duration::from_millis(200), ..CompileLimits::default() };
        // More than a pipe holds.
        let error = Compiler::new(program, limits).compile(home.path(), &vec![0; 1 << 20]).unwrap_err();
        assert!(matches!(error, CompileError::Time(_)) && error.is_lasting(), "{error}");
    }

    #[test]
    fn a_process_without_a_verdict_is_no_success() {
        let error = Compiler::new("true".into(), CompileLimits::default())
            .compile(Path::new("/tmp"), b"")
            .unwrap_err();
        assert!(matches!(error, CompileError::Fault(_)), "{error}");
    }
}
