//! `overhaul-server make-bundle`: the registry's own helper, which reads foreign files with little memory and time.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use overhaul_server::convert;
use rustix::process::{Resource, Rlimit, setrlimit};

/// Address space: a graph of half a gigabyte in a few copies.
const MEMORY: u64 = 4 << 30;
/// Seconds of the processor.
const SECONDS: u64 = 60;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder that MLflow's client logged
    #[arg(long)]
    from: PathBuf,
    /// What the registry knows of the version, as JSON
    #[arg(long)]
    facts: PathBuf,
    /// The bundle's directory, which must not exist
    #[arg(long)]
    to: PathBuf,
}

impl Arguments {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        for (resource, most) in [(Resource::As, MEMORY), (Resource::Cpu, SECONDS), (Resource::Core, 0)] {
            let limit = Rlimit { current: Some(most), maximum: Some(most) };
            setrlimit(resource, limit).context("cannot limit this process")?;
        }
        let facts = fs::read(&self.facts).with_context(|| format!("cannot read {}", self.facts.display()))?;
        convert::make(&self.from, &serde_json::from_slice(&facts)?, &self.to)?;
        Ok(())
    }
}
