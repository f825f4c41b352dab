//! Bundles to measure with: trained for an epoch on simulated data, because what a prediction costs does not depend
//! on the weights.

use std::path::{Path, PathBuf};

use anyhow::Result;
use overhaul_tests::programs;

/// One bundle of each of the models, such as `gru`, in `folder`, trained with more arguments.
pub(crate) fn trained<const COUNT: usize>(
    folder: &Path,
    models: [&str; COUNT],
    more: &[&str],
) -> Result<[PathBuf; COUNT]> {
    let data = folder.join("data");
    let mut simulate = programs::program("overhaul-trainer")?;
    programs::run(simulate.args(["simulate", "--units", "20", "--out"]).arg(&data))?;
    for model in models {
        eprintln!("training {model} for an epoch");
        let mut train = programs::program("overhaul-trainer")?;
        train.args(["train", "--epochs", "1", "--device", "cpu", "--model", model]).args(more);
        train.arg("--checkpoints").arg(folder.join("checkpoints"));
        programs::run(train.arg("--data").arg(&data).arg("--out").arg(folder.join(model)))?;
    }
    Ok(models.map(|model| folder.join(model)))
}
