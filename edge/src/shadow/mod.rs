//! A candidate beside the version that answers: it predicts the same windows, answers nobody, and is compared.
//!
//! | module | holds |
//! | --- | --- |
//! | `summary` | how far the two are apart, and how long each takes |
//! | `follow` | which version is the candidate |
//!
//! It has a budget of its own: one call at a time, a quarter of one core at most, and a short queue. What does not fit is
//! left out and counted.

mod follow;
mod summary;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use overhaul_bundle::window::Window;
use overhaul_client::api;
use tokio::sync::mpsc;

use crate::model::{Model, Prediction};
pub use follow::Shadowing;
use summary::Summary;

/// Requests that wait for the candidate; one more is left out.
const WAITING: usize = 64;
/// The share of one core that the candidate may take.
const SHARE: f64 = 0.25;

/// A candidate that predicts beside the version that answers. It ends when this is dropped.
pub struct Shadow {
    candidate: Arc<Model>,
    offered: mpsc::Sender<Offered>,
    summary: Arc<Mutex<Option<Summary>>>,
    skipped: Arc<AtomicU64>,
}

/// Windows that the version that answers has predicted.
struct Offered {
    unit: Option<String>,
    windows: Vec<Window>,
    predicted: Vec<f32>,
    production: Arc<Model>,
    took: Duration,
}

impl Shadow {
    /// Starts a candidate. Called inside a runtime.
    pub fn start(candidate: Arc<Model>) -> Self {
        let (offered, mut receiver) = mpsc::channel::<Offered>(WAITING);
        let summary: Arc<Mutex<Option<Summary>>> = Arc::default();
        let (model, sums) = (Arc::clone(&candidate), Arc::clone(&summary));
        tokio::spawn(async move {
            while let Some(offered) = receiver.recv().await {
                let start = Instant::now();
                let answers = model.predict(offered.windows).await;
                let took = start.elapsed();
                {
                    let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
                    let sum = match sums.as_mut() {
                        Some(sum) if sum.is_of(&offered.production) => sum,
                        _ => sums.insert(Summary::new(&model, &offered.production)),
                    };
                    let unit = offered.unit.as_deref();
                    match answers {
                        Ok(answers) => sum.add(unit, &offered.predicted, &answers, offered.took, took),
                        Err(error) => {
                            tracing::debug!("the candidate failed: {error}");
                            sum.failed(offered.predicted.len());
                        }
                    }
                }
                tokio::time::sleep(took.mul_f64(1.0 / SHARE - 1.0)).await;
            }
        });
        Self { candidate, offered, summary, skipped: Arc::default() }
    }

    /// The candidate.
    pub fn candidate(&self) -> &Arc<Model> {
        &self.candidate
    }

    /// Offers what the version that answers has predicted in `took`. `windows` makes the candidate's input, and is
    /// not asked when the candidate has enough to do.
    pub fn offer(
        &self,
        unit: Option<&str>,
        windows: impl FnOnce(&Model) -> Option<Vec<Window>>,
        predictions: &[Prediction],
        production: &Arc<Model>,
        took: Duration,
    ) {
        let Ok(place) = self.offered.try_reserve() else { return self.skip(predictions.len()) };
        let Some(windows) = windows(&self.candidate) else { return self.skip(predictions.len()) };
        place.send(Offered {
            unit: unit.map(str::to_owned),
            windows,
            predicted: predictions.iter().map(|prediction| prediction.predicted_rul).collect(),
            production: Arc::clone(production),
            took,
        });
    }

    /// What was found so far; `None` before the first comparison.
    pub fn found(&self) -> Option<api::Shadow> {
        let mut summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        Some(summary.as_mut()?.tell(self.skipped.load(Ordering::Relaxed)))
    }

    /// The same, and begins anew.
    pub fn take(&self) -> Option<api::Shadow> {
        let mut summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(summary.tell(self.skipped.swap(0, Ordering::Relaxed)))
    }

    fn skip(&self, windows: usize) {
        self.skipped.fetch_add(windows as u64, Ordering::Relaxed);
    }
}
