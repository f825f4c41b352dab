//! Whether the agent still does its work: what it shares is not locked for good, and waiting windows are taken.

use std::sync::Arc;
use std::time::Duration;

use crate::agent::Agent;

/// How long windows may wait without any being taken. A call ends after five seconds, and what a failed batch held is
/// asked again one by one, within the same time.
const PATIENCE: Duration = Duration::from_mins(1);

/// What runs, in a line for `systemctl status`.
pub(super) fn status(agent: &Agent) -> String {
    let Some(model) = agent.active() else { return "waiting for a version to run".to_owned() };
    let metadata = model.metadata();
    let version =
        metadata.version.map_or_else(|| "a bundle".to_owned(), |version| format!("version {version}"));
    let probation = if agent.probation().is_some() { ", on probation" } else { "" };
    format!("{version} of {} runs{probation}", metadata.name)
}

/// Whether a task of its own gets through the agent's locks within a time, and no window waits for ever.
pub(super) async fn check(agent: &Arc<Agent>, limit: Duration) -> Result<(), String> {
    let agent = Arc::clone(agent);
    let check = tokio::spawn(async move {
        agent.status();
        agent.probation();
        agent.refusals().list();
        agent.active().is_some_and(|model| model.is_stuck(PATIENCE))
    });
    match tokio::time::timeout(limit, check).await {
        Ok(Ok(false)) => Ok(()),
        Ok(Ok(true)) => Err(format!("windows wait, and none was predicted for {PATIENCE:?}")),
        Ok(Err(e)) => Err(format!("the check of it failed: {e}")),
        Err(_) => Err(format!("the agent did not answer within {limit:?}")),
    }
}
