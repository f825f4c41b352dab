//! The operator: promotes one version after another, good and hostile, and cuts the link.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::registry::Registry;

use super::link::Link;
use super::models::{Hostile, Models};

/// Between two things that are done.
const PAUSE: Duration = Duration::from_secs(2);
/// How long the link is away.
const AWAY: Duration = Duration::from_secs(4);

/// Promotes versions and cuts the link.
pub(super) struct Operator {
    registry: Registry,
    link: Link,
    models: Arc<Models>,
    folder: PathBuf,
    /// The good version that was promoted last.
    good: u32,
    done: Operated,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Operated {
    pub(super) swaps: u64,
    pub(super) losses: u64,
    /// Versions that are to be refused before they answer.
    pub(super) refused: u64,
    /// Versions that are to be taken back.
    pub(super) taken_back: u64,
}

impl Operator {
    pub(super) fn new(registry: Registry, link: Link, models: Arc<Models>, folder: &Path) -> Self {
        Self { registry, link, models, folder: folder.to_owned(), good: 0, done: Operated::default() }
    }

    /// Where the gateway finds the registry.
    pub(super) fn link_url(&self) -> &str {
        &self.link.url
    }

    /// Publishes and promotes a good version.
    pub(super) fn promote_good(&mut self) -> Result<()> {
        let number = self.registry.reserve()?;
        let directory = self.folder.join(format!("v{number}"));
        let bundle = self.models.write_good(number, &directory)?;
        self.registry.publish_bundle(&bundle)?;
        self.registry.promote(number)?;
        std::fs::remove_dir_all(directory)?;
        self.good = number.get();
        Ok(())
    }

    /// Waits until the gateway answers with the good version that was promoted last.
    pub(super) fn wait(&self, gateway: &Gateway) -> Result<()> {
        gateway.wait_for(self.good)
    }

    fn promote_hostile(&mut self, hostile: Hostile, gateway: &Gateway) -> Result<()> {
        let number = self.registry.reserve()?;
        let directory = self.folder.join(format!("v{number}"));
        let (bundle, component) = self.models.write_hostile(hostile, number, &directory)?;
        self.registry.publish_with(&bundle, &component)?;
        self.registry.promote(number)?;
        std::fs::remove_dir_all(directory)?;
        std::fs::remove_file(component)?;
        gateway.wait_for_refusal(number.get())?;
        self.wait(gateway)
    }

    /// Goes on until it is told to stop, and leaves the link up and a good version running.
    pub(super) fn run(&mut self, gateway: &Gateway, stop: &AtomicBool) -> Result<Operated> {
        for turn in 0_u64.. {
            thread::sleep(PAUSE);
            if stop.load(Ordering::Relaxed) {
                break;
            }
            match turn % 6 {
                2 => {
                    self.link.set(false);
                    self.promote_good()?;
                    thread::sleep(AWAY);
                    self.link.set(true);
                    self.wait(gateway)?;
                    self.done.losses += 1;
                    self.done.swaps += 1;
                }
                1 => self.refused(Hostile::Imports, gateway)?,
                3 => self.refused(Hostile::Traps, gateway)?,
                5 => {
                    self.promote_hostile(Hostile::Turns, gateway)?;
                    self.done.taken_back += 1;
                }
                _ => {
                    self.promote_good()?;
                    self.wait(gateway)?;
                    self.done.swaps += 1;
                }
            }
        }
        Ok(self.done)
    }

    fn refused(&mut self, hostile: Hostile, gateway: &Gateway) -> Result<()> {
        self.promote_hostile(hostile, gateway)?;
        self.done.refused += 1;
        Ok(())
    }
}
