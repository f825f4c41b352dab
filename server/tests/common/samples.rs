//! Small real bundles to publish; the command line's tests use them as well.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::fs;
use std::path::PathBuf;

use overhaul_bundle::golden::Golden;
use overhaul_bundle::interval::{Bin, Calibration, Interval};
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_bundle::scaler::{FeatureScale, Scaler};
use overhaul_bundle::{Bundle, Draft, Metadata, ModelName, Sha256Digest, VersionNumber};
use overhaul_client::{PublishedVersion, Registry};
use tempfile::TempDir;

pub(crate) const MODEL: &str = "RUL-Prediction-Model";
pub(crate) const COMPONENT: &[u8] = b"\0asm a component";

pub(crate) fn model() -> ModelName {
    MODEL.parse().unwrap()
}

pub(crate) fn version(number: u32) -> VersionNumber {
    VersionNumber::try_from(number).unwrap()
}

/// A small bundle with the component it names, in a directory of its own.
pub(crate) struct Sample {
    _directory: TempDir,
    pub(crate) bundle: Bundle,
    pub(crate) component: PathBuf,
}

pub(crate) fn sample(number: Option<u32>, model_bytes: &[u8]) -> Sample {
    write(&draft(number, model_bytes))
}

pub(crate) fn write(draft: &Draft) -> Sample {
    let directory = tempfile::tempdir().unwrap();
    let component = directory.path().join("overhaul-component.wasm");
    fs::write(&component, COMPONENT).unwrap();
    let bundle = draft.write(&directory.path().join("bundle")).unwrap();
    Sample { _directory: directory, bundle, component }
}

pub(crate) fn draft(number: Option<u32>, model_bytes: &[u8]) -> Draft {
    Draft {
        metadata: metadata(number),
        scaler: Scaler {
            features: ["a", "b"]
                .map(|name| FeatureScale {
                    name: name.to_owned(),
                    mean: 1.0,
                    scale: 2.0,
                    distribution: None,
                    ignored: false,
                })
                .to_vec(),
            conditions: None,
        },
        interval: Some(Interval {
            level: 0.9,
            bins: vec![Bin { below: None, lower: -8.0, upper: 8.0 }],
            calibration: Calibration { units: 10, windows: 100, sha256: Sha256Digest::of(b"calibration") },
        }),
        golden: Golden {
            sequence_length: 3,
            features: 2,
            windows: vec![0.5; 6],
            expected: vec![42.0],
            tolerance: 1e-3,
        },
        model: model_bytes.to_vec(),
        weights: Some(b"weights".to_vec()),
        report: None,
        component: ComponentEntry {
            interface: "overhaul:inference/model@0.1.0".to_owned(),
            sha256: Sha256Digest::of(COMPONENT),
            size: COMPONENT.len() as u64,
        },
    }
}

pub(crate) fn metadata(number: Option<u32>) -> Metadata {
    Metadata {
        name: model(),
        version: number.map(version),
        model_type: "GRU".to_owned(),
        rmse: Some(22.49),
        mae: Some(16.79),
        timestamp: "2024-01-15T10:30:45Z".parse().unwrap(),
        sequence_length: 3,
        input_features: 2,
        feature_columns: vec!["a".to_owned(), "b".to_owned()],
        epochs: Some(15),
        batch_size: Some(256),
        learning_rate: Some(0.002),
        final_loss: Some(0.1),
        rmse_raw: Some(23.5),
        mae_raw: Some(17.5),
        nasa_score: Some(390.0),
        validation_rmse: Some(14.0),
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
        parameters: 42_369,
        device: "cpu".to_owned(),
        trainer: "overhaul-trainer 0.1.0".to_owned(),
        git_commit: None,
    }
}

/// Reserves a number and publishes a bundle under it.
pub(crate) async fn publish(registry: &Registry, model_bytes: &[u8]) -> PublishedVersion {
    publish_with(registry, model_bytes, |_| {}).await
}

/// The same with other metadata.
pub(crate) async fn publish_with(
    registry: &Registry,
    model_bytes: &[u8],
    adjust: impl FnOnce(&mut Metadata),
) -> PublishedVersion {
    let number = registry.reserve_version(&model()).await.unwrap();
    let mut draft = draft(Some(number.get()), model_bytes);
    adjust(&mut draft.metadata);
    let sample = write(&draft);
    registry.publish(&sample.bundle, &sample.component).await.unwrap()
}
