//! Registered models and versions as answers show them; what is empty is left out, as the real server does.

use std::collections::HashMap;

use overhaul_bundle::VersionNumber;
use rusqlite::Connection;
use serde::{Serialize, Serializer};

use crate::store::key_value::KeyValue;
use crate::store::{aliases, model_tags, model_versions, registered_models};

/// A version.
#[derive(Debug, Serialize)]
pub(super) struct ModelVersion {
    name: String,
    #[serde(serialize_with = "as_text")]
    version: VersionNumber,
    creation_timestamp: i64,
    last_updated_timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    current_stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<KeyValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_link: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
}

/// One version, as an answer shows it.
#[derive(Debug, Serialize)]
pub(super) struct OneVersion {
    model_version: ModelVersion,
}

/// A registered model.
#[derive(Debug, Serialize)]
pub(super) struct RegisteredModel {
    name: String,
    creation_timestamp: i64,
    last_updated_timestamp: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    latest_versions: Vec<ModelVersion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<KeyValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<ModelAlias>,
}

/// One registered model, as an answer shows it.
#[derive(Debug, Serialize)]
pub(super) struct OneModel {
    registered_model: RegisteredModel,
}

#[derive(Debug, Serialize)]
struct ModelAlias {
    alias: String,
    #[serde(serialize_with = "as_text")]
    version: VersionNumber,
}

/// `MLflow` writes version numbers as strings.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn as_text<S: Serializer>(version: &VersionNumber, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(version)
}

impl ModelVersion {
    fn new(row: model_versions::ModelVersion, tags: Vec<KeyValue>, aliases: Vec<String>) -> Self {
        Self {
            name: row.name,
            version: row.version,
            creation_timestamp: row.created_at.as_millisecond(),
            last_updated_timestamp: row.updated_at.as_millisecond(),
            user_id: row.user_id,
            current_stage: row.stage.as_str(),
            description: row.description,
            source: row.source,
            run_id: row.run_id,
            status: row.status,
            status_message: row.status_message,
            tags,
            run_link: row.run_link,
            aliases,
        }
    }

    /// A version with its tags and its aliases.
    pub(super) fn of(connection: &Connection, row: model_versions::ModelVersion) -> anyhow::Result<Self> {
        let tags = model_tags::OF_VERSIONS.all(connection, row.id)?;
        let aliases = aliases::of_version(connection, row.model_id, row.version)?;
        Ok(Self::new(row, tags, aliases))
    }

    /// Versions by the ids of their rows, with their tags and their aliases.
    pub(super) fn of_ids(connection: &Connection, ids: &[i64]) -> anyhow::Result<Vec<Self>> {
        let aliases = aliases::of_versions(connection, ids)?;
        Self::of_many(connection, model_versions::many(connection, ids)?, aliases)
    }

    /// Versions with their tags and the aliases that are known of them.
    fn of_many(
        connection: &Connection,
        rows: Vec<model_versions::ModelVersion>,
        mut aliases: HashMap<i64, Vec<String>>,
    ) -> anyhow::Result<Vec<Self>> {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut tags = model_tags::OF_VERSIONS.of_many(connection, &ids)?;
        let shown = rows.into_iter().map(|row| {
            let tags = tags.remove(&row.id).unwrap_or_default();
            let aliases = aliases.remove(&row.id).unwrap_or_default();
            Self::new(row, tags, aliases)
        });
        Ok(shown.collect())
    }
}

impl OneVersion {
    /// A version with its tags and its aliases.
    pub(super) fn of(connection: &Connection, row: model_versions::ModelVersion) -> anyhow::Result<Self> {
        Ok(Self { model_version: ModelVersion::of(connection, row)? })
    }
}

impl RegisteredModel {
    /// Models by the ids of their rows, with the newest version of each stage, their tags and their aliases.
    pub(super) fn of_ids(connection: &Connection, ids: &[i64]) -> anyhow::Result<Vec<Self>> {
        let models = registered_models::many(connection, ids)?;
        let mut tags = model_tags::OF_MODELS.of_many(connection, ids)?;
        let mut aliases = aliases::of_models(connection, ids)?;
        let latest = model_versions::latest(connection, ids)?;
        let owners: Vec<i64> = latest.iter().map(|version| version.model_id).collect();
        let mut versions: HashMap<i64, Vec<ModelVersion>> = HashMap::new();
        // The aliases of these stand beside them, in the model; the real server leaves them out here.
        let latest = ModelVersion::of_many(connection, latest, HashMap::new())?;
        for (owner, version) in owners.into_iter().zip(latest) {
            versions.entry(owner).or_default().push(version);
        }
        let shown = models.into_iter().map(|model| Self {
            latest_versions: versions.remove(&model.id).unwrap_or_default(),
            tags: tags.remove(&model.id).unwrap_or_default(),
            aliases: aliases
                .remove(&model.id)
                .unwrap_or_default()
                .into_iter()
                .map(|(alias, version)| ModelAlias { alias, version })
                .collect(),
            name: model.name.into(),
            creation_timestamp: model.created_at.as_millisecond(),
            last_updated_timestamp: model.updated_at.as_millisecond(),
            description: model.description.unwrap_or_default(),
        });
        Ok(shown.collect())
    }
}

impl OneModel {
    /// The model of a row's id; an error when there is none.
    pub(super) fn of(connection: &Connection, id: i64) -> anyhow::Result<Self> {
        let model = RegisteredModel::of_ids(connection, &[id])?.into_iter().next();
        let registered_model = model.ok_or_else(|| anyhow::anyhow!("registered model {id} is gone"))?;
        Ok(Self { registered_model })
    }
}
