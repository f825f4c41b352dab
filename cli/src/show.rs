//! `overhaul models show`: everything about one version.

use overhaul_bundle::{ModelName, VersionNumber};
use overhaul_client::Registry;

use crate::output::{self, cycles, joined, known, layers, rounded, time};
use crate::told;

pub(crate) async fn run(
    registry: &Registry,
    name: &ModelName,
    version: VersionNumber,
    json: bool,
) -> anyhow::Result<String> {
    let version = registry.version(name, version).await.map_err(told)?;
    if json {
        return output::json(&version);
    }
    let metadata = &version.metadata;
    let rows = [
        ("model", version.name.to_string()),
        ("version", version.version.to_string()),
        ("aliases", joined(&version.aliases)),
        ("bundle", version.bundle_sha256.to_string()),
        ("published (UTC)", time(version.published_at)),
        ("type", metadata.model_type.clone()),
        ("window", format!("{} readings of {} numbers", metadata.sequence_length, metadata.input_features)),
        ("columns", joined(&metadata.feature_columns)),
        ("RMSE, capped labels", cycles(metadata.rmse, 2)),
        ("MAE, capped labels", cycles(metadata.mae, 2)),
        ("RMSE, raw labels", cycles(metadata.rmse_raw, 2)),
        ("MAE, raw labels", cycles(metadata.mae_raw, 2)),
        ("NASA score", rounded(metadata.nasa_score, 0)),
        ("validation RMSE", cycles(metadata.validation_rmse, 2)),
        ("RUL cap", cycles(metadata.rul_cap, 0)),
        ("data set", metadata.dataset.clone()),
        ("data set's sha256", known(metadata.dataset_sha256)),
        ("test units", known(metadata.test_units)),
        ("imported", if metadata.imported { "yes" } else { "no" }.to_owned()),
        ("trained (UTC)", time(metadata.timestamp)),
        ("epochs", format!("{}, the best was {}", known(metadata.epochs), known(metadata.best_epoch))),
        ("batch size", known(metadata.batch_size)),
        ("learning rate", known(metadata.learning_rate)),
        ("final loss", rounded(metadata.final_loss, 4)),
        ("layers", layers(metadata)),
        ("parameters", metadata.parameters.to_string()),
        ("seed", known(metadata.seed)),
        ("ridge baseline's RMSE", cycles(metadata.ridge_rmse, 2)),
        ("device", metadata.device.clone()),
        ("trainer", metadata.trainer.clone()),
        ("git commit", metadata.git_commit.clone().unwrap_or_default()),
    ];
    Ok(output::table(["field", "value"], rows.map(|(field, value)| [field.to_owned(), value])))
}
