//! `/units`: each machine's readings in, its RUL, trend and alert out.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use overhaul_bundle::{UnitId, VersionNumber};
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::units::answer::{UnitAnswer, UnitDetail, UnitSummary};
use crate::units::body::{BodyError, Format};
use crate::units::{Forgotten, LogError, UnitError, Units};

/// The most bytes of readings in one request: 10,000 of 24 columns by name fit.
const MAX_READINGS_BODY: usize = 8 << 20;
/// Units on a page, unless the request says another number.
const PAGE: usize = 100;
/// The most units on a page.
const MAX_PAGE: usize = 1000;

/// The routes of units.
pub(super) fn routes(units: Arc<Units>) -> Router {
    let readings = post(take).layer(DefaultBodyLimit::max(MAX_READINGS_BODY));
    Router::new()
        .route("/units", get(list))
        .route("/units/{id}", get(one).delete(forget))
        .route("/units/{id}/readings", readings)
        .route("/units/{id}/end-of-life", post(end_of_life))
        .with_state(units)
}

type UnitPath = Result<Path<String>, PathRejection>;
type Body = Result<Bytes, BytesRejection>;

async fn take(
    State(units): State<Arc<Units>>,
    path: UnitPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<UnitAnswer>, ApiError> {
    let unit = unit_id(path)?;
    let body = bytes(body)?;
    let content_type =
        headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let format = Format::of(content_type.as_deref()).map_err(UnitError::from)?;
    Ok(Json(units.post(unit, format, body).await?))
}

#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<String>,
    alert: Option<String>,
}

#[derive(Serialize)]
struct List {
    units: Vec<UnitSummary>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<UnitId>,
    /// All units of the gateway.
    total: usize,
    /// How many of all have their alert up.
    alerts: usize,
}

async fn list(
    State(units): State<Arc<Units>>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<List>, ApiError> {
    let Query(page) = page.map_err(|e| unprocessable(e.body_text()))?;
    let after = page.after.map(|text| text.parse::<UnitId>()).transpose();
    let after = after.map_err(|e| unprocessable(e.to_string()))?;
    let limit = page.limit.map(|text| {
        let limit = text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
        limit.ok_or_else(|| {
            unprocessable(format!("limit {:?} is no number from 1 to {MAX_PAGE}", shortened(&text)))
        })
    });
    let alert = page.alert.map(|text| {
        text.parse()
            .map_err(|_| unprocessable(format!("alert {:?} is neither true nor false", shortened(&text))))
    });
    let (page, more) =
        units.list(after.as_ref(), limit.transpose()?.unwrap_or(PAGE), alert.transpose()?).await?;
    let next = page.last().filter(|_| more).map(|(name, _)| name.clone());
    let (total, alerts) = units.count();
    let page = page.into_iter().filter_map(|(name, unit)| UnitSummary::new(name, &unit, units.versions()));
    Ok(Json(List { units: page.collect(), next, total, alerts }))
}

async fn one(State(units): State<Arc<Units>>, path: UnitPath) -> Result<Json<UnitDetail>, ApiError> {
    let name = unit_id(path)?;
    let unit = units.get(&name).await?;
    let detail = UnitDetail::new(name.clone(), &unit, units.versions());
    Ok(Json(detail.ok_or(UnitError::Unknown(name))?))
}

#[derive(Serialize)]
struct StartsAgain {
    unit: UnitId,
    /// The unit's newest cycle.
    cycle: Option<u64>,
    /// The cycle at which its life ended, if that was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_of_life: Option<u64>,
    /// Readings that were forgotten.
    readings: usize,
    /// Predictions that were forgotten.
    predictions: usize,
    /// How many intervals held the RUL that came true, if the end was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Vec<Realised>>,
}

#[derive(Serialize)]
struct Realised {
    version: Option<VersionNumber>,
    inside: u64,
    total: u64,
}

async fn forget(State(units): State<Arc<Units>>, path: UnitPath) -> Result<Json<StartsAgain>, ApiError> {
    let name = unit_id(path)?;
    let forgotten = units.forget(name.clone(), None).await?;
    Ok(Json(starts_again(name, &forgotten, &units)))
}

#[derive(Deserialize, Default)]
struct End {
    cycle: Option<u64>,
}

async fn end_of_life(
    State(units): State<Arc<Units>>,
    path: UnitPath,
    body: Body,
) -> Result<Json<StartsAgain>, ApiError> {
    let (name, body) = (unit_id(path)?, bytes(body)?);
    let end = if body.trim_ascii().is_empty() {
        End::default()
    } else {
        serde_json::from_slice(&body).map_err(|e| {
            unprocessable(format!(
                "the body is no end of life ({e}); send {{\"cycle\": 200}}, or nothing for the newest cycle"
            ))
        })?
    };
    let forgotten = units.forget(name.clone(), Some(end.cycle)).await?;
    Ok(Json(starts_again(name, &forgotten, &units)))
}

fn starts_again(unit: UnitId, forgotten: &Forgotten, units: &Units) -> StartsAgain {
    let realised = forgotten.realised.iter().map(|one| Realised {
        version: units.versions().get(one.version).and_then(|version| version.number),
        inside: one.inside,
        total: one.total,
    });
    StartsAgain {
        unit,
        cycle: forgotten.unit.last.map(|last| last.cycle),
        end_of_life: forgotten.end,
        readings: forgotten.unit.kept.len(),
        predictions: forgotten.unit.history.points().len(),
        coverage: forgotten.end.map(|_| realised.collect()),
    }
}

fn unit_id(path: UnitPath) -> Result<UnitId, ApiError> {
    let Path(text) =
        path.map_err(|e| unprocessable(format!("the unit id is not valid: {}", e.body_text())))?;
    text.parse().map_err(|e: overhaul_bundle::names::InvalidName| unprocessable(e.to_string()))
}

fn bytes(body: Body) -> Result<Bytes, ApiError> {
    body.map_err(|e| ApiError::new(e.status(), e.body_text()))
}

fn unprocessable(line: String) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, line)
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

impl From<UnitError> for ApiError {
    fn from(error: UnitError) -> Self {
        let status = match error {
            UnitError::Predict(error) => return error.into(),
            UnitError::Body(BodyError::UnknownFormat(_)) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            UnitError::Body(BodyError::Malformed(_)) => StatusCode::BAD_REQUEST,
            UnitError::Body(BodyError::Invalid(_))
            | UnitError::TooFarAhead(_)
            | UnitError::EndTooFar { .. }
            | UnitError::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
            UnitError::Unknown(_) => StatusCode::NOT_FOUND,
            UnitError::TooMany { .. } | UnitError::Log(LogError::Disk(_)) => StatusCode::INSUFFICIENT_STORAGE,
            UnitError::Log(LogError::Fault(_)) => StatusCode::INTERNAL_SERVER_ERROR,
            UnitError::Loading | UnitError::Ending | UnitError::Log(LogError::Ending) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self::new(status, error.to_string())
    }
}
