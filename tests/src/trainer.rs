//! The trainer's program, and what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail, ensure};
use overhaul_bundle::VersionNumber;
use serde_json::Value;

use crate::programs;

/// The exit code of a mistake that is the user's.
const MISTAKE: i32 = 2;

/// The trainer, with a home of its own.
#[derive(Debug, Clone)]
pub struct Trainer {
    state: PathBuf,
    registry: Option<String>,
}

impl Trainer {
    /// A trainer that keeps its checkpoints in a folder, and knows no registry.
    pub fn new(folder: &Path) -> Self {
        Self { state: folder.join("state"), registry: None }
    }

    /// The same trainer with a registry.
    #[must_use]
    pub fn at(self, registry: &str) -> Self {
        Self { registry: Some(registry.to_owned()), ..self }
    }

    /// The files of its checkpoints, which a run that is over has removed.
    pub fn checkpoints(&self) -> Result<Vec<PathBuf>> {
        let folder = self.state.join("overhaul/checkpoints");
        if folder.is_dir() { crate::disk::files(&folder) } else { Ok(Vec::new()) }
    }

    /// A command: its words, and flags with the paths that follow them.
    pub fn command(&self, words: &str, paths: &[(&str, &Path)]) -> Result<Command> {
        let mut command = programs::program("overhaul-trainer")?;
        command.env("XDG_STATE_HOME", &self.state).args(words.split_whitespace());
        if let Some(registry) = &self.registry {
            command.env("OVERHAUL_REGISTRY", registry);
        }
        for (flag, path) in paths {
            if !flag.is_empty() {
                command.arg(flag);
            }
            command.arg(path);
        }
        Ok(command)
    }

    /// Runs a command to its end, whatever that is.
    pub fn output(&self, words: &str, paths: &[(&str, &Path)]) -> Result<Output> {
        let mut command = self.command(words, paths)?;
        command.output().with_context(|| format!("cannot start {command:?}"))
    }

    /// What a command prints for people.
    pub fn told(&self, words: &str, paths: &[(&str, &Path)]) -> Result<String> {
        programs::run(&mut self.command(words, paths)?)
    }

    /// What a command answers programs.
    pub fn answer(&self, words: &str, paths: &[(&str, &Path)]) -> Result<Value> {
        let text = programs::run(self.command(words, paths)?.arg("--json"))?;
        serde_json::from_str(&text).with_context(|| format!("{words} answers {text:?}"))
    }

    /// The one line that refuses a command.
    pub fn refusal(&self, words: &str, paths: &[(&str, &Path)]) -> Result<String> {
        let output = self.output(words, paths)?;
        let line = String::from_utf8(output.stderr)?;
        if output.status.code() != Some(MISTAKE) || line.lines().count() != 1 {
            bail!("{words} ended with {}:\n{line}", output.status);
        }
        Ok(line)
    }

    /// Publishes the bundle in a directory and answers its number.
    pub fn publish(&self, directory: &Path) -> Result<VersionNumber> {
        let answer = self.answer("publish", &[("", directory)])?;
        let number = answer["version"].as_u64().context("published without a number")?;
        Ok(u32::try_from(number)?.try_into()?)
    }
}

/// Simulated run-to-failure data in a new folder.
pub fn simulate(folder: &Path, units: usize, seed: u64) -> Result<()> {
    let words = format!("simulate --units {units} --seed {seed}");
    Trainer::new(folder).told(&words, &[("--out", folder)]).map(drop)
}

/// Refuses a text that lacks one of the parts.
pub fn must_say(text: &str, parts: &[&str]) -> Result<()> {
    for part in parts {
        ensure!(text.contains(part), "{text:?} lacks {part:?}");
    }
    Ok(())
}
