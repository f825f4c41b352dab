//! What most tests start with.

use anyhow::Result;
use overhaul_bundle::VersionNumber;
use overhaul_tests::registry::Registry;
use overhaul_tests::trained::Trained;
use overhaul_tests::trainer::Trainer;

/// A registry, a trainer that knows it, and models to publish there.
pub(crate) struct Case {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) registry: Registry,
    pub(crate) trainer: Trainer,
    pub(crate) models: Trained,
}

impl Case {
    pub(crate) fn new() -> Result<Self> {
        let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
        let registry = Registry::start(folder.path())?;
        let trainer = Trainer::new(folder.path()).at(registry.url());
        Ok(Self { folder, registry, trainer, models })
    }

    /// Publishes the model of a kind.
    pub(crate) fn publish(&self, kind: &str) -> Result<VersionNumber> {
        self.models.publish(kind, &self.trainer, self.folder.path())
    }
}
