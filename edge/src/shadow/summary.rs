//! How far a candidate is from the version that answers, and how long each takes.

use std::collections::HashMap;
use std::time::Duration;

use datasketches::tdigest::TDigestMut;
use jiff::Timestamp;
use overhaul_client::api::{Divergence, Latency, Shadow, UnitDivergence, VersionId};

use crate::model::{Model, Prediction};

/// The units that are told: the worst.
const WORST: usize = 10;
/// The most units that the worst are sought among; beyond it, the least bad go.
const UNITS: usize = 1000;

/// What was found on the windows that both predicted.
pub(super) struct Summary {
    candidate: VersionId,
    production: VersionId,
    from: Timestamp,
    windows: u64,
    failures: u64,
    sum: f64,
    differences: TDigestMut,
    /// The candidate's RUL less the other's, where it was furthest, by unit.
    units: HashMap<String, f64>,
    candidate_latency: TDigestMut,
    production_latency: TDigestMut,
}

impl Summary {
    pub(super) fn new(candidate: &Model, production: &Model) -> Self {
        Self {
            candidate: id(candidate),
            production: id(production),
            from: Timestamp::now(),
            windows: 0,
            failures: 0,
            sum: 0.0,
            differences: TDigestMut::default(),
            units: HashMap::new(),
            candidate_latency: TDigestMut::default(),
            production_latency: TDigestMut::default(),
        }
    }

    /// Whether it compares with this version.
    pub(super) fn is_of(&self, production: &Model) -> bool {
        self.production == id(production)
    }

    /// Both predicted the windows of one request, each in its time.
    pub(super) fn add(
        &mut self,
        unit: Option<&str>,
        production: &[f32],
        candidate: &[Prediction],
        production_took: Duration,
        candidate_took: Duration,
    ) {
        for (production, candidate) in production.iter().zip(candidate) {
            let difference = f64::from(candidate.predicted_rul) - f64::from(*production);
            self.windows += 1;
            self.sum += difference.abs();
            self.differences.update(difference.abs());
            if let Some(unit) = unit {
                self.note(unit, difference);
            }
        }
        self.production_latency.update(production_took.as_secs_f64() * 1e3);
        self.candidate_latency.update(candidate_took.as_secs_f64() * 1e3);
    }

    /// The candidate failed on so many windows.
    pub(super) fn failed(&mut self, windows: usize) {
        self.failures += windows as u64;
    }

    fn note(&mut self, unit: &str, difference: f64) {
        match self.units.get_mut(unit) {
            Some(worst) if worst.abs() >= difference.abs() => {}
            Some(worst) => *worst = difference,
            None => {
                self.units.insert(unit.to_owned(), difference);
                if self.units.len() > UNITS {
                    let kept = self.worst(UNITS / 2);
                    self.units = kept.into_iter().collect();
                }
            }
        }
    }

    /// The worst units, the worst first.
    fn worst(&self, most: usize) -> Vec<(String, f64)> {
        let mut units: Vec<(String, f64)> =
            self.units.iter().map(|(unit, difference)| (unit.clone(), *difference)).collect();
        units.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(&b.0)));
        units.truncate(most);
        units
    }

    /// What is told of it; `skipped` windows were left out.
    pub(super) fn tell(&mut self, skipped: u64) -> Shadow {
        let worst = self.worst(WORST).into_iter();
        // Ranks between 0 and 1 are no error.
        let quantiles = self.differences.quantiles(&[0.5, 0.9, 0.99]).ok().flatten();
        let divergence =
            quantiles.zip(self.differences.max_value()).and_then(|(found, max)| match found[..] {
                [p50, p90, p99] => {
                    Some(Divergence { mean: self.sum / self.windows as f64, p50, p90, p99, max })
                }
                _ => None,
            });
        Shadow {
            candidate: self.candidate,
            production: self.production,
            from: self.from,
            to: Timestamp::now(),
            windows: self.windows,
            failures: self.failures,
            skipped,
            divergence,
            worst: worst.map(|(unit, difference)| UnitDivergence { unit, difference }).collect(),
            candidate_latency: latency(&mut self.candidate_latency),
            production_latency: latency(&mut self.production_latency),
        }
    }
}

fn id(model: &Model) -> VersionId {
    VersionId { version: model.metadata().version, bundle_sha256: model.digest() }
}

fn latency(sketch: &mut TDigestMut) -> Option<Latency> {
    match sketch.quantiles(&[0.5, 0.99]).ok().flatten()?[..] {
        [p50, p99] => Some(Latency { p50, p99 }),
        _ => None,
    }
}
