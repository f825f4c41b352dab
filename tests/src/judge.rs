//! The judge in `tests/mlflow`: MLflow's own client, unmodified, and what MLflow's own server answered it.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::{programs, python};

/// Where the judge lies.
pub fn folder() -> PathBuf {
    programs::checkout().join("tests/mlflow")
}

/// Runs some topics against a registry, with settings of MLflow's client; `work` is where its notes go. What differs
/// is the error's text.
pub fn judge(registry: &str, topics: &[&str], settings: &[(&str, &str)], work: &Path) -> Result<()> {
    let seen = work.join("seen.json");
    let only: Vec<&str> = topics.iter().flat_map(|topic| ["--only", topic]).collect();
    let mut record = python::script("mlflow/judge.py")?;
    record.args(["record", "--uri", registry, "--out"]).arg(&seen).args(&only);
    programs::run(record.envs(settings.iter().copied()))?;

    let mut compare = python::script("mlflow/judge.py")?;
    compare.arg("compare").arg(folder().join("expected.json")).arg(&seen);
    let compared = compare.arg("--on-purpose").arg(folder().join("on_purpose.json")).args(&only).output()?;
    let (found, told) = (String::from_utf8(compared.stdout)?, String::from_utf8(compared.stderr)?);
    ensure!(compared.status.success(), "MLflow's client sees differences:\n{found}{told}");
    Ok(())
}
