//! The version that answers and, while it is on probation, the one before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::model::Model;

/// How long a new version is watched, and how much is forgiven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbationSettings {
    /// Predictions that are watched, at least 1.
    pub predictions: u64,
    /// The failure with which the gateway goes back to the version before, at least 1. A failure is a trap, a missed
    /// deadline, an answer that is no finite number, or any other refusal of a window that is in order.
    pub failures: u64,
}

impl Default for ProbationSettings {
    fn default() -> Self {
        Self { predictions: 1000, failures: 3 }
    }
}

/// How a probation stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Probation {
    /// Predictions that were asked so far.
    pub predictions: u64,
    /// How many of them failed, and were answered by the version before.
    pub failures: u64,
    /// Predictions after which it ends.
    pub of: u64,
}

/// The version that answers.
pub(super) struct Serving {
    pub(super) model: Arc<Model>,
    watch: Option<Watch>,
}

struct Watch {
    before: Arc<Model>,
    settings: ProbationSettings,
    predictions: AtomicU64,
    failures: AtomicU64,
}

/// What one more prediction means. The two ends are told to one caller each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    On,
    /// The probation is over.
    Proven,
    /// That was one failure too many.
    Failed,
}

impl Serving {
    /// `model` on probation with `before` to fall back to; for good without.
    pub(super) fn new(model: Arc<Model>, before: Option<Arc<Model>>, settings: ProbationSettings) -> Self {
        let watch = before.map(|before| Watch {
            before,
            settings,
            predictions: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        });
        Self { model, watch }
    }

    /// The version to fall back to, on probation.
    pub(super) fn before(&self) -> Option<&Arc<Model>> {
        self.watch.as_ref().map(|watch| &watch.before)
    }

    /// A prediction was made.
    pub(super) fn succeeded(&self) -> Step {
        let Some(watch) = &self.watch else { return Step::On };
        let count = watch.predictions.fetch_add(1, Ordering::Relaxed) + 1;
        if count == watch.settings.predictions { Step::Proven } else { Step::On }
    }

    /// A prediction failed by the version's fault.
    pub(super) fn failed(&self) -> Step {
        let Some(watch) = &self.watch else { return Step::On };
        let count = watch.predictions.fetch_add(1, Ordering::Relaxed) + 1;
        let failures = watch.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures == watch.settings.failures {
            Step::Failed
        } else if count == watch.settings.predictions {
            Step::Proven
        } else {
            Step::On
        }
    }

    /// How the probation stands, while there is one.
    pub(super) fn probation(&self) -> Option<Probation> {
        self.watch.as_ref().map(|watch| Probation {
            predictions: watch.predictions.load(Ordering::Relaxed),
            failures: watch.failures.load(Ordering::Relaxed),
            of: watch.settings.predictions,
        })
    }
}
