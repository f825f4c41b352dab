//! The versions that predictions were made by: each bundle once, under a number.

use std::sync::{Arc, PoisonError, RwLock};

use overhaul_bundle::{Metadata, Sha256Digest, VersionNumber};
use serde::Serialize;

use super::history::Realised;

/// What is remembered of a version, so that its predictions can be judged when it is long gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its number on this gateway, from 1.
    pub id: u32,
    /// Its bundle.
    pub bundle: Sha256Digest,
    /// The registry's number; `None` for a bundle that was never published.
    pub number: Option<VersionNumber>,
    /// The ceiling of its training labels, in cycles.
    pub rul_cap: Option<f64>,
    /// The share of true RULs that its intervals are made to hold.
    pub level: Option<f64>,
}

/// How many of a version's intervals held the true RUL, over all units whose end of life was told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// Its bundle.
    pub bundle_sha256: Sha256Digest,
    /// The registry's number; `None` for a bundle that was never published.
    pub version: Option<VersionNumber>,
    /// The share that the intervals are made to hold.
    pub level: Option<f64>,
    /// Intervals that held it.
    pub inside: u64,
    /// All intervals that were judged.
    pub total: u64,
}

/// All versions that predicted for units.
#[derive(Debug, Default)]
pub struct Versions(RwLock<Vec<(Arc<Version>, Count)>>);

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) inside: u64,
    pub(super) total: u64,
}

impl Versions {
    /// The version of a bundle. `level` is that of its intervals.
    pub fn of(&self, bundle: Sha256Digest, metadata: &Metadata, level: Option<f64>) -> Arc<Version> {
        let find = |all: &[(Arc<Version>, Count)]| {
            all.iter()
                .rev()
                .find(|(version, _)| version.bundle == bundle)
                .map(|(version, _)| Arc::clone(version))
        };
        if let Some(found) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return found;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        find(&all).unwrap_or_else(|| {
            let id = all.iter().map(|(version, _)| version.id).max().unwrap_or(0) + 1;
            let Metadata { version: number, rul_cap, .. } = *metadata;
            let version = Arc::new(Version { id, bundle, number, rul_cap, level });
            all.push((Arc::clone(&version), Count::default()));
            version
        })
    }

    /// The version with a number that was given out.
    pub fn get(&self, id: u32) -> Option<Arc<Version>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|(version, _)| version.id == id).map(|(version, _)| Arc::clone(version))
    }

    /// Counts what a unit's end of life showed.
    pub(super) fn count(&self, realised: &[Realised]) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for one in realised {
            if let Some((_, count)) = all.iter_mut().find(|(version, _)| version.id == one.version) {
                count.inside += one.inside;
                count.total += one.total;
            }
        }
    }

    /// What was counted so far, for the versions of which anything was.
    pub fn coverage(&self) -> Vec<Coverage> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let counted = all.iter().filter(|(_, count)| count.total > 0);
        counted
            .map(|(version, count)| Coverage {
                bundle_sha256: version.bundle,
                version: version.number,
                level: version.level,
                inside: count.inside,
                total: count.total,
            })
            .collect()
    }

    /// Takes in the versions of an earlier run.
    pub(super) fn restore(&self, versions: Vec<(Version, Count)>) {
        let versions = versions.into_iter().map(|(version, count)| (Arc::new(version), count));
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(versions);
    }
}
