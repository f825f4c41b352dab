//! `overhaul gateways`: which gateways there are, what they run, and what they reported.

use overhaul_bundle::GatewayId;
use overhaul_client::Registry;
use overhaul_client::api::{GatewayEntry, ReportEntry, VersionId};
use serde::Serialize;

use crate::events::line;
use crate::output::{self, known, plain, time};
use crate::told;

/// The characters of a bundle's digest that are shown where its version has no number.
const SHORT: usize = 12;

#[derive(Serialize)]
struct Listed {
    gateways: Vec<GatewayEntry>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    gateway: GatewayEntry,
    reports: Vec<ReportEntry>,
}

/// All of them, by id.
pub(crate) async fn list(registry: &Registry, json: bool) -> anyhow::Result<String> {
    let (mut gateways, mut next) = (Vec::new(), None);
    loop {
        let page = registry.gateways(next.as_deref()).await.map_err(told)?;
        gateways.extend(page.gateways);
        next = page.next_page_token;
        if next.is_none() {
            break;
        }
    }
    if json {
        return output::json(&Listed { gateways });
    }
    if gateways.is_empty() {
        return Ok("no gateway has reported yet; overhaul-edge run --registry does".to_owned());
    }
    let rows = gateways.into_iter().map(|gateway| {
        [
            gateway.id.to_string(),
            known(gateway.model),
            gateway.running.as_ref().map_or_else(|| "-".to_owned(), version),
            known(gateway.running_since.map(time)),
            gateway.refused.map_or_else(|| "-".to_owned(), |refused| version(&refused.version)),
            gateway.waiting.to_string(),
            time(gateway.last_seen),
        ]
    });
    let header = ["gateway", "model", "runs", "since (UTC)", "refused", "waiting", "last seen (UTC)"];
    Ok(output::table(header, rows))
}

/// One of them, and its last reports, newest first.
pub(crate) async fn show(
    registry: &Registry,
    id: &GatewayId,
    kind: Option<&str>,
    count: u32,
    json: bool,
) -> anyhow::Result<String> {
    let gateway = registry.gateway(id).await.map_err(told)?;
    let reports = registry.reports(id, kind, count).await.map_err(told)?.reports;
    if json {
        return output::json(&Shown { gateway, reports });
    }
    let mut lines = vec![format!("gateway      {}", gateway.id)];
    let mut add = |name: &str, text: String| lines.push(format!("{name:<13}{}", plain(&text)));
    add(
        "model",
        match (gateway.model, gateway.alias) {
            (Some(model), Some(alias)) => format!("{model}@{alias}"),
            _ => "-".to_owned(),
        },
    );
    add(
        "runs",
        match (gateway.running, gateway.running_since) {
            (Some(running), Some(since)) => format!("{} since {} UTC", version(&running), time(since)),
            _ => "nothing yet".to_owned(),
        },
    );
    if let Some(refused) = gateway.refused {
        let (at, what) = (time(refused.at), version(&refused.version));
        add("refused", format!("{what} at {at} UTC: {}", refused.reason));
    }
    add("agent", known(gateway.agent_version));
    add("first seen", format!("{} UTC", time(gateway.first_seen)));
    add("last seen", format!("{} UTC, {} reports waiting", time(gateway.last_seen), gateway.waiting));
    let rows = reports.iter().map(|report| [time(report.at), report.kind().to_owned(), line(report)]);
    let table = output::table(["when (UTC, there)", "what", ""], rows);
    Ok(format!("{}\n{table}", lines.join("\n")))
}

/// A version by its number, else by the beginning of its bundle's digest.
pub(crate) fn version(version: &VersionId) -> String {
    match version.version {
        Some(number) => number.to_string(),
        None => version.bundle_sha256.to_string().chars().take(SHORT).collect(),
    }
}
