//! The service manager's protocol (`sd_notify`): ready, reloading, stopping, and a sign of life while the agent lives.
//!
//! Without a service manager (`NOTIFY_SOCKET` is not set) all of it does nothing. A message that is not taken is not
//! worth ending for; it is told once a time in the log.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use super::alive;
use crate::agent::Agent;

/// How often the status is told when the service manager wants no sign of life.
const STATUS: Duration = Duration::from_secs(15);

/// The agent listens, whether or not there is a version yet: it is there without a registry, too.
pub fn ready() {
    send(&[NotifyState::Ready]);
}

/// The settings are read again; [`ready`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => send(&[NotifyState::Reloading, now]),
        Err(_) => send(&[NotifyState::Reloading]),
    }
}

/// No new requests are taken.
pub fn stopping() {
    send(&[NotifyState::Stopping, NotifyState::Status("ending")]);
}

/// Gives signs of life for ever, twice in the time after which the service manager would end the agent, each only if
/// the agent is alive: one that is not is ended by the service manager and started again.
pub async fn signs_of_life(agent: Arc<Agent>) {
    let limit = sd_notify::watchdog_enabled();
    let mut ticks = tokio::time::interval(limit.map_or(STATUS, |limit| limit / 2));
    let mut told = String::new();
    loop {
        ticks.tick().await;
        let status = alive::status(&agent);
        if status != told {
            send(&[NotifyState::Status(&status)]);
            told = status;
        }
        let Some(limit) = limit else { continue };
        match alive::check(&agent, limit / 4).await {
            Ok(()) => send(&[NotifyState::Watchdog]),
            Err(problem) => tracing::error!("the service manager gets no sign of life: {problem}"),
        }
    }
}

fn send(state: &[NotifyState<'_>]) {
    if let Err(e) = sd_notify::notify(state) {
        tracing::warn!("the service manager cannot be told: {e}");
    }
}
