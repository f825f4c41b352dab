//! MQTT 3.1.1: readings in, predictions out, as plain JSON and as Sparkplug B.
//!
//! | module | holds |
//! | --- | --- |
//! | [`settings`], [`broker`] | what can be set |
//! | `connection` | from these to a connection's options |
//! | `link` | a connection's ups and downs |
//! | [`status`] | how it stands, for `/health` and `/metrics` |
//! | `plain` | the plain topics' connection; their names are in `topics` |
//! | [`sparkplug`] | Sparkplug B's connection |
//! | `lanes`, `take` | from messages to the units |
//! | `acks` | which messages the broker may be told of |
//! | `outbox` | messages on their way out |
//! | `seldom` | log lines about what others send |
//!
//! A broker that is away disturbs neither the start nor a prediction: each connection is a task of its own, which tries
//! again for as long as the agent runs. A reading is acknowledged once it is on disk, so that the broker sends those
//! again which a crash would have lost; their cycle numbers keep them from counting twice.

mod acks;
pub mod broker;
mod connection;
mod lanes;
mod link;
mod outbox;
mod plain;
mod seldom;
pub mod settings;
pub mod sparkplug;
pub mod status;
mod take;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use overhaul_bundle::{GatewayId, Mistake};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::agent::Agent;
use crate::units::Units;
use connection::Connection;
pub use settings::Settings;
pub use status::Status;
use status::{Monitor, Which};

/// How long ending may take.
const END: Duration = Duration::from_secs(4);

/// Settings that were checked, with their certificates read.
pub struct Mqtt {
    settings: Arc<Settings>,
    connection: Connection,
}

/// MQTT while it runs. Dropped, its connections end without a word.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Mqtt {
    /// Checks the settings and reads the files that they name. At the broker the gateway is called as the settings
    /// say, else by its own id, else as its machine.
    pub fn new(settings: Settings, gateway: Option<GatewayId>) -> Result<Self, Mistake> {
        let id = settings.client_id.clone().or(gateway).or_else(machine).ok_or_else(|| {
            Mistake::new(
                "this machine's name is no client id; name one in mqtt.client_id that no other client has",
            )
        })?;
        let settings = Arc::new(settings);
        Ok(Self { connection: Connection::new(Arc::clone(&settings), &id)?, settings })
    }

    /// Connects in the background. Called inside a runtime.
    pub fn start(self, agent: &Arc<Agent>, units: &Arc<Units>) -> Running {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let broker = self.connection.broker();
        let monitor = |which| Monitor::new(Arc::clone(agent), which, broker.clone());
        if let Some(sparkplug) = self.settings.sparkplug.clone() {
            let session =
                sparkplug::Session::new(sparkplug, self.connection.clone(), units, monitor(Which::Sparkplug));
            tasks.spawn(session.run(stopped.clone()));
        }
        let plain = plain::Plain::new(self.settings, self.connection, units, monitor(Which::Plain));
        tasks.spawn(plain.run(stopped));
        Running { stop, tasks }
    }
}

impl Running {
    /// Says goodbye to the broker, and ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(END, ended).await.is_err() {
            tracing::warn!("MQTT: the connections did not end in time");
        }
    }
}

/// What the machine is called.
fn machine() -> Option<GatewayId> {
    rustix::system::uname().nodename().to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::agent::{Agent, ProbationSettings};
    use crate::reports::Reports;
    use crate::store::Refusals;

    /// An agent without a version.
    pub(super) fn agent() -> Arc<Agent> {
        Arc::new(Agent::new(ProbationSettings::default(), Refusals::in_memory(), Reports::none()).0)
    }
}
