//! The agent and a real broker.

mod broken;
mod plain;
mod secure;
mod sparkplug;

use std::fs;
use std::path::PathBuf;

use overhaul_bundle::Draft;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::agent::Agent;
use crate::support::mosquitto::Broker;
use crate::support::{bundle, data_dir};
use crate::units::fitted;

/// A broker, and what an agent needs to start.
pub(crate) struct Plant {
    pub(crate) broker: Broker,
    pub(crate) draft: Draft,
    bundle: PathBuf,
    data: TempDir,
    home: TempDir,
}

impl Plant {
    fn new() -> Self {
        Self::with_broker("")
    }

    fn with_broker(more: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let draft = fitted(3);
        let bundle = bundle::write(&draft, home.path(), "v1");
        Self { broker: Broker::start(home.path(), more), draft, bundle, data: data_dir(), home }
    }

    /// Starts an agent, and waits until it is connected.
    fn agent(&self) -> Agent {
        let agent = self.lonely_agent("");
        agent.wait_for("the broker", |health| health["mqtt"]["connected"] == true);
        agent
    }

    /// Starts an agent with more lines of the table `[mqtt]`.
    fn lonely_agent(&self, more: &str) -> Agent {
        let url =
            if more.contains("url =") { String::new() } else { format!("url = '{}'", self.broker.url()) };
        let config = self.home.path().join("config.toml");
        fs::write(&config, format!("[mqtt]\nclient-id = 'gw-1'\n{url}\n{more}\n")).unwrap();
        let paths = [&config, &self.bundle, self.data.path()].map(|path| path.to_str().unwrap().to_owned());
        Agent::start(&["--config", &paths[0], "--bundle", &paths[1], "--data-dir", &paths[2]])
    }

    /// One reading, as it is posted.
    fn reading(&self, cycle: u64) -> Value {
        let rows = bundle::readings(&self.draft, cycle as usize);
        json!({ "cycle": cycle, "values": rows.last().unwrap() })
    }
}
