//! What a training run leaves for `metadata.json`.

use std::process::Command;

use overhaul_bundle::scaler::Scaler;
use overhaul_bundle::{Metadata, ModelName};
use tch::Device;

use crate::data::Dataset;
use crate::device;
use crate::evaluate::TestScore;
use crate::model::Architecture;
use crate::train::{Settings, Trained};

/// The metadata of a version that has no number yet.
pub(super) fn metadata(
    name: &ModelName,
    settings: &Settings,
    dataset: &Dataset,
    scaler: &Scaler,
    trained: &Trained,
    score: &TestScore,
    device: Device,
) -> Metadata {
    let shape = trained.network.shape();
    Metadata {
        name: name.clone(),
        version: None,
        model_type: settings.architecture.name().to_owned(),
        rmse: Some(score.errors.capped.rmse),
        mae: Some(score.errors.capped.mae),
        timestamp: jiff::Timestamp::now(),
        sequence_length: settings.sequence_length,
        input_features: dataset.schema.features.len(),
        feature_columns: dataset.schema.features.clone(),
        epochs: Some(trained.epochs.len() as u32),
        batch_size: Some(settings.batch_size),
        learning_rate: Some(settings.learning_rate),
        final_loss: Some(trained.final_loss()),
        rmse_raw: Some(score.errors.raw.rmse),
        mae_raw: Some(score.errors.raw.mae),
        nasa_score: Some(score.errors.capped.nasa_score),
        validation_rmse: Some(trained.validation_rmse),
        best_epoch: Some(trained.best_epoch),
        rul_cap: Some(settings.rul_cap),
        dataset: dataset.subset.clone(),
        dataset_sha256: Some(dataset.sha256),
        test_units: Some(score.units as u32),
        seed: Some(settings.seed),
        split_seed: Some(settings.split_seed),
        dropout: Some(settings.dropout),
        conditions: scaler.conditions.as_ref().map(|conditions| conditions.list.len() as u32),
        ridge_rmse: score.ridge.map(|ridge| ridge.capped.rmse),
        imported: false,
        hidden_size: Some(settings.hidden_size as u32),
        layers: Some(settings.layers as u32),
        heads: (settings.architecture == Architecture::Transformer).then_some(settings.heads as u32),
        parameters: shape.parameter_count() as u64,
        device: device::name(device),
        trainer: trainer(),
        git_commit: git_commit(),
    }
}

/// This program's name and release.
pub(super) fn trainer() -> String {
    concat!("overhaul-trainer ", env!("CARGO_PKG_VERSION")).to_owned()
}

/// The commit of the working directory, if it is in a git checkout and git is there.
pub(super) fn git_commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !commit.is_empty()).then_some(commit)
}
