//! What a training run leaves for `metadata.json`.

use std::process::Command;

use overhaul_bundle::Metadata;
use tch::Device;

use crate::cli::TrainArguments;
use crate::data::{COLUMNS, Dataset, FEATURES};
use crate::evaluate::TestScore;
use crate::train::{Settings, Trained};

/// The metadata of a version that has no number yet.
pub(super) fn metadata(
    arguments: &TrainArguments,
    settings: &Settings,
    dataset: &Dataset,
    trained: &Trained,
    score: &TestScore,
    device: Device,
) -> Metadata {
    Metadata {
        name: arguments.name.clone(),
        version: None,
        model_type: settings.architecture.name().to_owned(),
        rmse: score.capped.rmse,
        mae: score.capped.mae,
        timestamp: jiff::Timestamp::now(),
        sequence_length: settings.sequence_length,
        input_features: FEATURES,
        feature_columns: COLUMNS.map(str::to_owned).to_vec(),
        epochs: settings.epochs,
        batch_size: settings.batch_size,
        learning_rate: settings.learning_rate,
        final_loss: trained.final_loss,
        rmse_raw: score.raw.rmse,
        mae_raw: score.raw.mae,
        nasa_score: score.capped.nasa_score,
        validation_rmse: trained.validation_rmse,
        best_epoch: trained.best_epoch,
        rul_cap: settings.rul_cap,
        dataset: dataset.subset.clone(),
        dataset_sha256: dataset.sha256,
        test_units: score.units as u32,
        seed: settings.seed,
        hidden_size: settings.hidden_size as u32,
        layers: settings.layers as u32,
        parameters: settings.shape().parameter_count() as u64,
        device: device_name(device),
        trainer: concat!("overhaul-trainer ", env!("CARGO_PKG_VERSION")).to_owned(),
        git_commit: git_commit(),
    }
}

/// A device's name as PyTorch writes it.
pub(super) fn device_name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".to_owned(),
    }
}

/// The commit of the working directory, if it is in a git checkout and git is there.
fn git_commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !commit.is_empty()).then_some(commit)
}
