//! An imported version's rows, in one transaction.

use anyhow::Context as _;
use overhaul_bundle::{ModelName, VersionNumber};
use rusqlite::Connection;

use super::content::Content;
use super::guide::Told;
use super::numbers;
use crate::artifact_path::ArtifactPath;
use crate::store::audit::By;
use crate::store::bundles::PublishedBundle;
use crate::store::model_versions::NewVersion;
use crate::store::{artifacts, bundles, model_tags, model_versions, registered_models};

/// What a version is made of.
pub(super) enum Made {
    Bundle(Box<PublishedBundle>),
    /// Files in a folder of artifacts, and what is told of them.
    Files {
        folder: ArtifactPath,
        content: Content,
        told: Told,
    },
}

/// Makes the version, and its model when that is new.
pub(super) fn insert(
    connection: &Connection,
    by: &By,
    name: &ModelName,
    number: VersionNumber,
    made: &Made,
) -> anyhow::Result<()> {
    if let Some(id) = registered_models::insert(connection, name, None, by.at)? {
        by.did("create", "model", name).of_model(id, name).record(connection)?;
    }
    let model = registered_models::find(connection, name)?.context("a model that was made is gone")?;
    numbers::refuse_used(connection, name, number)?;
    numbers::take(connection, by, name, model.id, number)?;
    let (files, description) = match made {
        Made::Bundle(bundle) => (bundles::uri(&bundle.sha256), ""),
        Made::Files { folder, told, .. } => {
            (format!("mlflow-artifacts:/{folder}"), told.description.as_str())
        }
    };
    let version = NewVersion { description: Some(description), ..NewVersion::of_files(number, by, &files) };
    let id = model_versions::insert(connection, model.id, &version)?;
    match made {
        Made::Bundle(bundle) => bundles::insert(connection, id, bundle)?,
        Made::Files { folder, content, told } => {
            for (path, artifact) in content {
                artifacts::put(connection, &folder.join(path)?, artifact, by.at)?;
            }
            for tag in &told.tags {
                model_tags::OF_VERSIONS.set(connection, id, tag)?;
            }
        }
    }
    registered_models::touch(connection, model.id, by.at)?;
    let change = by.did("import_version", "version", &number).of_model(model.id, name);
    change.to(Some(&files)).record(connection)
}
