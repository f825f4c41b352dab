//! `/api/v1/models/{name}/versions`: numbers handed out, versions published, versions shown.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use overhaul_bundle::manifest::MAX_BYTES;
use overhaul_bundle::{Manifest, Metadata, ModelName, Sha256Digest, VersionNumber, metadata};
use overhaul_client::api::{PublishedVersion, ReservedVersion, VersionList};
use rusqlite::Connection;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Caller;
use super::extract::{Names, Query, read};
use super::{ApiError, App, lookup};
use crate::store::bundles::PublishedBundle;
use crate::store::model_versions::NewVersion;
use crate::store::registered_models::RegisteredModel;
use crate::store::{bundles, deliveries, model_versions, registered_models, runs, version_numbers};
use crate::webhooks::Event;

/// The most bytes of a `metadata.json`.
const MAX_METADATA: u64 = 1 << 20;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list, reserve)).routes(routes!(show, publish))
}

/// Hands out the next version number of a model, which is made when it is new.
///
/// The number is never handed out again, whatever happens next; gaps are normal.
#[utoipa::path(
    post,
    path = "/api/v1/models/{name}/versions",
    operation_id = "reserve_version",
    tag = "models",
    params(("name" = ModelName, Path)),
    responses((status = 201, description = "The number.", body = ReservedVersion)),
)]
async fn reserve(
    State(app): State<App>,
    caller: Caller,
    Names((name,)): Names<(ModelName,)>,
) -> Result<Response, ApiError> {
    let by = app.by(caller);
    let reserved = app
        .store
        .write(move |tx| {
            if let Some(id) = registered_models::insert(tx, &name, None, by.at)? {
                by.did("create", "model", &name).of_model(id, &name).record(tx)?;
                let (tags, description) = (BTreeMap::new(), "");
                let event = Event::RegisteredModelCreated { name: name.as_str(), tags, description };
                deliveries::announce(tx, &event, by.at)?;
            }
            let model = lookup::model(tx, &name)?;
            let version = version_numbers::next(tx, &name)?;
            version_numbers::reserve(tx, &name, version)?;
            by.did("reserve_version", "version", &version).of_model(model.id, &name).record(tx)?;
            Ok::<_, ApiError>(ReservedVersion { name, version })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(reserved)).into_response())
}

/// Lists a model's published versions, with their metadata.
#[utoipa::path(
    get,
    path = "/api/v1/models/{name}/versions",
    operation_id = "list_versions",
    tag = "models",
    params(("name" = ModelName, Path)),
    responses(
        (status = 200, description = "All of them.", body = VersionList),
        (status = 404, description = "There is no such model."),
    ),
)]
async fn list(
    State(app): State<App>,
    Names((name,)): Names<(ModelName,)>,
) -> Result<Json<VersionList>, ApiError> {
    app.store
        .read(move |tx| {
            let model = lookup::model(tx, &name)?;
            let bundles = bundles::all(tx, model.id)?.into_iter();
            let versions = bundles.map(|bundle| lookup::published(tx, &model, bundle));
            Ok(Json(VersionList { versions: versions.collect::<Result<_, _>>()? }))
        })
        .await
}

/// Shows a published version.
#[utoipa::path(
    get,
    path = "/api/v1/models/{name}/versions/{version}",
    operation_id = "get_version",
    tag = "models",
    params(("name" = ModelName, Path), ("version" = VersionNumber, Path)),
    responses(
        (status = 200, description = "The version.", body = PublishedVersion),
        (status = 404, description = "There is no such model or version, or the version has no bundle for gateways."),
    ),
)]
async fn show(
    State(app): State<App>,
    Names((name, number)): Names<(ModelName, VersionNumber)>,
) -> Result<Json<PublishedVersion>, ApiError> {
    app.store.read_now(|tx| find(tx, &name, number).map(Json))
}

fn find(
    connection: &Connection,
    name: &ModelName,
    number: VersionNumber,
) -> Result<PublishedVersion, ApiError> {
    let model = lookup::model(connection, name)?;
    let bundle = lookup::bundle(connection, &model, number)?;
    lookup::published(connection, &model, bundle)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Publish {
    /// The run that made the version, when it was logged here.
    run_id: Option<String>,
}

/// Publishes a version: everything that its manifest lists is here already, or nothing happens.
#[utoipa::path(
    put,
    path = "/api/v1/models/{name}/versions/{version}",
    operation_id = "publish_version",
    tag = "models",
    params(("name" = ModelName, Path), ("version" = VersionNumber, Path), Publish),
    request_body(
        content = Manifest,
        description = "The bundle's `manifest.json`, byte for byte, as canonical JSON (RFC 8785); at most 1 MiB.",
    ),
    responses(
        (status = 200, description = "It was published already, as this bundle.", body = PublishedVersion),
        (status = 201, description = "It is published.", body = PublishedVersion),
        (status = 404, description = "There is no such model, or no such run."),
        (status = 409, description = "It is published already, as another bundle."),
    ),
)]
async fn publish(
    State(app): State<App>,
    caller: Caller,
    Names((name, number)): Names<(ModelName, VersionNumber)>,
    Query(Publish { run_id }): Query<Publish>,
    body: Body,
) -> Result<Response, ApiError> {
    let bytes = read(body, MAX_BYTES as usize, "a manifest").await?;
    let manifest = Manifest::from_bytes(&bytes)?;
    if manifest.name != name || manifest.version != Some(number) {
        let found =
            manifest.version.map_or_else(|| "no version".to_owned(), |found| format!("version {found}"));
        return Err(ApiError::invalid(format!(
            "the manifest is of {:?}, {found}, but the path says {:?}, version {number}; send it to its own path",
            manifest.name.as_str(),
            name.as_str()
        )));
    }
    // Asked before any file is looked at, and again in the transaction that publishes.
    let digest = Sha256Digest::of(&bytes);
    let reserved = name.clone();
    app.store.read(move |tx| may_publish(tx, &reserved, number, &digest).map(drop)).await?;
    let metadata = check_blobs(&app, &manifest).await?;
    let bundle_sha256 = app.blobs.put(bytes).await?;
    let by = app.by(caller);
    let bundle = PublishedBundle { version: number, sha256: bundle_sha256, published_at: by.at, metadata };
    let (new, published) = app
        .store
        .write(move |tx| {
            let (model, new) = may_publish(tx, &name, number, &bundle_sha256)?;
            if new {
                if let Some(run) = &run_id
                    && runs::key(tx, run)?.is_none()
                {
                    return Err(ApiError::not_found(format!(
                        "there is no run {run:?}; log it first, or publish without run_id"
                    )));
                }
                version_numbers::consume(tx, &name, number)?;
                let files = bundles::uri(&bundle_sha256);
                let run_id = run_id.as_deref();
                let version =
                    NewVersion { run_id: run_id.or(Some("")), ..NewVersion::of_files(number, &by, &files) };
                let id = model_versions::insert(tx, model.id, &version)?;
                bundles::insert(tx, id, &bundle)?;
                registered_models::touch(tx, model.id, by.at)?;
                let change = by.did("publish_version", "version", &number).of_model(model.id, &name);
                change.to(Some(&bundle_sha256)).record(tx)?;
                let event = Event::ModelVersionCreated {
                    name: name.as_str(),
                    version: number,
                    source: &files,
                    run_id,
                    tags: BTreeMap::new(),
                    description: None,
                };
                deliveries::announce(tx, &event, by.at)?;
            }
            Ok::<_, ApiError>((new, find(tx, &name, number)?))
        })
        .await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(published)).into_response())
}

/// The model, and whether the number is still free; an error when it may not take this bundle.
fn may_publish(
    connection: &Connection,
    name: &ModelName,
    number: VersionNumber,
    bundle: &Sha256Digest,
) -> Result<(RegisteredModel, bool), ApiError> {
    let model = lookup::model(connection, name)?;
    if version_numbers::is_reserved(connection, name, number)? {
        return Ok((model, true));
    }
    match bundles::find(connection, model.id, number)? {
        Some(known) if known.sha256 == *bundle => Ok((model, false)),
        Some(known) => Err(ApiError::exists(format!(
            "version {number} of {:?} is published already, as bundle {}; a version never changes: ask for a new number",
            name.as_str(),
            known.sha256
        ))),
        None => Err(ApiError::invalid(format!(
            "version {number} of {:?} was not handed out, or is used already; ask for a number first",
            name.as_str()
        ))),
    }
}

/// Every file and the component are stored with their listed sizes, and the metadata is the manifest's.
async fn check_blobs(app: &App, manifest: &Manifest) -> Result<Metadata, ApiError> {
    let files = manifest.files.iter().map(|entry| (entry.path.as_str(), entry.sha256, entry.size));
    let component = ("the component", manifest.component.sha256, manifest.component.size);
    for (what, digest, size) in files.chain([component]) {
        // Refreshed, so that it is still there when the version is committed.
        match app.blobs.refresh(&digest).await? {
            Some(found) if found == size => {}
            Some(found) => {
                return Err(ApiError::invalid(format!(
                    "{what} ({digest}) has {found} bytes, not {size} as the manifest says; write the manifest again"
                )));
            }
            None => {
                return Err(ApiError::invalid(format!(
                    "{what} ({digest}) was not uploaded; upload it and send the manifest again"
                )));
            }
        }
    }
    let file = manifest.file(metadata::FILE).map(|entry| (entry.sha256, entry.size));
    let (digest, _) = file.filter(|(_, size)| *size <= MAX_METADATA).ok_or_else(|| {
        ApiError::invalid(format!("{} may have at most {MAX_METADATA} bytes", metadata::FILE))
    })?;
    let bytes = app.blobs.read(&digest).await?.unwrap_or_default();
    let metadata = Metadata::from_bytes(&bytes)?;
    if metadata.name != manifest.name || metadata.version != manifest.version {
        return Err(ApiError::invalid(format!(
            "{}: its name or version is not the manifest's",
            metadata::FILE
        )));
    }
    Ok(metadata)
}
