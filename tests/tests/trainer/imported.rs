//! `register` publishes a model that PyTorch trained elsewhere, and it answers what PyTorch answered.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use overhaul_bundle::Bundle;
use overhaul_component::Model;
use overhaul_tests::programs;
use overhaul_tests::trainer::Trainer;
use serde_json::Value;

use super::case::Case;

/// Between PyTorch and ONNX, in cycles.
const TOLERANCE: f64 = 1e-4;

/// A file that Python wrote.
pub(crate) fn fixture(name: &str) -> PathBuf {
    programs::checkout().join("trainer/tests/fixtures/legacy").join(name)
}

/// The windows that PyTorch was shown, and its answers.
struct Recorded {
    windows: Vec<Vec<Vec<f64>>>,
    answers: Vec<f64>,
}

impl Recorded {
    fn of(kind: &str) -> Result<Self> {
        let recorded: Value = serde_json::from_slice(&fs::read(fixture("networks.json"))?)?;
        Ok(Self {
            windows: serde_json::from_value(recorded["raw_windows"].clone())?,
            answers: serde_json::from_value(recorded["networks"][kind]["outputs"].clone())?,
        })
    }

    /// Refuses a bundle whose model answers otherwise.
    fn check(&self, bundle: &Bundle) -> Result<()> {
        let windows: Vec<f32> = self.windows.iter().flatten().flatten().map(|value| *value as f32).collect();
        let answers = Model::load(&bundle.model()?).unwrap().predict(&windows).unwrap();
        assert_eq!(answers.len(), self.answers.len());
        for (answer, expected) in answers.iter().zip(&self.answers) {
            assert!((f64::from(*answer) - expected).abs() < TOLERANCE, "{answer} instead of {expected}");
        }
        Ok(())
    }

    /// The windows as units of a CSV file.
    fn csv(&self, columns: &[String]) -> String {
        let mut text = format!("unit,{}\n", columns.join(","));
        for (unit, window) in self.windows.iter().enumerate() {
            for row in window {
                let numbers: Vec<String> = row.iter().map(ToString::to_string).collect();
                let _ = writeln!(text, "{unit},{}", numbers.join(","));
            }
        }
        text
    }
}

/// Refuses a version that `load` or `predict` finds other than PyTorch's.
fn is_usable(trainer: &Trainer, recorded: &Recorded, bundle: &Bundle, folder: &Path) -> Result<()> {
    let version = bundle.manifest().version.unwrap();
    recorded.check(bundle)?;
    let loaded = trainer.answer(&format!("load --version {version}"), &[])?;
    assert!(loaded["largest_difference"].as_f64().unwrap() < 1e-3, "{loaded}");
    let input = folder.join("windows.csv");
    fs::write(&input, recorded.csv(&bundle.metadata()?.feature_columns))?;
    let predicted = trainer.answer(&format!("predict --version {version}"), &[("--input", &input)])?;
    for (answer, expected) in predicted.as_array().unwrap().iter().zip(&recorded.answers) {
        // What is left of a life is never less than nothing.
        let difference = answer["predicted_rul"].as_f64().unwrap() - expected.max(0.0);
        assert!(difference.abs() < TOLERANCE, "{answer} instead of {expected}");
    }
    Ok(())
}

#[test]
fn a_state_dict_with_its_scaler_is_measured_on_data_published_and_answers_as_pytorch_did() -> Result<()> {
    let case = Case::new()?;
    let (out, data) = (case.folder.path().join("bundle"), case.models.data());
    let paths = [
        ("--model-path", fixture("states/bilstm.pth")),
        ("--scaler-path", fixture("networks.pkl")),
        ("--data", data.clone()),
        ("--out", out.clone()),
    ];
    let paths = paths.each_ref().map(|(flag, path)| (*flag, path.as_path()));
    let answer = case.trainer.answer("register --model-type bilstm", &paths)?;
    assert_eq!((&answer["imported"], &answer["version"]), (&true.into(), &1.into()));

    let bundle = Bundle::open(&out)?;
    let metadata = bundle.metadata()?;
    assert!(metadata.imported && case.registry.versions()?[0].metadata.imported);
    assert_eq!((metadata.model_type.as_str(), metadata.heads, metadata.rul_cap), ("BiLSTM", None, None));
    assert_eq!(answer["metrics"]["raw"]["rmse"], metadata.rmse.unwrap());
    is_usable(&case.trainer, &Recorded::of("bilstm")?, &bundle, case.folder.path())?;

    let evaluated = case.trainer.answer("evaluate --version 1", &[("--data", &data)])?;
    let difference = evaluated["metrics"]["raw"]["rmse"].as_f64().unwrap() - metadata.rmse_raw.unwrap();
    assert!(difference.abs() < 1e-3 && evaluated["same_data"] == true, "{evaluated}");
    Ok(())
}

#[test]
fn the_guides_folder_is_published_with_what_its_metadata_says() -> Result<()> {
    let case = Case::new()?;
    let (guides, out) = (case.folder.path().join("v3"), case.folder.path().join("bundle"));
    fs::create_dir(&guides)?;
    fs::copy(fixture("states/transformer.pth"), guides.join("model.pth"))?;
    fs::copy(fixture("networks.pkl"), guides.join("scaler.pkl"))?;
    let columns: Vec<String> = (1..=24).map(|number| format!("column_{number}")).collect();
    let metadata = serde_json::json!({
        "version": 3, "model_type": "transformer", "rmse": 14.5, "mae": 10.25,
        "timestamp": "2024-01-15T10:30:45.123456", "sequence_length": 30, "input_features": 24,
        "feature_columns": columns, "epochs": 50, "batch_size": 64, "learning_rate": 0.001, "final_loss": 123.5,
    });
    fs::write(guides.join("metadata.json"), metadata.to_string())?;

    let answer = case.trainer.answer("register", &[("--dir", &guides), ("--out", &out)])?;
    assert_eq!((&answer["rmse"], &answer["metrics"]), (&14.5.into(), &Value::Null));
    let bundle = Bundle::open(&out)?;
    let written = bundle.metadata()?;
    assert_eq!(
        (written.model_type.as_str(), written.heads, written.imported),
        ("Transformer", Some(4), true)
    );
    assert_eq!((written.rmse, written.mae), (Some(14.5), Some(10.25)));
    assert_eq!(written.timestamp.to_string(), "2024-01-15T10:30:45.123456Z");
    assert_eq!((written.epochs, written.batch_size), (Some(50), Some(64)));
    assert_eq!((written.learning_rate, written.final_loss), (Some(0.001), Some(123.5)));
    assert_eq!(written.feature_columns[3], "sensor_1", "the scaler's own names come first");
    is_usable(&case.trainer, &Recorded::of("transformer")?, &bundle, case.folder.path())
}
