//! How a training run shows itself: a bar on a terminal, one line an epoch elsewhere.

use std::io::IsTerminal as _;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Epoch;

/// Progress of a training run, on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    epochs: std::cell::Cell<u32>,
    started: std::cell::Cell<Instant>,
    shown: Shown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Bar,
    Lines,
    Nothing,
}

impl Progress {
    /// Progress for the standard error that the program has: a bar if it is a terminal, else lines.
    pub fn new() -> Self {
        let shown = if std::io::stderr().is_terminal() { Shown::Bar } else { Shown::Lines };
        Self { shown, ..Self::silent() }
    }

    /// No progress at all.
    pub fn silent() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { bar, epochs: 0.into(), started: Instant::now().into(), shown: Shown::Nothing }
    }

    /// `done` of `epochs` are over already, in a run that is resumed.
    pub(super) fn start(&self, epochs: u32, done: u32, batches: usize) {
        self.epochs.set(epochs);
        self.started.set(Instant::now());
        self.bar.set_length(u64::from(epochs) * batches as u64);
        self.bar.set_style(
            ProgressStyle::with_template("  {msg:52} [{bar:30}] {percent:>3} %, {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> "),
        );
        self.bar.set_position(u64::from(done) * batches as u64);
        self.bar.reset_eta();
        self.bar.set_message(format!("epoch {}/{epochs}", (done + 1).min(epochs)));
        if self.shown == Shown::Bar {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    pub(super) fn epoch(&self, epoch: u32, figures: &Epoch, improved: bool) {
        let epochs = self.epochs.get();
        let Epoch { loss, validation_rmse, .. } = figures;
        let mark = if improved { " *" } else { "" };
        let line = format!(
            "  epoch {epoch:>3}/{epochs}  loss {loss:.5}  validation RMSE {validation_rmse:6.2} cycles  {:>4.0} s{mark}",
            self.started.get().elapsed().as_secs_f64()
        );
        match self.shown {
            Shown::Bar => self.bar.println(line),
            Shown::Lines => eprintln!("{line}"),
            Shown::Nothing => {}
        }
        let next = (epoch + 1).min(epochs);
        self.bar.set_message(format!("epoch {next}/{epochs}, loss {loss:.5}, RMSE {validation_rmse:.2}"));
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}
