//! The three files of one subset, such as FD001: training units, test units, and the test's answers.

use std::fs;
use std::path::Path;

use overhaul_bundle::digest::Hasher;
use overhaul_bundle::{Mistake, Sha256Digest};

use super::{Unit, read};

/// One subset of run-to-failure data.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The subset's name, such as `FD001`.
    pub subset: String,
    /// Units that ran until they failed at their last cycle.
    pub train: Vec<Unit>,
    /// Units that were cut off some time before failure.
    pub test: Vec<Unit>,
    /// The cycles that each test unit had left after its last reading.
    pub test_remaining: Vec<f32>,
    /// Digest over the bytes of the three files: train, test, RUL.
    pub sha256: Sha256Digest,
}

impl Dataset {
    /// Reads `train_SUBSET.txt`, `test_SUBSET.txt` and `RUL_SUBSET.txt`, whole or not at all.
    pub fn load(directory: &Path, subset: &str) -> anyhow::Result<Self> {
        let known = subsets(directory)?;
        if !known.iter().any(|name| name == subset) {
            let there = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Mistake::new(format!(
                "subset {subset:?} is not in {}; the subsets there: {there} (train_NAME.txt with test_NAME.txt and RUL_NAME.txt)",
                directory.display()
            ))
            .into());
        }
        let mut hasher = Hasher::default();
        let mut file = |kind: &str| {
            let path = directory.join(format!("{kind}_{subset}.txt"));
            if !path.is_file() {
                return Err(Mistake::new(format!(
                    "{} is missing; put it beside train_{subset}.txt",
                    path.display()
                ))
                .into());
            }
            let bytes = read::bytes(&path)?;
            hasher.update(&bytes);
            anyhow::Ok((path, bytes))
        };
        let (train_path, train) = file("train")?;
        let (test_path, test) = file("test")?;
        let (rul_path, rul) = file("RUL")?;
        let train = read::units(&train_path, &train)?;
        let test = read::units(&test_path, &test)?;
        let test_remaining = read::remaining(&rul_path, &rul, test.len())?;
        Ok(Self { subset: subset.to_owned(), train, test, test_remaining, sha256: hasher.finish().0 })
    }

    /// All cycles of some units.
    pub fn cycles(units: &[Unit]) -> usize {
        units.iter().map(Unit::cycles).sum()
    }
}

/// The names of the subsets that a directory holds training files of, sorted.
fn subsets(directory: &Path) -> anyhow::Result<Vec<String>> {
    if !directory.is_dir() {
        return Err(Mistake::new(format!(
            "data directory {} is not there; name one with --data, or make one with `overhaul-trainer simulate --out DIR`",
            directory.display()
        ))
        .into());
    }
    let unreadable =
        |e: std::io::Error| anyhow::Error::new(e).context(format!("cannot read {}", directory.display()));
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let subset = name.to_str().and_then(|name| name.strip_prefix("train_")?.strip_suffix(".txt"));
        names.extend(subset.map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
