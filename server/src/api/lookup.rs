//! Models and bundles by name, or an answer that says which there are.

use std::fmt::Display;

use overhaul_bundle::{ModelName, Sha256Digest, VersionNumber};
use overhaul_client::api::PublishedVersion;
use rusqlite::Connection;

use super::error::ApiError;
use crate::store::bundles::PublishedBundle;
use crate::store::registered_models::RegisteredModel;
use crate::store::{aliases, bundle_refusals, bundles, model_versions, registered_models};

/// The most names that an error message lists.
const LISTED: usize = 10;

/// A registered model.
pub(super) fn model(connection: &Connection, name: &ModelName) -> Result<RegisteredModel, ApiError> {
    if let Some(model) = registered_models::find(connection, name)? {
        return Ok(model);
    }
    let known = registered_models::all(connection)?;
    let known = list(known.iter().map(|model| &model.name));
    Err(ApiError::not_found(format!(
        "registered model {:?} does not exist; there are: {known}",
        name.as_str()
    )))
}

/// The bundle of a version.
pub(super) fn bundle(
    connection: &Connection,
    model: &RegisteredModel,
    number: VersionNumber,
) -> Result<PublishedBundle, ApiError> {
    match bundles::find(connection, model.id, number)? {
        Some(bundle) => Ok(bundle),
        None => Err(no_bundle(connection, model, number)?),
    }
}

/// The digest of a version's bundle, for whoever needs no more.
pub(super) fn digest(
    connection: &Connection,
    model: &RegisteredModel,
    number: VersionNumber,
) -> Result<Sha256Digest, ApiError> {
    match bundles::sha256(connection, model.id, number)? {
        Some(digest) => Ok(digest),
        None => Err(no_bundle(connection, model, number)?),
    }
}

/// Why a version has no bundle.
fn no_bundle(
    connection: &Connection,
    model: &RegisteredModel,
    number: VersionNumber,
) -> anyhow::Result<ApiError> {
    let name = model.name.as_str();
    if let Some(id) = model_versions::id(connection, model.id, number)? {
        let reason = bundle_refusals::reason(connection, id)?;
        let reason = reason.as_deref().unwrap_or("none was published with it");
        return Ok(ApiError::not_found(format!(
            "version {number} of {name:?} has no bundle for gateways: {reason}"
        )));
    }
    let known = list(bundles::numbers(connection, model.id)?);
    Ok(ApiError::not_found(format!("{name:?} has no published version {number}; there are: {known}")))
}

/// A version as the API shows it.
pub(super) fn published(
    connection: &Connection,
    model: &RegisteredModel,
    bundle: PublishedBundle,
) -> Result<PublishedVersion, ApiError> {
    let aliases = aliases::all(connection, model.id)?;
    Ok(PublishedVersion {
        name: model.name.clone(),
        version: bundle.version,
        bundle_sha256: bundle.sha256,
        published_at: bundle.published_at,
        aliases: aliases
            .into_iter()
            .filter(|(_, to)| *to == bundle.version)
            .map(|(alias, _)| alias)
            .collect(),
        metadata: bundle.metadata,
    })
}

/// The first of some names, for people; `none` when there are none.
pub(super) fn list<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    match names.len() {
        0 => "none".to_owned(),
        count if count > LISTED => format!("{} and {} more", names[..LISTED].join(", "), count - LISTED),
        _ => names.join(", "),
    }
}
