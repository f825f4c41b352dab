//! A published version on this machine: fetched whole, verified, and run by native tract, as gateways' component does.

use std::path::Path;

use anyhow::Context as _;
use overhaul_bundle::window::last_window;
use overhaul_bundle::{Bundle, Metadata, Mistake, ModelName, VersionNumber, manifest};
use overhaul_client::{ClientError, Registry};
use overhaul_component::Model;
use tokio::runtime::Runtime;

use crate::data::{Schema, Unit};

/// Windows predicted at once.
const BATCH: usize = 256;

/// A version's verified bundle, in a folder that is removed with it.
#[derive(Debug)]
pub struct Pulled {
    /// The bundle.
    pub bundle: Bundle,
    /// Its metadata.
    pub metadata: Metadata,
    folder: tempfile::TempDir,
}

/// A failed call to the registry: a line for the user if it is theirs to mend.
pub fn told(error: ClientError) -> anyhow::Error {
    error.mistake().map_or_else(|| anyhow::Error::new(error), anyhow::Error::new)
}

impl Pulled {
    /// Fetches all files of a version, and opens them as a bundle, which verifies each.
    pub fn fetch(
        registry: &Registry,
        runtime: &Runtime,
        name: &ModelName,
        version: VersionNumber,
    ) -> anyhow::Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("overhaul-").tempdir().context("cannot make a folder")?;
        let place = folder.path().join("bundle");
        runtime.block_on(download(registry, name, version, &place))?;
        let bundle = Bundle::open(&place)?;
        let metadata = bundle.metadata()?;
        Ok(Self { bundle, metadata, folder })
    }

    /// The folder that the bundle lies in, to keep or to move.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Refuses data whose readings are not this model's.
    pub fn check(&self, schema: &Schema) -> Result<(), Mistake> {
        let Metadata { name, feature_columns, .. } = &self.metadata;
        if *feature_columns == schema.features {
            return Ok(());
        }
        let missing = feature_columns.iter().find(|column| !schema.features.contains(column));
        let difference = missing.map_or_else(
            || "they are others or stand in another order".to_owned(),
            |column| format!("{column:?} is not among the data's"),
        );
        Err(Mistake::new(format!(
            "{name} reads {} columns, the data has {}: {difference}; give the data it was trained for",
            feature_columns.len(),
            schema.features.len()
        )))
    }

    /// Predicted RUL in cycles at places in units' lives: place `(unit, cycles)` is the unit's window after so
    /// many cycles.
    pub fn predict_at(&self, units: &[Unit], ends: &[(usize, usize)]) -> anyhow::Result<Vec<f32>> {
        let (length, features) = (self.metadata.sequence_length, self.metadata.input_features);
        let mut model = Model::load(&self.bundle.model()?).context("tract does not load the model")?;
        let mut predicted = Vec::with_capacity(ends.len());
        for places in ends.chunks(BATCH) {
            let windows: Vec<f32> = places
                .iter()
                .filter_map(|&(unit, cycles)| {
                    last_window(&units[unit].readings[..cycles * features], features, length)
                })
                .flat_map(|window| window.values)
                .collect();
            predicted.extend(model.predict(&windows).context("tract does not run the model")?);
        }
        Ok(predicted)
    }

    /// Predicted RUL in cycles after each unit's last reading.
    pub fn predict_last(&self, units: &[Unit]) -> anyhow::Result<Vec<f32>> {
        let ends: Vec<(usize, usize)> = units.iter().map(Unit::cycles).enumerate().collect();
        self.predict_at(units, &ends)
    }
}

/// Downloads a version's manifest and files into a new folder.
async fn download(
    registry: &Registry,
    name: &ModelName,
    version: VersionNumber,
    place: &Path,
) -> anyhow::Result<()> {
    let (found, bytes) = registry.manifest(name, version).await.map_err(told)?;
    for entry in &found.files {
        let to = entry.path.under(place);
        let parent = to.parent().unwrap_or(place);
        std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        registry.download_blob(&entry.sha256, entry.size, &to).await.map_err(told)?;
    }
    let to = place.join(manifest::FILE);
    std::fs::write(&to, bytes).with_context(|| format!("cannot write {}", to.display()))
}

/// What the registry's calls run on.
pub fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start tokio")
}
