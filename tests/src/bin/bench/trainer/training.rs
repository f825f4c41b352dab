//! One training, started as a user would.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use overhaul_bundle::{Bundle, Metadata};
use overhaul_tests::programs;
use serde_json::Value;

use crate::statistics::quantile;

/// The device that every machine has.
pub(super) const CPU: &str = "cpu";

/// Where the data lies, and where trainings may write.
pub(super) struct Place {
    data: PathBuf,
    folder: PathBuf,
}

/// What a training said.
pub(super) struct Training {
    /// Its answer in JSON.
    pub(super) answer: Value,
    pub(super) metadata: Metadata,
    /// The windows that it trained on.
    pub(super) windows: usize,
    pub(super) validation_units: usize,
    pub(super) epochs: Vec<Epoch>,
}

/// One epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Epoch {
    /// Its mean loss.
    pub(super) loss: f64,
    /// From what was said before it to its own line.
    pub(super) took: Duration,
}

impl Place {
    /// Trains on the data in `data`, in folders of `folder`.
    pub(super) fn new(data: &Path, folder: &Path) -> Self {
        Self { data: data.to_owned(), folder: folder.to_owned() }
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// Trains once, by the trainer's own command line; `libraries` is where the loader looks for libtorch first.
    pub(super) fn train(&self, arguments: &[String], libraries: Option<&Path>) -> Result<Training> {
        let folder = tempfile::tempdir_in(&self.folder)?;
        let mut command = self.command(folder.path(), arguments, libraries)?;
        // Into a file, so that one pipe is enough to read.
        let answer = folder.path().join("answer.json");
        command.stdout(File::create(&answer)?).stderr(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut before = Instant::now();
        let (mut said, mut epochs) = (String::new(), Vec::new());
        for line in BufReader::new(child.stderr.take().context("no standard error")?).lines() {
            let line = line?;
            let now = Instant::now();
            if let Some(loss) = loss_of(&line) {
                epochs.push(Epoch { loss, took: now - before });
            }
            before = now;
            said += &(line + "\n");
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{command:?} ended with {status}:\n{said}");
        }
        let part = |name: &str, word: &str| {
            number_before(&said, name, word)
                .with_context(|| format!("the trainer did not say how many {word}:\n{said}"))
        };
        Ok(Training {
            answer: serde_json::from_slice(&fs::read(&answer)?).context("the trainer printed no JSON")?,
            metadata: Bundle::open(&folder.path().join("bundle"))?.metadata()?,
            windows: part("training:", "cycles")?,
            validation_units: part("validation:", "units")?,
            epochs,
        })
    }

    fn command(&self, folder: &Path, arguments: &[String], libraries: Option<&Path>) -> Result<Command> {
        let mut command = programs::program("overhaul-trainer")?;
        command.args(["train", "--json", "--data"]).arg(&self.data).args(arguments);
        command.arg("--checkpoints").arg(folder.join("checkpoints"));
        command.arg("--out").arg(folder.join("bundle")).env_remove("MLFLOW_TRACKING_URI");
        if let Some(libraries) = libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        Ok(command)
    }
}

impl Training {
    /// The median of the epochs' seconds; the first, which waits for everything once, does not count.
    pub(super) fn epoch_seconds(&self) -> f64 {
        let epochs: Vec<Duration> = self.epochs.iter().skip(1).map(|epoch| epoch.took).collect();
        quantile(&epochs, 0.5).as_secs_f64()
    }
}

/// True if the trainer finds a GPU under a device's name.
pub(super) fn finds(place: &Place, device: &str, libraries: &Path) -> Result<bool> {
    let arguments = ["--model", "trend", "--epochs", "1", "--device", device].map(str::to_owned);
    match place.train(&arguments, Some(libraries)) {
        Ok(_) => Ok(true),
        Err(error) if error.to_string().contains(": libtorch finds ") => Ok(false),
        Err(error) => Err(error),
    }
}

/// The loss in an epoch's line: `epoch 1/15  loss 0.1  validation RMSE …`.
fn loss_of(line: &str) -> Option<f64> {
    let mut words = line.split_whitespace();
    (words.next()? == "epoch" && words.nth(1)? == "loss").then(|| words.next()?.parse().ok())?
}

/// The number before a word, in a line that begins with a name: `training:    75 units, 15405 cycles`.
fn number_before(said: &str, name: &str, word: &str) -> Option<usize> {
    said.lines().find_map(|line| {
        let words: Vec<&str> = line.trim_start().strip_prefix(name)?.split([' ', ',']).collect();
        let place = words.iter().position(|each| *each == word)?;
        words.get(place.checked_sub(1)?)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_trainer_are_read() {
        let line = "  epoch   3/15  loss 0.01952  validation RMSE  11.02 cycles     2 s *";
        assert_eq!(loss_of(line), Some(0.01952));
        assert_eq!(loss_of("  best epoch 4 of 4 by validation RMSE 10.50, in 3 s"), None);
        let said = "training: GRU on cpu\n  training:    75 units, 15405 cycles\n  validation:  10 units, 2025 cycles (choose)";
        assert_eq!(number_before(said, "validation:", "units"), Some(10));
        assert_eq!(number_before(said, "calibration:", "units"), None);
    }
}
