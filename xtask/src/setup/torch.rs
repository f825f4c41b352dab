//! A venv with PyTorch, which the trainer's speed is compared with; only `bench trainer` needs it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{python::pip, stage};
use crate::command::{run, succeeds};
use crate::layout::Layout;
use crate::progress::step;

/// The release that the trainer's libtorch is of, so that both sides compute with the same kernels. It brings the
/// CUDA packages that it names itself.
const PACKAGES: [&str; 2] = ["torch==2.11.0", "numpy==2.4.6"];

/// Makes the venv unless it is there and its PyTorch still loads; answers its Python.
pub(super) fn ensure(layout: &Layout) -> Result<PathBuf> {
    let venv = layout.cache.join("torch-venv");
    let python = venv.join("bin/python");
    let stamp = PACKAGES.join("\n");
    if stage::is_whole(&venv, &stamp) && succeeds(Command::new(&python).args(["-c", "import torch, numpy"])) {
        return Ok(python);
    }
    step("PyTorch in a venv, to compare with (2 to 3 GB to download, several minutes)", || {
        stage::replace(&venv, &stamp, |new| {
            run(Command::new("python3").args(["-m", "venv"]).arg(new))?;
            run(pip(&new.join("bin/python")).args(["install", "--only-binary=:all:"]).args(PACKAGES))
        })
    })?;
    Ok(python)
}
