//! An exported model is the trained one: to native tract, to the component, to onnx.checker and to ONNX Runtime.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::{Path, PathBuf};
use std::process::Command;

use overhaul_bundle::golden::Golden;
use overhaul_bundle::scaler::{Condition, ConditionColumn, Conditions, FeatureScale, Scaler};
use overhaul_edge::sandbox::{Limits, Sandbox};
use overhaul_trainer::data::Unit;
use overhaul_trainer::export::to_onnx;
use overhaul_trainer::golden::golden;
use overhaul_trainer::model::{Architecture, Head, Network, Output, Shape};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::Xoshiro256PlusPlus;
use tch::Device;

const OUTPUT: Output = Output { cycles: 125.0, clipped: true };

/// A model with the random weights that training starts with, and what it answers. What training makes of them is
/// compared in the same three ways before each version is written.
struct Case {
    name: String,
    onnx: Vec<u8>,
    golden: Golden,
}

impl Case {
    fn new(shape: Shape, conditions: usize, output: Output, seed: u64) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let scaler = scaler(shape.features, conditions, &mut random);
        let network = Network::new(shape, &scaler, output, seed, Device::Cpu);
        let weights = network.weights();
        let golden = golden(&network, &[unit(&scaler, &mut random)], &scaler);
        let onnx = to_onnx(&shape, &weights, &scaler, output).unwrap();
        Self { name: format!("{shape:?}, {conditions} conditions, seed {seed}"), onnx, golden }
    }

    fn must_be(&self, answers: &[f32]) {
        let difference = self.golden.largest_difference(answers);
        assert!(difference <= 1e-3, "{}: {difference} cycles", self.name);
    }
}

/// A unit whose readings wander around the means of an operating condition that changes from cycle to cycle.
fn unit(scaler: &Scaler, random: &mut Xoshiro256PlusPlus) -> Unit {
    let mut readings = Vec::new();
    for _ in 0..40 {
        let condition = scaler.conditions.as_ref().map(|conditions| {
            let place = random.random_range(0..conditions.list.len());
            &conditions.list[place]
        });
        for (column, feature) in scaler.features.iter().enumerate() {
            let (mean, scale) = condition.map_or((feature.mean, feature.scale), |condition| {
                (condition.mean[column], condition.scale[column])
            });
            let away = if condition.is_some() && column == 0 { 0.0 } else { random.random_range(-2.5..2.5) };
            readings.push((mean + away * scale) as f32);
        }
    }
    Unit { id: 1, name: "1".to_owned(), features: scaler.features.len(), readings }
}

/// Means and scales as sensors have them; with conditions the first column tells which.
fn scaler(features: usize, conditions: usize, random: &mut Xoshiro256PlusPlus) -> Scaler {
    let mut number = |low: f64, high: f64| random.random_range(low..high);
    let features: Vec<FeatureScale> = (0..features)
        .map(|column| FeatureScale {
            name: format!("column {column}"),
            mean: number(-50.0, 600.0),
            scale: number(0.1, 20.0),
            distribution: None,
            ignored: column % 5 == 3,
        })
        .collect();
    let list: Vec<Condition> = (0..conditions)
        .map(|place| {
            let centre = place as f64 * 10.0;
            let mut mean: Vec<f64> = features.iter().map(|_| number(-50.0, 600.0)).collect();
            mean[0] = centre;
            Condition {
                centre: vec![centre],
                mean,
                scale: features.iter().map(|_| number(0.1, 20.0)).collect(),
            }
        })
        .collect();
    let columns = vec![ConditionColumn { name: "column 0".to_owned(), scale: 10.0 * conditions as f64 }];
    let sharpness = 200.0 * (conditions as f64).powi(2);
    let conditions = (conditions > 1).then_some(Conditions { columns, sharpness, list });
    Scaler { features, conditions }
}

fn shape(
    architecture: Architecture,
    features: usize,
    sequence_length: usize,
    layers: usize,
    width: usize,
) -> Shape {
    Shape {
        architecture,
        sequence_length,
        features,
        hidden: 4 * width,
        layers,
        heads: 4,
        feed_forward: 24,
        head: Head::OwnLastStep,
    }
}

/// Every architecture, short and long windows, few and many columns, with and without operating conditions, and
/// what only imported models have.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for architecture in Architecture::ALL {
        cases.extend([
            Case::new(shape(architecture, 24, 30, 2, 16), 0, OUTPUT, 1),
            Case::new(shape(architecture, 24, 50, 2, 8), 6, OUTPUT, 2),
            Case::new(shape(architecture, 5, 1, 1, 2), 0, OUTPUT, 3),
            Case::new(shape(architecture, 60, 7, 3, 3), 3, OUTPUT, 4),
        ]);
        let imported = Shape { head: Head::WindowsLastStep, ..shape(architecture, 24, 30, 2, 4) };
        cases.push(Case::new(imported, 0, Output { cycles: 1.0, clipped: false }, 5));
    }
    cases
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn native_tract_answers_what_libtorch_answers(
        architecture in prop::sample::select(Architecture::ALL.to_vec()),
        features in 1..64usize,
        length in 1..60usize,
        layers in 1..4usize,
        width in 1..10usize,
        conditions in 0..7usize,
        seed in any::<u64>(),
    ) {
        let case = Case::new(shape(architecture, features, length, layers, width), conditions, OUTPUT, seed);
        let mut model = overhaul_component::Model::load(&case.onnx).unwrap();
        case.must_be(&model.predict(&case.golden.windows).unwrap());
    }
}

#[test]
fn the_component_answers_what_libtorch_answers() {
    let path = overhaul_bundle::component::locate(None).unwrap();
    let (bytes, _) = overhaul_bundle::component::read(&path).unwrap();
    let sandbox = Sandbox::compile(&bytes, Limits::default()).unwrap();
    for case in cases() {
        case.must_be(&sandbox.instantiate(&case.onnx).unwrap().predict(&case.golden.windows).unwrap());
    }
}

#[test]
fn onnx_checker_accepts_it_and_onnx_runtime_answers_what_libtorch_answers() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    for case in cases() {
        std::fs::write(file("model.onnx"), &case.onnx).unwrap();
        let windows: Vec<u8> = case.golden.windows.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(file("windows.f32"), windows).unwrap();
        let output = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx_check.py"))
            .args([file("model.onnx"), file("windows.f32")])
            .arg(case.golden.expected.len().to_string())
            .arg(file("answers.f32"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
        let answers = std::fs::read(file("answers.f32")).unwrap();
        let answers: Vec<f32> =
            answers.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        case.must_be(&answers);
    }
}

#[test]
fn the_same_weights_give_the_same_bytes() {
    let one = || Case::new(shape(Architecture::Gru, 24, 30, 2, 2), 6, OUTPUT, 1).onnx;
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
