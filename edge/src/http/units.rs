//! `/units`: each machine's readings in, its RUL, trend and alert out.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use overhaul_bundle::{UnitId, VersionNumber};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiError;
use super::body::Whole;
use super::error::Body;
use crate::units::answer::{UnitAnswer, UnitDetail, UnitSummary};
use crate::units::body::{BodyError, Format};
use crate::units::{Forgotten, LogError, NewStart, UnitError, Units};

/// The most mebibytes of readings in one request: 10,000 of 24 columns by name fit.
const MAX_READINGS_MIB: usize = 8;
/// Units on a page, unless the request says another number.
const PAGE: usize = 100;
/// The most units on a page.
const MAX_PAGE: usize = 1000;

/// The routes of units, each with its description.
pub(super) fn routes() -> OpenApiRouter<Arc<Units>> {
    OpenApiRouter::default()
        .routes(routes!(list))
        .routes(routes!(one, forget))
        .routes(routes!(take))
        .routes(routes!(end_of_life))
}

type UnitPath = Result<Path<String>, PathRejection>;

/// Readings, 1 to 10,000: one, `{"readings": [these]}`, a list of these, or one a line.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it describes a body that is read by hand")]
struct ReadingBody {
    /// The cycle; one more than the unit's newest if it is absent.
    cycle: Option<u64>,
    /// One number for each of the model's columns, in their order, or an object of numbers by column name. `null`, or
    /// a name that is not there, is a missing value.
    #[schema(value_type = Vec<Option<f64>>)]
    values: Vec<Option<f64>>,
}

/// Takes readings of a unit and predicts its remaining useful life at its newest cycle.
///
/// All of a body is kept, or nothing of it. Readings may come late, twice and with holes: `flags` says what became of
/// them and what was put in.
#[utoipa::path(
    post,
    path = "/units/{id}/readings",
    operation_id = "post_readings",
    tag = "units",
    params(("id" = UnitId, Path, description = "The unit; it need not be known.")),
    request_body(content(
        (ReadingBody = "application/json"),
        (ReadingBody = "application/x-ndjson"),
        (String = "text/csv"),
    )),
    responses(
        (status = 200, description = "The unit's life.", body = UnitAnswer),
        (status = 400, description = "The body is not written as it says.", body = Body),
        (status = 413, description = "The body has more than 8 MiB.", body = Body),
        (status = 415, description = "The content type is not known.", body = Body),
        (status = 422, description = "A reading is not valid, or lacks too much; nothing was kept.", body = Body),
        (status = 500, description = "The model trapped; nothing was kept.", body = Body),
        (status = 503, description = "No version is here yet, or too much waits.", body = Body),
        (status = 504, description = "The model missed its deadline; nothing was kept.", body = Body),
        (status = 507, description = "The disk is full, or there are too many units; nothing was kept.", body = Body),
    ),
)]
async fn take(
    State(units): State<Arc<Units>>,
    path: UnitPath,
    headers: HeaderMap,
    Whole(body): Whole<MAX_READINGS_MIB>,
) -> Result<Json<UnitAnswer>, ApiError> {
    let unit = unit_id(path)?;
    let content_type =
        headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let format = Format::of(content_type.as_deref()).map_err(UnitError::from)?;
    Ok(Json(units.post(unit, format, body).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// The unit after which the page begins; `next` of the page before.
    after: Option<String>,
    /// Units on the page, 1 to 1,000; 100 without it.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// Only units whose alert is up (`true`) or down (`false`).
    #[param(value_type = Option<bool>)]
    alert: Option<String>,
}

/// A page of units.
#[derive(Serialize, ToSchema)]
struct List {
    /// In the order of their names.
    units: Vec<UnitSummary>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<UnitId>,
    /// All units of the gateway.
    total: usize,
    /// How many of all have their alert up.
    alerts: usize,
}

/// Lists units, with their last answers.
#[utoipa::path(
    get,
    path = "/units",
    operation_id = "list_units",
    tag = "units",
    params(Page),
    responses(
        (status = 200, description = "A page of them.", body = List),
        (status = 422, description = "A parameter is not valid.", body = Body),
    ),
)]
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

/// Shows a unit: its last answer, its trend, its history.
#[utoipa::path(
    get,
    path = "/units/{id}",
    operation_id = "get_unit",
    tag = "units",
    params(("id" = UnitId, Path, description = "The unit.")),
    responses(
        (status = 200, description = "It.", body = UnitDetail),
        (status = 404, description = "There is no such unit.", body = Body),
        (status = 422, description = "That is no unit id.", body = Body),
    ),
)]
async fn one(State(units): State<Arc<Units>>, path: UnitPath) -> Result<Json<UnitDetail>, ApiError> {
    let name = unit_id(path)?;
    let unit = units.get(&name).await?;
    let detail = UnitDetail::new(name.clone(), &unit, units.versions());
    Ok(Json(detail.ok_or(UnitError::Unknown(name))?))
}

/// What was forgotten of a unit that starts again.
#[derive(Serialize, ToSchema)]
struct StartsAgain {
    /// The unit.
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

/// How right a version's intervals were.
#[derive(Serialize, ToSchema)]
struct Realised {
    /// The version.
    version: Option<VersionNumber>,
    /// Intervals that held the RUL that came true.
    inside: u64,
    /// All its intervals.
    total: u64,
}

/// Forgets a unit, as after an overhaul: its next reading is its first.
#[utoipa::path(
    delete,
    path = "/units/{id}",
    operation_id = "forget_unit",
    tag = "units",
    params(("id" = UnitId, Path, description = "The unit.")),
    responses(
        (status = 200, description = "What was forgotten.", body = StartsAgain),
        (status = 404, description = "There is no such unit.", body = Body),
        (status = 422, description = "That is no unit id.", body = Body),
        (status = 507, description = "The disk is full; nothing changed.", body = Body),
    ),
)]
async fn forget(State(units): State<Arc<Units>>, path: UnitPath) -> Result<Json<StartsAgain>, ApiError> {
    let name = unit_id(path)?;
    let forgotten = units.forget(name.clone(), NewStart::Overhauled).await?;
    Ok(Json(starts_again(name, &forgotten, &units)))
}

/// When a unit's life ended.
#[derive(Deserialize, Default, ToSchema)]
struct End {
    /// The cycle of its failure or overhaul; its newest cycle if it is absent.
    cycle: Option<u64>,
}

/// Tells that a unit failed or was overhauled: its intervals are judged by the life that came true, and it starts again.
#[utoipa::path(
    post,
    path = "/units/{id}/end-of-life",
    operation_id = "end_unit",
    tag = "units",
    params(("id" = UnitId, Path, description = "The unit.")),
    request_body(content = End, content_type = "application/json", description = "It may be empty."),
    responses(
        (status = 200, description = "What was forgotten, and how right the intervals were.", body = StartsAgain),
        (status = 404, description = "There is no such unit.", body = Body),
        (status = 422, description = "The body is no end of life, or one far ahead.", body = Body),
        (status = 507, description = "The disk is full; nothing changed.", body = Body),
    ),
)]
async fn end_of_life(
    State(units): State<Arc<Units>>,
    path: UnitPath,
    Whole(body): Whole<1>,
) -> Result<Json<StartsAgain>, ApiError> {
    let name = unit_id(path)?;
    let end = if body.trim_ascii().is_empty() {
        End::default()
    } else {
        serde_json::from_slice(&body).map_err(|e| {
            unprocessable(format!(
                "the body is no end of life ({e}); send {{\"cycle\": 200}}, or nothing for the newest cycle"
            ))
        })?
    };
    let forgotten = units.forget(name.clone(), NewStart::EndOfLife(end.cycle)).await?;
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
