//! The programs under test, as they were built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The folder of the built programs: the one this program lies in, or the one above it.
pub fn folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot tell where this program lies")?;
    let mut folders = program.ancestors().skip(1).take(2);
    let found = folders.find(|folder| folder.join("overhaul-edge").is_file());
    Ok(found.context("the programs are not built; run `cargo build --workspace` first")?.to_owned())
}

/// A program by its name, such as `overhaul-edge`, with none of the caller's settings.
pub fn program(name: &str) -> Result<Command> {
    let path = folder()?.join(name);
    if !path.is_file() {
        bail!("{} is not built; run `cargo build --workspace` first", path.display());
    }
    let mut command = Command::new(path);
    for setting in [
        "OVERHAUL_REGISTRY",
        "OVERHAUL_TOKEN",
        "OVERHAUL_CA_CERT",
        "OVERHAUL_COMPONENT",
        "MLFLOW_TRACKING_URI",
        "MLFLOW_TRACKING_TOKEN",
    ] {
        command.env_remove(setting);
    }
    Ok(command)
}

/// The component beside the programs.
pub fn component() -> Result<PathBuf> {
    let path = folder()?.join("overhaul-component.wasm");
    if !path.is_file() {
        bail!("{} is not there; run `cargo xtask setup` first", path.display());
    }
    Ok(path)
}

/// The checkout.
pub fn checkout() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Runs a program to its end and answers what it printed; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
