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

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::{bundles, machine};

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
    let [gru, lstm] = bundles::trained(folder.path(), ["gru", "lstm"], &[])?;
    latency::run(&[("GRU", &gru), ("LSTM", &lstm)], &arguments.python, folder.path())?;
    service::run(&gru, arguments.fastapi.as_deref(), folder.path())?;
    readings::run(&gru, folder.path())?;
    footprint::run(&gru, folder.path())
}
