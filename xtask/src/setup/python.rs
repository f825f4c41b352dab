//! A venv with the pinned Python packages: pip for setup itself, the rest as an independent judge of our ONNX files.

use std::process::Command;

use anyhow::Result;

use super::stage;
use crate::command::{run, succeeds};
use crate::layout::Layout;
use crate::progress::step;

/// All of them, with what they need, so that no machine gets others.
const PACKAGES: [&str; 8] = [
    "flatbuffers==25.12.19",
    "ml_dtypes==0.6.0",
    "numpy==2.4.6",
    "onnx==1.23.2",
    "onnxruntime==1.32.0",
    "packaging==26.3",
    "protobuf==7.36.2",
    "typing_extensions==4.16.0",
];

/// Makes the venv unless it is there and its Python still starts.
pub(super) fn ensure(layout: &Layout) -> Result<()> {
    let venv = layout.cache.join("venv");
    let stamp = PACKAGES.join("\n");
    if stage::is_whole(&venv, &stamp) && succeeds(Command::new(layout.python()).args(["-c", ""])) {
        return Ok(());
    }
    step("Python packages onnx and onnxruntime, in a venv", || {
        stage::replace(&venv, &stamp, |new| {
            run(Command::new("python3").args(["-m", "venv"]).arg(new))?;
            run(pip(&new.join("bin/python"))
                .args(["install", "--only-binary=:all:", "--no-deps"])
                .args(PACKAGES))
        })
    })
}

/// The venv's pip. It is started as a module: scripts of a venv name the folder it was made in.
pub(super) fn pip(python: &std::path::Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]);
    command
}
