//! Small real bundles: a GRU or an LSTM with what ONNX Runtime answers to its golden windows.

use std::fs;
use std::path::Path;

use overhaul_bundle::golden::Golden;
use overhaul_bundle::interval::{Bin, Calibration, Interval};
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_bundle::scaler::{FeatureScale, Scaler};
use overhaul_bundle::{Draft, Metadata, Sha256Digest, VersionNumber};
use prost::Message as _;
use tract_onnx::pb::ModelProto;

use super::hostile;
use crate::zoo;

/// Readings in a window of the real models here.
pub(crate) const LENGTH: usize = 7;
/// Numbers in a reading of the real models here.
pub(crate) const FEATURES: usize = 3;

/// A GRU as version `version`.
pub(crate) fn gru(version: u32) -> Draft {
    real("gru_linear_before_reset_1", "GRU", version)
}

/// An LSTM as version `version`.
pub(crate) fn lstm(version: u32) -> Draft {
    real("lstm", "LSTM", version)
}

/// The hostile component's model as version 1; its one golden window is its first call.
pub(crate) fn hostile() -> Draft {
    hostile_with(1, hostile::MODEL)
}

/// A model of the hostile component as version `version`.
pub(crate) fn hostile_with(version: u32, model: &[u8]) -> Draft {
    let golden =
        Golden { sequence_length: 1, features: 1, windows: vec![1.0], expected: vec![1.0], tolerance: 1e-3 };
    draft("GRU", version, golden, model.to_vec(), &hostile::component())
}

/// Any component's model as version `version`; its golden vectors are `count` windows of ones, each
/// with the answer of a component that behaves.
pub(crate) fn foreign(version: u32, component: &[u8], model: zoo::Model, count: usize) -> Draft {
    let golden = Golden {
        sequence_length: model.window,
        features: model.features,
        windows: vec![1.0; count * model.window * model.features],
        expected: vec![model.answer; count],
        tolerance: 1e-3,
    };
    draft("GRU", version, golden, zoo::MODEL.to_vec(), component)
}

/// The ONNX model of a draft after a change to it.
pub(crate) fn change_model(draft: &mut Draft, change: impl FnOnce(&mut ModelProto)) {
    let mut model = ModelProto::decode(draft.model.as_slice()).unwrap();
    change(&mut model);
    draft.model = model.encode_to_vec();
}

/// Readings of one unit, `[count, FEATURES]`, from the golden windows.
pub(crate) fn readings(draft: &Draft, count: usize) -> Vec<Vec<f32>> {
    draft.golden.windows.chunks(FEATURES).cycle().take(count).map(<[f32]>::to_vec).collect()
}

fn real(fixture: &str, model_type: &str, version: u32) -> Draft {
    let path = format!("{}/../component/tests/fixtures/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let hex = json["model"].as_str().unwrap();
    let model =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let floats = |key: &str| {
        json[key].as_array().unwrap().iter().map(|value| value.as_f64().unwrap() as f32).collect()
    };
    let golden = Golden {
        sequence_length: LENGTH,
        features: FEATURES,
        windows: floats("windows"),
        expected: floats("expected"),
        tolerance: 1e-3,
    };
    draft(model_type, version, golden, model, &fs::read(super::component()).unwrap())
}

fn draft(model_type: &str, version: u32, golden: Golden, model: Vec<u8>, component: &[u8]) -> Draft {
    let columns: Vec<String> = (1..=golden.features).map(|number| format!("sensor_{number}")).collect();
    let scale =
        |name: String| FeatureScale { name, mean: 0.0, scale: 1.0, distribution: None, ignored: false };
    Draft {
        metadata: Metadata {
            name: "RUL-Prediction-Model".parse().unwrap(),
            version: Some(VersionNumber::try_from(version).unwrap()),
            model_type: model_type.to_owned(),
            rmse: Some(14.08),
            mae: Some(10.5),
            timestamp: "2026-01-15T10:30:45Z".parse().unwrap(),
            sequence_length: golden.sequence_length,
            input_features: golden.features,
            feature_columns: columns.clone(),
            epochs: Some(15),
            batch_size: Some(256),
            learning_rate: Some(0.002),
            final_loss: Some(0.01),
            rmse_raw: Some(15.3),
            mae_raw: Some(11.2),
            nasa_score: Some(390.0),
            validation_rmse: Some(13.9),
            best_epoch: Some(12),
            rul_cap: Some(125.0),
            dataset: "FD001".to_owned(),
            dataset_sha256: Some(Sha256Digest::of(b"data")),
            test_units: Some(100),
            seed: Some(1),
            split_seed: None,
            dropout: None,
            conditions: None,
            ridge_rmse: None,
            imported: false,
            hidden_size: Some(5),
            layers: Some(1),
            heads: None,
            parameters: 200,
            device: "cpu".to_owned(),
            trainer: "overhaul-trainer 0.1.0".to_owned(),
            git_commit: None,
        },
        scaler: Scaler { features: columns.into_iter().map(scale).collect(), conditions: None },
        interval: Some(Interval {
            level: 0.9,
            bins: vec![Bin { below: None, lower: -20.0, upper: 20.0 }],
            calibration: Calibration { units: 10, windows: 1000, sha256: Sha256Digest::of(b"residuals") },
        }),
        golden,
        model,
        weights: None,
        report: None,
        component: ComponentEntry {
            interface: overhaul_bundle::component::INTERFACE.to_owned(),
            sha256: Sha256Digest::of(component),
            size: component.len() as u64,
        },
    }
}

/// Writes a draft as the bundle `name` under a directory.
pub(crate) fn write(draft: &Draft, home: &Path, name: &str) -> std::path::PathBuf {
    let place = home.join(name);
    draft.write(&place).unwrap();
    place
}
