//! `overhaul models promote`: points an alias at a version.

use std::os::unix::fs::MetadataExt as _;

use anyhow::Context as _;
use overhaul_bundle::ModelName;
use overhaul_client::{HistoryEntry, MoveAlias, Registry};
use serde::Serialize;

use crate::arguments::Promotion;
use crate::output::{self, plain};
use crate::told;

#[derive(Serialize)]
struct Answer {
    name: ModelName,
    #[serde(flatten)]
    entry: HistoryEntry,
}

pub(crate) async fn run(registry: &Registry, promotion: Promotion, json: bool) -> anyhow::Result<String> {
    let Promotion { name, version, alias, reason, actor } = promotion;
    let actor = actor.map_or_else(user, Ok)?;
    let to = MoveAlias { version, actor, reason };
    let entry = registry.move_alias(&name, &alias, &to).await.map_err(told)?;
    if json {
        return output::json(&Answer { name, entry });
    }
    let from = match entry.from {
        None => "it is new".to_owned(),
        Some(from) if from == entry.to => "it pointed there already".to_owned(),
        Some(from) => format!("it was version {from}"),
    };
    let HistoryEntry { alias, to, actor, .. } = &entry;
    Ok(format!("{alias} of {} is version {to} now ({from}), by {}", plain(name.as_str()), plain(actor)))
}

/// Who runs this program.
fn user() -> anyhow::Result<String> {
    if let Some(name) =
        ["USER", "LOGNAME"].iter().find_map(|key| std::env::var(key).ok().filter(|name| !name.is_empty()))
    {
        return Ok(name);
    }
    // Services and containers often have no user name in their environment.
    let process =
        std::fs::metadata("/proc/self").context("cannot find out who runs this; say so with --as WHO")?;
    Ok(format!("uid {}", process.uid()))
}
