//! `/api/v1/gateways/{gateway}/reports`: what gateways report, kept once each, and shown.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use overhaul_bundle::GatewayId;
use overhaul_client::api::{Event, Report, ReportBatch, ReportPage, ReportsAccepted, Weight};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Caller, TokenGateway};
use super::extract::{JsonBody, Names, Query};
use super::gateways::unknown;
use super::page::{self, Page};
use super::{ApiError, App};
use crate::store::audit::By;
use crate::store::reports::{self, NewReport};
use crate::store::{gateways, report_queues};

/// The most characters of an event's kind.
const MAX_KIND: usize = 64;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(list, accept))
}

/// The gateway that a request reports for: that of its path, which must be the token's where one is asked for.
struct Reporting(GatewayId);

impl<S: Send + Sync> FromRequestParts<S> for Reporting {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Names((gateway,)) = Names::<(GatewayId,)>::from_request_parts(parts, state).await?;
        match parts.extensions.get::<TokenGateway>() {
            Some(TokenGateway(own)) if *own != gateway => Err(ApiError::forbidden(format!(
                "the token is gateway {own}'s, which cannot report for {gateway}; give the gateway the id {own} \
                 (--gateway-id), or another token"
            ))),
            _ => Ok(Self(gateway)),
        }
    }
}

/// Takes reports of a gateway.
///
/// Each is kept once: those whose number is not above the last one that was taken of the queue are left out. When the
/// answer is lost, the same batch can be sent again. Of each gateway, the newest 1,000 `prediction`s, 4,000 changes
/// (`started`, `activated`, `refused`, `fell_back`, `dropped`) and 5,000 others are kept. At most 2 MiB, and 64 KiB an
/// event. Events of kinds that this registry does not know are kept as they are.
#[utoipa::path(
    post,
    path = "/api/v1/gateways/{gateway}/reports",
    operation_id = "send_reports",
    tag = "gateways",
    params(("gateway" = GatewayId, Path)),
    request_body = ReportBatch,
    responses(
        (status = 200, description = "Up to which number the registry has them.", body = ReportsAccepted),
        (status = 415, description = "The body does not call itself `application/json`."),
    ),
)]
async fn accept(
    State(app): State<App>,
    caller: Caller,
    Reporting(gateway): Reporting,
    JsonBody(batch): JsonBody<ReportBatch<Box<RawValue>>, { ReportBatch::MAX_BYTES }>,
) -> Result<Json<ReportsAccepted>, ApiError> {
    let kinds = check(&batch)?;
    let by = app.by(caller.or(gateway.as_str()));
    let (kept, through) =
        app.store.write(move |tx| Ok::<_, ApiError>(keep(tx, &by, &gateway, &batch, &kinds)?)).await?;
    app.metrics.reports().inc_by(kept);
    Ok(Json(ReportsAccepted { through }))
}

/// The kind of each event, if all of the batch is as it must be.
fn check(batch: &ReportBatch<Box<RawValue>>) -> Result<Vec<String>, ApiError> {
    let (count, most) = (batch.reports.len(), ReportBatch::MAX_REPORTS);
    if !(1..=most).contains(&count) {
        return Err(ApiError::invalid(format!("the batch has {count} reports; send 1 to {most}")));
    }
    let mut before = 0;
    batch
        .reports
        .iter()
        .map(|report| {
            let number = report.sequence;
            if number <= before || i64::try_from(number).is_err() {
                return Err(ApiError::invalid(format!(
                    "report {number} comes after {before}; number them from 1 to 2^63 - 1, each higher than the one \
                     before"
                )));
            }
            before = number;
            kind(report)
        })
        .collect()
}

fn kind(report: &Report<Box<RawValue>>) -> Result<String, ApiError> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let (number, event) = (report.sequence, report.event.get());
    if event.len() > ReportBatch::MAX_EVENT {
        return Err(ApiError::invalid(format!(
            "the event of report {number} has {} bytes; it may have {}",
            event.len(),
            ReportBatch::MAX_EVENT
        )));
    }
    let Ok(Kind { kind }) = serde_json::from_str(event) else {
        return Err(ApiError::invalid(format!(
            "the event of report {number} is no object with a kind; send one such as {{\"kind\": \"activated\", …}}"
        )));
    };
    let letters = kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if letters && (1..=MAX_KIND).contains(&kind.len()) {
        return Ok(kind);
    }
    Err(ApiError::invalid(format!(
        "the event of report {number} has a kind that is not valid; use 1 to {MAX_KIND} lower-case letters, digits \
         or '_'"
    )))
}

/// Keeps what is new of a batch: how many reports that is, and the highest number there is now.
fn keep(
    connection: &Connection,
    by: &By,
    gateway: &GatewayId,
    batch: &ReportBatch<Box<RawValue>>,
    kinds: &[String],
) -> anyhow::Result<(u64, u64)> {
    let id = if let Some(id) = gateways::id(connection, gateway)? {
        id
    } else {
        // Reports are their own record; that there is a gateway more is a change of the registry.
        by.did("create", "gateway", gateway).record(connection)?;
        gateways::insert(connection, gateway, by.at)?
    };
    let queue = report_queues::open(connection, id, &batch.queue)?;
    let mut through = queue.through;
    let mut kept = 0;
    for (report, kind) in batch.reports.iter().zip(kinds) {
        let Report { sequence, at, event } = report;
        if *sequence <= queue.through {
            continue;
        }
        let (sequence, at, event) = (*sequence, *at, event.get());
        let (queue, received_at) = (queue.id, by.at);
        reports::insert(
            connection,
            &NewReport { gateway: id, queue, sequence, at, received_at, kind, event },
        )?;
        // What this release does not know teaches it nothing.
        if let Ok(event) = serde_json::from_str::<Event>(event) {
            gateways::learn(connection, id, &event, at)?;
        }
        (kept, through) = (kept + 1, sequence);
    }
    if kept > 0 {
        report_queues::advance(connection, queue.id, through)?;
        for weight in Weight::ALL {
            if kinds.iter().any(|kind| Weight::of(kind) == weight) {
                reports::prune(connection, id, weight)?;
            }
        }
    }
    gateways::seen(connection, id, by.at, batch.waiting.saturating_sub(batch.reports.len() as u64))?;
    Ok((kept, through))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Only reports of events of this kind, such as `refused`.
    kind: Option<String>,
    /// Reports on a page; 100 unless it is said.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    max_results: Option<u32>,
    /// The `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Lists what a gateway reported, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/gateways/{gateway}/reports",
    operation_id = "list_reports",
    tag = "gateways",
    params(("gateway" = GatewayId, Path), Asked),
    responses(
        (status = 200, description = "A page of reports.", body = ReportPage),
        (status = 404, description = "No gateway of that id ever reported."),
    ),
)]
async fn list(
    State(app): State<App>,
    Names((gateway,)): Names<(GatewayId,)>,
    Query(asked): Query<Asked>,
) -> Result<Json<ReportPage>, ApiError> {
    let page = Page::of(asked.max_results)?;
    let (before, kind) = (page::after::<i64>(asked.page_token)?, asked.kind);
    let rows = app.store.read(move |tx| {
        let id = gateways::id(tx, &gateway)?.ok_or_else(|| unknown(&gateway))?;
        Ok::<_, ApiError>(reports::newest(tx, id, kind.as_deref(), before, page.look_for())?)
    });
    let mut rows = rows.await?;
    let next_page_token = page.cut(&mut rows, |(id, _)| id.to_string());
    Ok(Json(ReportPage { reports: rows.into_iter().map(|(_, report)| report).collect(), next_page_token }))
}
