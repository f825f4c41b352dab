//! The log on standard error: lines for people or JSON for programs. Its level can change while the agent runs.

use std::io::{IsTerminal as _, stderr};

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::config::{Log, LogFormat};

/// What the running log lets through.
pub struct Level(reload::Handle<EnvFilter, Registry>);

/// Starts the log of this program; once.
pub fn start(log: &Log) -> anyhow::Result<Level> {
    let filter = EnvFilter::try_new(&log.level).context("the log level cannot be used")?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    match log.format {
        LogFormat::Text => registry.with(lines).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    }
    .context("the log cannot be started")?;
    Ok(Level(handle))
}

impl Level {
    /// Lets something else through from now on.
    pub fn set(&self, level: &str) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(level).context("the log level cannot be used")?;
        self.0.reload(filter).context("the log level cannot be changed")
    }
}
