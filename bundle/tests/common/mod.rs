//! A small bundle on disk for the tests.

use std::path::PathBuf;

use overhaul_bundle::golden::Golden;
use overhaul_bundle::interval::{Bin, Calibration, Interval};
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_bundle::scaler::{FeatureScale, Scaler};
use overhaul_bundle::{Draft, Metadata, Sha256Digest, VersionNumber};

/// A draft with two features and windows of three readings; its model is opaque bytes.
pub(crate) fn draft() -> Draft {
    let columns = ["setting_1", "sensor_1"].map(str::to_owned).to_vec();
    Draft {
        metadata: Metadata {
            name: "RUL-Prediction-Model".parse().unwrap(),
            version: Some(VersionNumber::FIRST),
            model_type: "GRU".to_owned(),
            rmse: Some(14.08),
            mae: Some(10.5),
            timestamp: "2026-01-15T10:30:45Z".parse().unwrap(),
            sequence_length: 3,
            input_features: 2,
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
            hidden_size: Some(64),
            layers: Some(2),
            heads: None,
            parameters: 42_000,
            device: "cpu".to_owned(),
            trainer: "overhaul-trainer 0.1.0".to_owned(),
            git_commit: None,
        },
        scaler: Scaler {
            features: columns
                .into_iter()
                .map(|name| FeatureScale { name, mean: 1.0, scale: 2.0, distribution: None, ignored: false })
                .collect(),
            conditions: None,
        },
        interval: Some(Interval {
            level: 0.9,
            bins: vec![Bin { below: None, lower: -20.0, upper: 20.0 }],
            calibration: Calibration { units: 10, windows: 1000, sha256: Sha256Digest::of(b"residuals") },
        }),
        golden: Golden {
            sequence_length: 3,
            features: 2,
            windows: vec![1.0; 12],
            expected: vec![80.0, 20.0],
            tolerance: 1e-3,
        },
        model: b"onnx".to_vec(),
        weights: Some(b"weights".to_vec()),
        report: None,
        component: ComponentEntry {
            interface: overhaul_bundle::component::INTERFACE.to_owned(),
            sha256: Sha256Digest::of(b"component"),
            size: 9,
        },
    }
}

/// The draft written as `v1` under a fresh directory.
pub(crate) fn bundle() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("v1");
    draft().write(&directory).unwrap();
    (home, directory)
}
