//! An exported model is the trained one: to native tract, to onnx.checker and to ONNX Runtime.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::{Path, PathBuf};
use std::process::Command;

use overhaul_bundle::scaler::Scaler;
use overhaul_trainer::data::{Dataset, FEATURES, Unit, scaler};
use overhaul_trainer::export::to_onnx;
use overhaul_trainer::golden::golden;
use overhaul_trainer::model::{Architecture, Network, Shape};
use overhaul_trainer::simulate;
use tch::Device;

const RUL_CAP: f64 = 125.0;

fn units() -> Vec<Unit> {
    let directory = tempfile::tempdir().unwrap();
    simulate::write(directory.path(), "FD001", 2, 1).unwrap();
    Dataset::load(directory.path(), "FD001").unwrap().train
}

/// A network with the random weights it starts with: they are as good as any to compare two ways to run it.
fn network(
    architecture: Architecture,
    layers: usize,
    hidden: usize,
    sequence_length: usize,
    scaler: &Scaler,
) -> Network {
    let shape = Shape { architecture, sequence_length, features: FEATURES, hidden, layers };
    Network::new(shape, scaler, RUL_CAP, 3, Device::Cpu)
}

fn export(network: &Network, scaler: &Scaler) -> Vec<u8> {
    to_onnx(&network.shape(), &network.weights(), scaler, RUL_CAP).unwrap()
}

const SIZES: [(Architecture, usize, usize, usize); 7] = [
    (Architecture::Gru, 2, 64, 30),
    (Architecture::Lstm, 2, 64, 30),
    (Architecture::Gru, 1, 5, 7),
    (Architecture::Lstm, 1, 5, 7),
    (Architecture::Gru, 3, 8, 2),
    (Architecture::Lstm, 3, 8, 2),
    (Architecture::Gru, 2, 8, 1),
];

#[test]
fn native_tract_answers_what_libtorch_answers() {
    let units = units();
    let scaler = scaler::fit(&units);
    for (architecture, layers, hidden, length) in SIZES {
        let network = network(architecture, layers, hidden, length, &scaler);
        let golden = golden(&network, &units, &scaler);
        assert!(golden.expected.len() >= 16);
        let mut model = overhaul_component::Model::load(&export(&network, &scaler)).unwrap();
        let difference = golden.largest_difference(&model.predict(&golden.windows).unwrap());
        assert!(
            difference <= golden.tolerance,
            "{architecture:?} {layers}x{hidden}, window {length}: {difference}"
        );
    }
}

#[test]
fn onnx_checker_accepts_it_and_onnx_runtime_answers_what_libtorch_answers() {
    let units = units();
    let scaler = scaler::fit(&units);
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    for (architecture, layers, hidden, length) in SIZES {
        let network = network(architecture, layers, hidden, length, &scaler);
        let golden = golden(&network, &units, &scaler);
        std::fs::write(file("model.onnx"), export(&network, &scaler)).unwrap();
        let windows: Vec<u8> = golden.windows.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(file("windows.f32"), windows).unwrap();
        let output = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx_check.py"))
            .args([file("model.onnx"), file("windows.f32")])
            .arg(golden.expected.len().to_string())
            .arg(file("answers.f32"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answers = std::fs::read(file("answers.f32")).unwrap();
        let answers: Vec<f32> =
            answers.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let difference = golden.largest_difference(&answers);
        assert!(
            difference <= golden.tolerance,
            "{architecture:?} {layers}x{hidden}, window {length}: {difference}"
        );
    }
}

#[test]
fn the_same_weights_give_the_same_bytes() {
    let scaler = scaler::fit(&units());
    let one = || export(&network(Architecture::Gru, 2, 8, 30, &scaler), &scaler);
    assert_eq!(one(), one());
}

/// The interpreter that has onnx and ONNX Runtime: what `OVERHAUL_PYTHON` names, else the environment that
/// `cargo xtask setup` makes in the cache folder.
fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("OVERHAUL_PYTHON") {
        return named.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let python = cache.unwrap_or_default().join("overhaul/venv/bin/python3");
    assert!(
        python.is_file(),
        "there is no {}; run `cargo xtask setup`, or name an interpreter with onnx and onnxruntime in OVERHAUL_PYTHON",
        python.display()
    );
    python
}
