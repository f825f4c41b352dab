//! Ctrl-C as a question that training asks, so that it stops where nothing is half done.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

/// Whether the user wants training to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Asks Ctrl-C and SIGTERM from now on. A second one ends the program at once.
    pub fn on_signals() -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let asked = Arc::clone(&interrupt.0);
        ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            eprintln!("\nstopping after this batch; once more to stop at once");
        })
        .context("cannot take Ctrl-C")?;
        Ok(interrupt)
    }

    /// True once a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Training was stopped by the user; the best so far is kept where this says.
#[derive(Debug, thiserror::Error)]
pub struct Stopped {
    /// The epoch it was stopped in, from 1.
    pub epoch: u32,
    /// The best epoch before it with its validation RMSE in cycles, and the checkpoint that holds it.
    pub best: Option<(u32, f64, PathBuf)>,
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { epoch, best } = self;
        match best {
            Some((best, rmse, path)) => write!(
                f,
                "stopped in epoch {epoch}; the best so far, epoch {best} with validation RMSE {rmse:.2}, is kept in {}: the same command with --resume goes on, with --resume --finish it takes that epoch",
                path.display()
            ),
            None => write!(f, "stopped in epoch {epoch}, before any was over; nothing is kept"),
        }
    }
}
