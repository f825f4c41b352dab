//! SIGHUP: the settings are read again. What can change while the agent runs does; what needs a restart is told.

use std::sync::Arc;
use std::time::Duration;

use overhaul_http::Tls;
use tokio::sync::watch;

use super::log::Level;
use super::notify;
use crate::agent::Agent;
use crate::config::change::Change;
use crate::config::{self, Config, Flags, Layers};

/// What a running agent lets itself be told anew.
pub struct Live {
    flags: Flags,
    /// As it was at the start: what needs a restart still counts.
    started: Layers,
    current: Layers,
    level: Level,
    poll: watch::Sender<Duration>,
    agent: Arc<Agent>,
    tls: Option<Arc<Tls>>,
}

impl Live {
    /// For an agent that was started with these settings.
    pub fn new(
        flags: &Flags,
        config: &Config,
        level: Level,
        poll: watch::Sender<Duration>,
        agent: &Arc<Agent>,
        tls: Option<&Arc<Tls>>,
    ) -> Self {
        Self {
            flags: flags.clone(),
            started: config.layers.clone(),
            current: config.layers.clone(),
            level,
            poll,
            agent: Arc::clone(agent),
            tls: tls.cloned(),
        }
    }

    /// Reads the settings again. Whatever is wrong leaves everything as it is, and is one line in the log.
    pub fn reload(&mut self) {
        notify::reloading();
        match self.follow() {
            Ok(line) => tracing::info!("the settings were read again: {line}"),
            Err(line) => tracing::error!("the settings stay as they were: {line}"),
        }
        notify::ready();
    }

    fn follow(&mut self) -> Result<String, String> {
        let Config { settings, layers } =
            config::load(&self.flags).map_err(|mistakes| mistakes.0.join("; "))?;
        if let Some(tls) = &self.tls {
            // The only thing that can fail still: before anything else is changed.
            tls.reload().map_err(|e| e.to_string())?;
        }
        self.level.set(&settings.log.level).map_err(|e| e.to_string())?;
        self.poll.send_if_modified(|poll| std::mem::replace(poll, settings.poll) != settings.poll);
        self.agent.set_probation(settings.probation);
        self.agent.reports().sample_predictions(settings.report_predictions);
        let live = Change::between(&self.current, &layers).live;
        let at_restart = Change::between(&self.started, &layers).at_restart;
        self.current = layers;
        let mut parts = Vec::new();
        if !live.is_empty() {
            parts.push(format!("{} counts from now on", live.join(", ")));
        }
        if self.tls.is_some() {
            parts.push("the certificate was read, too".to_owned());
        }
        if !at_restart.is_empty() {
            parts.push(format!("{} counts after a restart", at_restart.join(", ")));
        }
        Ok(if parts.is_empty() { "nothing changed".to_owned() } else { parts.join("; ") })
    }
}
