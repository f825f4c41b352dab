//! ONNX Runtime, timed by its Python package in a process of its own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use overhaul_tests::programs;
use serde_json::Value;

use super::latency::{BATCH_ROUNDS, ROUNDS, Samples, Windows};

const SCRIPT: &str = include_str!("onnxruntime.py");

/// Times a model's bundle on windows.
pub(crate) fn time(python: &Path, model: &Path, windows: &Windows, folder: &Path) -> Result<Samples> {
    let input = folder.join("windows.f32");
    let bytes: Vec<u8> = windows.values.iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(&input, bytes)?;
    let mut script = Command::new(python);
    script.args(["-c", SCRIPT]).arg(model).arg(&input);
    script.args([windows.length, windows.features, ROUNDS, BATCH_ROUNDS].map(|number| number.to_string()));
    let said: Value =
        serde_json::from_str(&programs::run(&mut script)?).context("the script printed no JSON")?;
    let durations = |name: &str| -> Vec<Duration> {
        said[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .map(Duration::from_nanos)
            .collect()
    };
    Ok(Samples {
        engine: format!("ONNX Runtime {}", said["version"].as_str().unwrap_or("?")),
        single: durations("single"),
        batch: durations("batch"),
        answers: said["answers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .map(|v| v as f32)
            .collect(),
    })
}
