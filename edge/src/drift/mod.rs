//! How the readings that come compare with the training's: per feature mean, variance, quantiles, the population
//! stability index, and how many were missing or wild.
//!
//! | module | holds |
//! | --- | --- |
//! | `feature` | one feature's values, summed up |
//!
//! The readings of an interval of time are summed up for the version that answers; another version, or the end of the
//! interval, begins anew. What is summed up takes some kilobytes, however many readings come.

mod feature;

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datasketches::hll::{HllSketch, HllType};
use jiff::Timestamp;
use overhaul_bundle::Sha256Digest;
use overhaul_client::api::{Coverage, FeatureStatistics, Statistics, VersionId};

use crate::model::Model;
use feature::Feature;

/// A value further than this from its training mean, in standard deviations, is called wild: clean C-MAPSS data stays
/// below 4.1.
pub const WILD: f64 = 6.0;
/// Registers of the count of units, as a power of two: 1 KiB, and a standard error of 3 %.
const UNITS: u8 = 10;

/// How the readings that come compare with the training's.
#[derive(Default)]
pub struct Drift(Mutex<Option<Watched>>);

/// What one version was shown.
struct Watched {
    running: VersionId,
    from: Timestamp,
    readings: u64,
    /// Distinct units; `None` if there is no sketch of the size, which there is.
    units: Option<HllSketch>,
    features: Vec<Feature>,
}

impl Watched {
    fn new(model: &Model) -> Self {
        let names = &model.metadata().feature_columns;
        Self {
            running: VersionId { version: model.metadata().version, bundle_sha256: model.digest() },
            from: Timestamp::now(),
            readings: 0,
            units: HllSketch::new(UNITS, HllType::Hll8).ok(),
            features: names.iter().map(|_| Feature::default()).collect(),
        }
    }

    fn bundle(&self) -> Sha256Digest {
        self.running.bundle_sha256
    }
}

impl Drift {
    /// A reading came for a version, in the order of its columns; what is missing is NaN. `unit` is whose it is, if
    /// that is known.
    pub fn observe(&self, model: &Model, unit: Option<&str>, reading: &[f32]) {
        let mut watched = self.lock();
        let watched = match watched.as_mut() {
            Some(watched) if watched.bundle() == model.digest() => watched,
            _ => watched.insert(Watched::new(model)),
        };
        watched.readings += 1;
        if let Some((units, unit)) = watched.units.as_mut().zip(unit) {
            units.update(unit);
        }
        let expected = model.expectations();
        let condition = expected.map(|expected| expected.condition(reading));
        for (index, (feature, &value)) in watched.features.iter_mut().zip(reading).enumerate() {
            let deviation =
                expected.zip(condition).map(|(expected, at)| expected.deviation(at, index, value).abs());
            let wild = deviation.is_some_and(|deviation| deviation > WILD);
            feature.observe(value, wild, model.distribution(index));
        }
    }

    /// What the version that answers was shown so far; `None` before its first reading.
    pub fn statistics(&self, model: &Arc<Model>, coverage: Option<Coverage>) -> Option<Statistics> {
        let mut watched = self.lock();
        let watched = watched.as_mut().filter(|watched| watched.bundle() == model.digest())?;
        Some(statistics(watched, model, coverage))
    }

    /// The same, and begins anew.
    pub fn take(&self, model: &Arc<Model>, coverage: Option<Coverage>) -> Option<Statistics> {
        let mut taken = mem::take(&mut *self.lock());
        let watched = taken.as_mut().filter(|watched| watched.bundle() == model.digest())?;
        Some(statistics(watched, model, coverage))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Watched>> {
        // A sum that a panic left half done is off by one reading.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn statistics(watched: &mut Watched, model: &Model, coverage: Option<Coverage>) -> Statistics {
    let names = &model.metadata().feature_columns;
    let readings = watched.readings;
    let features = watched.features.iter_mut().zip(names).enumerate();
    let features: Vec<FeatureStatistics> = features
        .map(|(index, (feature, name))| feature.statistics(name, readings, model.distribution(index)))
        .collect();
    Statistics {
        running: watched.running,
        from: watched.from,
        to: Timestamp::now(),
        readings,
        units: watched.units.as_ref().map_or(0, |units| units.estimate().round() as u64),
        features,
        coverage,
    }
}
