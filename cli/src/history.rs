//! `overhaul models history`: every move of a model's aliases, newest first.

use overhaul_bundle::ModelName;
use overhaul_client::Registry;
use overhaul_client::api::History;

use crate::output::{self, plain, time};
use crate::told;

pub(crate) async fn run(registry: &Registry, name: &ModelName, json: bool) -> anyhow::Result<String> {
    let history = registry.history(name).await.map_err(told)?;
    if json {
        return output::json(&History { history });
    }
    if history.is_empty() {
        return Ok(format!("no alias of {} was ever moved", plain(name.as_str())));
    }
    let rows = history.into_iter().map(|entry| {
        [
            time(entry.at),
            entry.alias.to_string(),
            entry.from.map_or_else(|| "-".to_owned(), |from| from.to_string()),
            entry.to.to_string(),
            entry.actor,
            entry.reason.unwrap_or_default(),
        ]
    });
    Ok(output::table(["when (UTC)", "alias", "from", "to", "who", "why"], rows))
}
