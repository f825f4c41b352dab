//! Programs in Python that ask the registry through MLflow's own client.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::programs;

/// The interpreter that has MLflow's client: what `OVERHAUL_PYTHON` names, else that of `cargo xtask setup`.
fn interpreter() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("OVERHAUL_PYTHON") {
        return Ok(named.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let python = cache.unwrap_or_default().join("overhaul/venv/bin/python");
    if !python.is_file() {
        let path = python.display();
        bail!("there is no {path}; run `cargo xtask setup`, or name an interpreter in OVERHAUL_PYTHON");
    }
    Ok(python)
}

/// A script of the checkout's `tests/`, with none of the caller's settings of MLflow.
pub fn script(path: &str) -> Result<Command> {
    let mut command = Command::new(interpreter()?);
    command.arg(programs::checkout().join("tests").join(path));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MLFLOW_") {
            command.env_remove(name);
        }
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("MLFLOW_DISABLE_TELEMETRY", "true");
    // Standard output is for answers.
    command.env("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true");
    Ok(command)
}

/// Runs a script of `tests/both_ways` that asks a registry: its words, what it reads, and what it answers.
pub fn ask(registry: &str, words: &[&str], input: &Value) -> Result<Value> {
    let (name, words) = words.split_first().context("no script is named")?;
    let mut command = script(&format!("both_ways/{name}.py"))?;
    command.args(words).env("MLFLOW_TRACKING_URI", registry);
    ask_with(&mut command, input)
}

/// The same with a command that was made some other way.
pub fn ask_with(command: &mut Command, input: &Value) -> Result<Value> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    // A script that fails may not read to the end: its own words say more than a broken pipe.
    let sent = stdin.write_all(input.to_string().as_bytes());
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    sent?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{command:?} answers {:?}", String::from_utf8_lossy(&output.stdout)))
}
