//! `overhaul models show`: everything about one version.

use overhaul_bundle::{ModelName, VersionNumber};
use overhaul_client::Registry;

use crate::output::{self, joined, time};
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
        ("RMSE, capped labels", format!("{:.2} cycles", metadata.rmse)),
        ("MAE, capped labels", format!("{:.2} cycles", metadata.mae)),
        ("RMSE, raw labels", format!("{:.2} cycles", metadata.rmse_raw)),
        ("MAE, raw labels", format!("{:.2} cycles", metadata.mae_raw)),
        ("NASA score", format!("{:.0}", metadata.nasa_score)),
        ("validation RMSE", format!("{:.2} cycles", metadata.validation_rmse)),
        ("RUL cap", format!("{} cycles", metadata.rul_cap)),
        ("data set", metadata.dataset.clone()),
        ("data set's sha256", metadata.dataset_sha256.to_string()),
        ("test units", metadata.test_units.to_string()),
        ("trained (UTC)", time(metadata.timestamp)),
        ("epochs", format!("{}, the best was {}", metadata.epochs, metadata.best_epoch)),
        ("batch size", metadata.batch_size.to_string()),
        ("learning rate", metadata.learning_rate.to_string()),
        ("final loss", format!("{:.4}", metadata.final_loss)),
        ("layers", format!("{} of {}", metadata.layers, metadata.hidden_size)),
        ("parameters", metadata.parameters.to_string()),
        ("seed", metadata.seed.to_string()),
        ("device", metadata.device.clone()),
        ("trainer", metadata.trainer.clone()),
        ("git commit", metadata.git_commit.clone().unwrap_or_default()),
    ];
    Ok(output::table(["field", "value"], rows.map(|(field, value)| [field.to_owned(), value])))
}
