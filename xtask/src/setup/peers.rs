//! Venvs with what this project's speed is compared with; only `bench` needs them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{python::pip, stage};
use crate::command::{run, succeeds};
use crate::layout::Layout;
use crate::progress::step;

/// A peer in Python, in a venv of its own.
pub(crate) struct Peer {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The setting that names a Python which has it, instead of the venv.
    pub(crate) setting: &'static str,
    venv: &'static str,
    /// Pinned; they bring what they need themselves.
    packages: &'static [&'static str],
    /// Python that works when all is there.
    check: &'static str,
    cost: &'static str,
}

/// What the trainer is compared with: the release that its libtorch is of, so that both sides compute with the
/// same kernels.
pub(crate) const PYTORCH: Peer = Peer {
    name: "PyTorch",
    setting: "OVERHAUL_TORCH_PYTHON",
    venv: "torch-venv",
    packages: &["torch==2.11.0", "numpy==2.4.6"],
    check: "import torch, numpy",
    cost: "2 to 3 GB to download, several minutes",
};

/// What the gateway is compared with: the service that most would write instead.
pub(crate) const FASTAPI: Peer = Peer {
    name: "FastAPI with PyTorch",
    setting: "OVERHAUL_FASTAPI_PYTHON",
    venv: "fastapi-venv",
    packages: &["fastapi==0.165.0", "numpy==2.4.6", "torch==2.11.0", "uvicorn[standard]==0.54.0"],
    check: "import fastapi, torch, uvicorn, uvloop",
    cost: "2 to 3 GB to download, several minutes",
};

/// What the registry is compared with.
pub(crate) const MLFLOW: Peer = Peer {
    name: "MLflow",
    setting: "OVERHAUL_MLFLOW_PYTHON",
    venv: "mlflow-venv",
    packages: &["mlflow==3.17.2"],
    check: "import mlflow.server",
    cost: "1 GB, two minutes",
};

/// Makes a peer's venv unless it is there and still works; answers its Python.
pub(super) fn ensure(layout: &Layout, peer: &Peer) -> Result<PathBuf> {
    let venv = layout.cache.join(peer.venv);
    let python = venv.join("bin/python");
    let stamp = peer.packages.join("\n");
    if stage::is_whole(&venv, &stamp) && succeeds(Command::new(&python).args(["-c", peer.check])) {
        return Ok(python);
    }
    step(&format!("{} in a venv, to compare with ({})", peer.name, peer.cost), || {
        stage::replace(&venv, &stamp, |new| {
            run(Command::new("python3").args(["-m", "venv"]).arg(new))?;
            run(pip(&new.join("bin/python")).args(["install", "--only-binary=:all:"]).args(peer.packages))
        })
    })?;
    Ok(python)
}
