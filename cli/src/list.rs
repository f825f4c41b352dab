//! `overhaul models list`: the models and their published versions.

use overhaul_bundle::{Mistake, ModelName};
use overhaul_client::{PublishedVersion, RegisteredModel, Registry};
use serde::Serialize;

use crate::output::{self, joined, plain, rounded, time};
use crate::told;

/// A model with its versions.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    model: RegisteredModel,
    versions: Vec<PublishedVersion>,
}

#[derive(Serialize)]
struct Answer {
    models: Vec<Listed>,
}

pub(crate) async fn run(registry: &Registry, name: Option<ModelName>, json: bool) -> anyhow::Result<String> {
    let mut models = registry.models().await.map_err(told)?;
    if let Some(name) = &name {
        let known = joined(models.iter().map(|model| &model.name));
        models.retain(|model| model.name == *name);
        if models.is_empty() {
            let known = if known.is_empty() { "none".to_owned() } else { known };
            let line = format!("registered model {:?} does not exist; there are: {known}", name.as_str());
            return Err(Mistake::new(line).into());
        }
    }
    let mut listed = Vec::new();
    for model in models {
        let versions = registry.versions(&model.name).await.map_err(told)?;
        listed.push(Listed { model, versions });
    }
    if json {
        return output::json(&Answer { models: listed });
    }
    if listed.is_empty() {
        return Ok("no model is registered yet; overhaul-trainer publishes the first".to_owned());
    }
    Ok(listed.iter().map(text).collect::<Vec<_>>().join("\n\n"))
}

fn text(listed: &Listed) -> String {
    let name = plain(listed.model.name.as_str());
    if listed.versions.is_empty() {
        return format!("{name}\nno version is published yet");
    }
    let rows = listed.versions.iter().map(|version| {
        let metadata = &version.metadata;
        [
            version.version.to_string(),
            metadata.model_type.clone(),
            metadata.dataset.clone(),
            rounded(metadata.rmse, 2),
            rounded(metadata.mae, 2),
            rounded(metadata.nasa_score, 0),
            time(version.published_at),
            joined(&version.aliases),
        ]
    });
    let header = ["version", "type", "data set", "RMSE", "MAE", "NASA score", "published (UTC)", "aliases"];
    let lines: Vec<String> = listed.versions.iter().map(guide_line).collect();
    format!("{name}\n{}\n{}", output::table(header, rows), lines.join("\n"))
}

/// The line that the registry guide prints for a version.
fn guide_line(version: &PublishedVersion) -> String {
    let metadata = &version.metadata;
    format!(
        "Version {}: {} - RMSE: {}, MAE: {} ({})",
        version.version,
        plain(&metadata.model_type),
        rounded(metadata.rmse, 2),
        rounded(metadata.mae, 2),
        time(metadata.timestamp)
    )
}
