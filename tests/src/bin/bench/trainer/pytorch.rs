//! The same training in Python with PyTorch.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use overhaul_tests::programs;
use serde::Deserialize;

use super::training::Epoch;

const SCRIPT: &str = include_str!("pytorch_epoch.py");
/// Prints its PyTorch's release and the folder of its libtorch.
const QUESTION: &str =
    "import numpy, os, torch; print(torch.__version__, os.path.join(os.path.dirname(torch.__file__), 'lib'))";

/// A Python that has PyTorch.
pub(super) struct Python {
    program: PathBuf,
    /// PyTorch's release, such as `2.11.0+cu130`.
    pub(super) torch: String,
    /// Where its libtorch lies.
    pub(super) libraries: PathBuf,
}

/// Where a batch comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Batches {
    /// A `DataLoader` over a `TensorDataset`.
    Loader,
    /// An index into one tensor.
    Tensor,
}

/// What the script said.
#[derive(Deserialize)]
pub(super) struct Report {
    /// The GPU's name, or `cpu`.
    pub(super) device_name: String,
    pub(super) parameters: u64,
    pub(super) windows: usize,
    pub(super) batches: usize,
    epochs: Vec<Figures>,
}

#[derive(Deserialize)]
struct Figures {
    seconds: f64,
    loss: f64,
}

impl Python {
    /// Asks a Python whether it has PyTorch; what is wrong fits into a line.
    pub(super) fn find(program: Option<&Path>) -> Result<Self, String> {
        let program = program.ok_or("no Python with PyTorch was named (OVERHAUL_TORCH_PYTHON)")?;
        let no_pytorch = || format!("{} has no PyTorch and NumPy", program.display());
        let said = programs::run(Command::new(program).args(["-c", QUESTION])).map_err(|_| no_pytorch())?;
        let (torch, libraries) = said.trim().split_once(' ').ok_or_else(no_pytorch)?;
        let (torch, libraries) = (torch.to_owned(), PathBuf::from(libraries));
        Ok(Self { program: program.to_owned(), torch, libraries })
    }

    /// Trains by the script.
    pub(super) fn train(&self, data: &Path, batches: Batches, arguments: &[String]) -> Result<Report> {
        let mut script = Command::new(&self.program);
        script.args(["-c", SCRIPT, "--data"]).arg(data).args(arguments);
        script.args(["--batches", batches.flag()]);
        serde_json::from_str(&programs::run(&mut script)?).context("the script printed no JSON")
    }
}

impl Batches {
    fn flag(self) -> &'static str {
        match self {
            Self::Loader => "loader",
            Self::Tensor => "tensor",
        }
    }
}

impl Report {
    pub(super) fn epochs(&self) -> impl Iterator<Item = Epoch> + '_ {
        self.epochs
            .iter()
            .map(|epoch| Epoch { loss: epoch.loss, took: Duration::from_secs_f64(epoch.seconds) })
    }
}
