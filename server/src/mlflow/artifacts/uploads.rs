//! `mpu/…`: multipart uploads, begun, completed and given up.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::at::At;
use super::{expiry, parts, tree};
use crate::api::origin::Origin;
use crate::api::{ApiError, App, Caller};
use crate::artifact_path::ArtifactPath;
use crate::blobs::{BlobError, Part};
use crate::mlflow::body::Body;
use crate::mlflow::number::int64;
use crate::store::artifacts::Artifact;
use crate::store::uploads::{self, Upload};

/// The most parts of an upload, as in S3.
const MAX_PARTS: i64 = 10_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/mpu/create/{*path}", post(create))
        .route("/mpu/complete/{*path}", post(complete))
        .route("/mpu/abort/{*path}", post(abort))
}

#[derive(Deserialize)]
struct Create {
    path: String,
    #[serde(deserialize_with = "int64")]
    num_parts: i64,
}

#[derive(Serialize)]
struct Created {
    upload_id: String,
    credentials: Vec<Credential>,
}

/// Where one part goes.
#[derive(Serialize)]
struct Credential {
    url: String,
    part_number: u32,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
    At(folder): At,
    Body(request): Body<Create>,
) -> Result<Json<Created>, ApiError> {
    let path = target(&folder, &request.path)?;
    tree::check_writable(&path)?;
    if !(1..=MAX_PARTS).contains(&request.num_parts) {
        return Err(ApiError::invalid(format!(
            "Invalid value {} for parameter 'num_parts': use 1 to {MAX_PARTS}",
            request.num_parts
        )));
    }
    let by = app.by(caller);
    let (id, count) = (Uuid::new_v4(), request.num_parts as u32);
    let ends = by.at + expiry::LIFE;
    let upload = Upload { id, path, parts: count, actor: by.actor.clone(), completed: false };
    app.store
        .write(move |tx| {
            uploads::insert(tx, &upload, by.at)?;
            let change = by.did("begin_upload", "upload", &id.simple()).within(&upload.path);
            Ok::<_, ApiError>(change.record(tx)?)
        })
        .await?;
    let credentials = (1..=count)
        .map(|number| Credential { url: parts::url(&app, &origin, id, number, ends), part_number: number });
    Ok(Json(Created { upload_id: id.simple().to_string(), credentials: credentials.collect() }))
}

#[derive(Deserialize)]
struct Complete {
    path: String,
    upload_id: String,
    parts: Vec<Sent>,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(deserialize_with = "int64")]
    part_number: i64,
    etag: String,
}

async fn complete(
    State(app): State<App>,
    caller: Caller,
    At(folder): At,
    Body(request): Body<Complete>,
) -> Result<Json<Value>, ApiError> {
    let upload = find(&app, &folder, &request.path, &request.upload_id).await?;
    if upload.completed {
        // Whoever asks again did not get the answer.
        return Ok(Json(json!({})));
    }
    let id = upload.id;
    let arrived = app.store.read(move |tx| Ok::<_, ApiError>(uploads::parts(tx, id)?)).await?;
    check_parts(&upload, &request.parts, &arrived)?;
    let size: u64 = arrived.iter().map(|part| part.size).sum();
    if size > app.blobs.max_bytes() {
        return Err(BlobError::TooLarge { limit: app.blobs.max_bytes() }.into());
    }
    let joined = match app.blobs.join_parts(id, &arrived).await {
        Ok(joined) => joined,
        // Another request may have completed it, and the parts are gone.
        Err(error) => {
            let now = find(&app, &folder, &request.path, &request.upload_id).await?;
            return if now.completed { Ok(Json(json!({}))) } else { Err(error.into()) };
        }
    };
    let artifact = Artifact { sha256: joined.digest, size: joined.size };
    let by = app.by(caller);
    app.store
        .write(move |tx| {
            match uploads::find(tx, id)? {
                None => return Err(unknown(&id.simple().to_string())),
                Some(upload) if upload.completed => return Ok(()),
                Some(_) => {}
            }
            tree::put(tx, &by, &upload.path, &artifact)?;
            Ok(uploads::complete(tx, id, by.at)?)
        })
        .await?;
    expiry::remove_parts(&app, id).await;
    Ok(Json(json!({})))
}

/// The client sends what it got for each part: it must be what arrived here.
fn check_parts(upload: &Upload, sent: &[Sent], arrived: &[Part]) -> Result<(), ApiError> {
    let count = upload.parts as usize;
    if sent.len() != count {
        return Err(ApiError::invalid(format!(
            "Invalid value for parameter 'parts': it lists {} parts, the upload has {count}",
            sent.len()
        )));
    }
    for number in 1..=upload.parts {
        let refuse = |problem: &str| {
            Err(ApiError::invalid(format!("Invalid value for parameter 'parts': part {number} {problem}")))
        };
        let Some(part) = arrived.iter().find(|part| part.number == number) else {
            return refuse("has not arrived; send it again");
        };
        match sent.iter().find(|sent| sent.part_number == i64::from(number)) {
            None => return refuse("is not listed"),
            Some(sent) if sent.etag.trim_matches('"') != part.digest.to_string() => {
                return refuse("arrived with another ETag; send it again");
            }
            Some(_) => {}
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Abort {
    path: String,
    upload_id: String,
}

async fn abort(
    State(app): State<App>,
    caller: Caller,
    At(folder): At,
    Body(request): Body<Abort>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let upload = find(&app, &folder, &request.path, &request.upload_id).await?;
    if !upload.completed {
        let by = app.by(caller);
        app.store
            .write(move |tx| {
                uploads::delete(tx, upload.id)?;
                let change = by.did("abort_upload", "upload", &upload.id.simple()).within(&upload.path);
                Ok::<_, ApiError>(change.record(tx)?)
            })
            .await?;
        expiry::remove_parts(&app, upload.id).await;
    }
    Ok((StatusCode::OK, Json(json!({}))))
}

/// The artifact that an upload makes: of the client's own path of the file, only the name counts.
fn target(folder: &ArtifactPath, local: &str) -> Result<ArtifactPath, ApiError> {
    let name = local.rsplit(['/', '\\']).next().unwrap_or_default();
    let path = folder.join(name)?;
    if path.folders().last() == Some(folder.as_str()) {
        return Ok(path);
    }
    Err(ApiError::invalid(format!("Invalid path {name:?}: it has an encoded slash; rename the file")))
}

async fn find(app: &App, folder: &ArtifactPath, local: &str, id: &str) -> Result<Upload, ApiError> {
    let path = target(folder, local)?;
    let id = Uuid::try_parse(id).map_err(|_| unknown(id))?;
    let found = app.store.read(move |tx| Ok::<_, ApiError>(uploads::find(tx, id)?)).await?;
    found.filter(|upload| upload.path == path).ok_or_else(|| unknown(&id.simple().to_string()))
}

fn unknown(id: &str) -> ApiError {
    ApiError::not_found(format!(
        "there is no upload '{id}' of this artifact; it may have expired: begin again"
    ))
}
