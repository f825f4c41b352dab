//! A venv with the pinned Python packages: pip for setup itself, onnx and ONNX Runtime as an independent judge of
//! our ONNX files, moto as a real S3 API for the registry's tests.

use std::process::Command;

use anyhow::Result;

use super::stage;
use crate::command::{run, succeeds};
use crate::layout::Layout;
use crate::progress::step;

/// All of them, with what they need, so that no machine gets others. moto is without what only its other
/// services than S3 need.
const PACKAGES: [&str; 35] = [
    "blinker==1.9.0",
    "boto3==1.44.5",
    "botocore==1.44.5",
    "certifi==2026.10.18",
    "cffi==2.1.1",
    "charset-normalizer==3.5.2",
    "click==8.5.1",
    "cryptography==50.0.2",
    "flask==3.1.3",
    "flask-cors==6.0.5",
    "flatbuffers==25.12.19",
    "idna==3.20",
    "itsdangerous==2.2.0",
    "jinja2==3.1.6",
    "jmespath==1.1.0",
    "markupsafe==3.0.4",
    "ml_dtypes==0.6.0",
    "moto==5.2.5",
    "numpy==2.4.6",
    "onnx==1.23.2",
    "onnxruntime==1.32.0",
    "packaging==26.3",
    "protobuf==7.36.2",
    "py-partiql-parser==0.6.3",
    "pycparser==3.12",
    "python-dateutil==2.9.0.post0",
    "pyyaml==6.0.3",
    "requests==2.34.2",
    "responses==0.26.3",
    "s3transfer==0.19.3",
    "six==1.17.0",
    "typing_extensions==4.16.0",
    "urllib3==2.8.0",
    "werkzeug==3.1.9",
    "xmltodict==1.0.4",
];

/// Makes the venv unless it is there and its Python still starts.
pub(super) fn ensure(layout: &Layout) -> Result<()> {
    let venv = layout.cache.join("venv");
    let stamp = PACKAGES.join("\n");
    if stage::is_whole(&venv, &stamp) && succeeds(Command::new(layout.python()).args(["-c", ""])) {
        return Ok(());
    }
    step("Python packages onnx, onnxruntime and moto, in a venv", || {
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
