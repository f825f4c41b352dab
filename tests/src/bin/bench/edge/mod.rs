//! What a gateway does and costs: predictions, requests, readings, size and memory of component and agent.
//!
//! | module | measures |
//! | --- | --- |
//! | [`latency`] | predictions in the component, in native tract and in ONNX Runtime |
//! | [`onnxruntime`] | the last of the three, in a Python of its own |
//! | [`service`] | requests to predict, beside a FastAPI service with PyTorch |
//! | [`readings`] | readings of ten thousand units |
//! | [`footprint`] | bytes, seconds and memory |

mod footprint;
mod latency;
mod onnxruntime;
mod readings;
mod service;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use overhaul_tests::programs;

use crate::machine;

/// What is needed to measure a gateway.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The Python whose onnxruntime is measured.
    #[arg(long, env = "OVERHAUL_PYTHON", value_name = "FILE")]
    python: PathBuf,
    /// The Python whose FastAPI and PyTorch are measured; without it, there is no comparison.
    #[arg(long, env = "OVERHAUL_FASTAPI_PYTHON", value_name = "FILE")]
    fastapi: Option<PathBuf>,
    /// Compile the component, say how long that took and how much memory, and end.
    #[arg(long, hide = true)]
    compile_only: bool,
}

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.compile_only {
        return footprint::compile_here();
    }
    let folder = tempfile::tempdir()?;
    println!("{}\n", machine::line()?);
    let bundles = bundles(folder.path())?;
    latency::run(&bundles, &arguments.python, folder.path())?;
    service::run(&bundles[0].1, arguments.fastapi.as_deref(), folder.path())?;
    readings::run(&bundles[0].1, folder.path())?;
    footprint::run(&bundles[0].1, folder.path())
}

/// One bundle a kind of model, by its name: trained for an epoch on simulated data, because what a prediction
/// costs does not depend on the weights.
fn bundles(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let data = folder.join("data");
    let mut simulate = programs::program("overhaul-trainer")?;
    programs::run(simulate.args(["simulate", "--units", "20", "--out"]).arg(&data))?;
    let train = |model: &str| {
        eprintln!("training {model} for an epoch");
        let out = folder.join(model);
        let mut train = programs::program("overhaul-trainer")?;
        train.args(["train", "--epochs", "1", "--device", "cpu", "--model", &model.to_lowercase()]);
        train.arg("--checkpoints").arg(folder.join("checkpoints"));
        programs::run(train.arg("--data").arg(&data).arg("--out").arg(&out))?;
        Ok((model.to_owned(), out))
    };
    ["GRU", "LSTM"].into_iter().map(train).collect()
}
