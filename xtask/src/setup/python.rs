//! A venv with the pinned Python packages: pip for setup itself, onnx and ONNX Runtime as an independent judge of
//! our ONNX files, MLflow's client as that of the registry, moto as a real S3 API for the registry's tests, tritonclient as a client of gateways.

use std::process::Command;

use anyhow::Result;

use super::stage;
use crate::command::{run, succeeds};
use crate::layout::Layout;
use crate::progress::step;

/// All of them, with what they need, so that no machine gets others. moto is without what only its other
/// services than S3 need, and takes no python-dateutil from 3. scikit-learn is what the client's autologging is
/// judged with. tritonclient is what the gateway's Open Inference Protocol is judged with, without what only its
/// asynchronous half needs.
const PACKAGES: [&str; 78] = [
    "annotated-doc==0.0.7",
    "annotated-types==0.8.0",
    "anyio==4.16.0",
    "blinker==1.9.0",
    "boto3==1.44.5",
    "botocore==1.44.5",
    "brotli==1.2.1",
    "cachetools==7.3.2",
    "certifi==2026.10.18",
    "cffi==2.1.1",
    "charset-normalizer==3.5.2",
    "click==8.5.1",
    "cloudpickle==3.1.2",
    "cryptography==50.0.2",
    "databricks-sdk==0.156.0",
    "fastapi==0.165.0",
    "flask-cors==6.0.5",
    "flask==3.1.3",
    "flatbuffers==25.12.19",
    "gevent==26.9.0",
    "geventhttpclient==2.6.1",
    "gitdb==4.0.12",
    "gitpython==3.2.1",
    "google-auth==2.62.2",
    "greenlet==3.3.2",
    "h11==0.16.0",
    "idna==3.20",
    "importlib_metadata==9.1.0",
    "itsdangerous==2.2.0",
    "jinja2==3.1.6",
    "jmespath==1.1.0",
    "joblib==1.6.0",
    "markupsafe==3.0.4",
    "ml_dtypes==0.6.0",
    "mlflow-skinny==3.17.2",
    "moto==5.2.5",
    "narwhals==2.29.0",
    "numpy==2.4.6",
    "onnx==1.23.2",
    "onnxruntime==1.32.0",
    "opentelemetry-api==1.45.2",
    "opentelemetry-proto==1.45.2",
    "opentelemetry-sdk==1.45.2",
    "opentelemetry-semantic-conventions==0.66b2",
    "packaging==26.3",
    "pandas==3.1.1",
    "protobuf==7.36.2",
    "py-partiql-parser==0.6.3",
    "pyasn1==0.6.5",
    "pyasn1_modules==0.4.2",
    "pycparser==3.12",
    "pydantic==2.14.3",
    "pydantic_core==2.50.4",
    "python-dateutil==2.9.0.post0",
    "python-dotenv==1.2.4",
    "python-rapidjson==1.25",
    "pyyaml==6.0.3",
    "requests==2.34.2",
    "responses==0.26.3",
    "s3transfer==0.19.3",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "six==1.17.0",
    "smmap==5.0.3",
    "sqlparse==0.6.1",
    "starlette==1.10.0",
    "threadpoolctl==3.8.0",
    "tritonclient==2.73.0",
    "typing-inspection==0.4.5",
    "typing_extensions==4.16.0",
    "tzdata==2026.6",
    "urllib3==2.8.0",
    "uvicorn==0.54.0",
    "werkzeug==3.1.9",
    "xmltodict==1.0.4",
    "zipp==4.1.2",
    "zope.event==6.2",
    "zope.interface==8.7",
];

/// Makes the venv unless it is there and its Python still starts.
pub(super) fn ensure(layout: &Layout) -> Result<()> {
    let venv = layout.cache.join("venv");
    let stamp = PACKAGES.join("\n");
    if stage::is_whole(&venv, &stamp) && succeeds(Command::new(layout.python()).args(["-c", ""])) {
        return Ok(());
    }
    step("Python packages (onnx, onnxruntime, mlflow-skinny, moto, tritonclient), in a venv", || {
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
