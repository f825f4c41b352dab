//! What all parts of a running agent share: the version that answers, and what is known for `/health`.
//!
//! | module | holds |
//! | --- | --- |
//! | `serving` | the version that answers, with the one before it while it is on probation |
//! | `status` | what is known beside it |

mod serving;
mod status;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use overhaul_bundle::UnitId;
use overhaul_bundle::window::Window;
use tokio::sync::mpsc;

use crate::drift::Drift;
use crate::metrics::Metrics;
use crate::model::{CallError, Model, Prediction};
use crate::reports::Reports;
use crate::shadow::Shadow;
use crate::store::{Refusals, Store};
use crate::summaries::Predictions;
pub use serving::{Probation, ProbationSettings};
use serving::{Serving, Step};
pub use status::{Refusal, RegistryStatus, Status};

/// What all parts of a running agent share.
pub struct Agent {
    serving: RwLock<Option<Arc<Serving>>>,
    status: Mutex<Status>,
    refusals: Refusals,
    metrics: Metrics,
    predictions: Predictions,
    drift: Drift,
    shadow: RwLock<Option<Arc<Shadow>>>,
    probation: Mutex<ProbationSettings>,
    verdicts: mpsc::UnboundedSender<Verdict>,
    reports: Reports,
}

/// How a version's probation ended.
#[derive(Clone)]
pub enum Verdict {
    /// It stays.
    Proven(Arc<Model>),
    /// The version before answers again.
    FellBack(FallBack),
}

/// A version that was taken back by the gateway itself.
#[derive(Clone)]
pub struct FallBack {
    /// The version that failed.
    pub from: Arc<Model>,
    /// The version that answers again.
    pub to: Arc<Model>,
    /// What its last failure was, in one line.
    pub reason: String,
    /// Predictions that were asked of it.
    pub predictions: u64,
    /// How many of them failed.
    pub failures: u64,
}

/// A prediction, and the version that made it.
#[derive(Clone)]
pub struct Answered {
    /// What is answered.
    pub prediction: Prediction,
    /// Who answered.
    pub model: Arc<Model>,
}

/// Whose windows are predicted.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// Those of a unit, whose readings the gateway keeps.
    Unit(&'a UnitId),
    /// Nobody says.
    Windows,
}

impl Asked<'_> {
    fn unit(&self) -> Option<&str> {
        match self {
            Self::Unit(unit) => Some(unit.as_str()),
            Self::Windows => None,
        }
    }
}

/// The last reading of each window.
fn newest_readings(model: &Model, windows: &[Window]) -> Vec<Vec<f32>> {
    let features = model.metadata().input_features;
    windows.iter().filter_map(|window| window.values.rchunks(features).next().map(<[f32]>::to_vec)).collect()
}

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// Nothing runs yet.
    #[error("no model version is here yet; /health says what the agent waits for")]
    NoModel,
    /// The version that runs did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Agent {
    /// An agent without a version; how probations end is told to the receiver.
    pub fn new(
        probation: ProbationSettings,
        refusals: Refusals,
        reports: Reports,
    ) -> (Self, mpsc::UnboundedReceiver<Verdict>) {
        let (verdicts, receiver) = mpsc::unbounded_channel();
        let agent = Self {
            serving: RwLock::default(),
            status: Mutex::default(),
            refusals,
            metrics: Metrics::default(),
            predictions: Predictions::default(),
            drift: Drift::default(),
            shadow: RwLock::default(),
            probation: Mutex::new(probation),
            verdicts,
            reports,
        };
        (agent, receiver)
    }

    /// How the versions that are activated from now on are watched.
    pub fn set_probation(&self, settings: ProbationSettings) {
        *self.probation.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// What was predicted since it was reported last.
    pub fn predictions(&self) -> &Predictions {
        &self.predictions
    }

    /// How the readings that come compare with the training's.
    pub fn drift(&self) -> &Drift {
        &self.drift
    }

    /// The candidate beside the version that answers, if there is one.
    pub fn shadow(&self) -> Option<Arc<Shadow>> {
        self.shadow.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a candidate beside the version that answers, or none.
    pub fn set_shadow(&self, shadow: Option<Shadow>) {
        *self.shadow.write().unwrap_or_else(PoisonError::into_inner) = shadow.map(Arc::new);
    }

    /// All versions that are loaded: what answers, what stands by, what shadows.
    pub fn loaded(&self) -> Vec<Arc<Model>> {
        let shadow = self.shadow().map(|shadow| Arc::clone(shadow.candidate()));
        self.active().into_iter().chain(self.standing_by()).chain(shadow).collect()
    }

    /// Removes old versions from disk. Those that may be needed without a network stay.
    pub fn tidy(&self, store: &Store) {
        let loaded: Vec<_> = self.loaded().iter().map(|model| (model.digest(), model.component())).collect();
        // Before anything runs, what lies there may be all that there is.
        if !loaded.is_empty()
            && let Err(e) = store.tidy(&loaded)
        {
            tracing::warn!("old versions could not be removed from disk: {e}");
        }
    }

    /// What Prometheus is told.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Where what happens is recorded for the registry.
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// The versions that this gateway took back, until it is told otherwise.
    pub fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// The model that answers now. Who holds it goes on with it, whatever is activated meanwhile.
    pub fn active(&self) -> Option<Arc<Model>> {
        self.serving().map(|serving| Arc::clone(&serving.model))
    }

    /// The version before the one that answers, while that is on probation.
    pub fn standing_by(&self) -> Option<Arc<Model>> {
        self.serving()?.before().cloned()
    }

    /// How the probation of the model that answers stands, while it is on one.
    pub fn probation(&self) -> Option<Probation> {
        self.serving()?.probation()
    }

    /// From the next request on, this model answers; the one that answered until now stands by until the new one
    /// has proven itself. The answer is the one that answered until now.
    pub fn activate(&self, model: Arc<Model>) -> Option<Arc<Model>> {
        let before = self.active();
        self.activate_after(model, before.clone());
        before
    }

    /// As [`Agent::activate`], with `before` to fall back to; without one, there is no probation.
    pub fn activate_after(&self, model: Arc<Model>, before: Option<Arc<Model>>) {
        let serving = Arc::new(Serving::new(model, before, self.probation_settings()));
        *self.serving.write().unwrap_or_else(PoisonError::into_inner) = Some(serving);
        self.update(|status| status.refused = None);
    }

    /// Predicts with the version that answers. `window` makes the input for a version: the one before may take
    /// other columns, and answers in place of one on probation that fails.
    pub async fn predict<E: From<PredictError>>(
        &self,
        asked: Asked<'_>,
        window: impl Fn(&Model) -> Result<Window, E>,
    ) -> Result<Answered, E> {
        let (mut predictions, model) =
            self.predict_many(asked, |model| window(model).map(|window| vec![window])).await?;
        let prediction = predictions.pop().ok_or(PredictError::Call(CallError::Ending))?;
        Ok(Answered { prediction, model })
    }

    /// As [`Agent::predict`] for several windows: one version answers all of them, or none is answered.
    pub async fn predict_many<E: From<PredictError>>(
        &self,
        asked: Asked<'_>,
        windows: impl Fn(&Model) -> Result<Vec<Window>, E>,
    ) -> Result<(Vec<Prediction>, Arc<Model>), E> {
        let serving = self.serving().ok_or(PredictError::NoModel)?;
        let input = windows(&serving.model)?;
        // A unit's readings are watched as they come; these come as windows, whose last reading is new.
        let newest = matches!(asked, Asked::Windows).then(|| newest_readings(&serving.model, &input));
        let start = Instant::now();
        let error = match self.ask(&serving.model, input).await {
            Ok(predictions) => {
                let took = start.elapsed();
                for reading in newest.iter().flatten() {
                    self.drift.observe(&serving.model, None, reading);
                }
                if let Some(shadow) = self.shadow() {
                    let input = |candidate: &Model| windows(candidate).ok();
                    shadow.offer(asked.unit(), input, &predictions, &serving.model, took);
                }
                if serving.succeeded() == Step::Proven {
                    self.proven(&serving);
                }
                return Ok((predictions, Arc::clone(&serving.model)));
            }
            Err(error) => error,
        };
        let Some(before) = serving.before().filter(|_| error.blames_the_version()) else {
            return Err(PredictError::from(error).into());
        };
        tracing::warn!("a prediction failed on probation, the version before answers: {error}");
        match serving.failed() {
            Step::Failed => self.fall_back(&serving, before, &error),
            Step::Proven => self.proven(&serving),
            Step::On => {}
        }
        let again = windows(before)?;
        // The newer version's failure says more than another of a version that answered until then.
        let predictions = self.ask(before, again).await.map_err(|_| PredictError::from(error))?;
        Ok((predictions, Arc::clone(before)))
    }

    /// What is known beside the active model.
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known.
    pub fn update(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn ask(&self, model: &Model, windows: Vec<Window>) -> Result<Vec<Prediction>, CallError> {
        let (count, start) = (windows.len() as u64, Instant::now());
        let answer = model.predict(windows).await;
        let took = start.elapsed();
        self.metrics.predicted(model.metadata().version, count, took, answer.is_err());
        self.predictions.add(model, count, answer.as_deref().ok(), took);
        answer
    }

    /// The version before may go.
    fn proven(&self, serving: &Arc<Serving>) {
        if self.replace(serving, Serving::new(Arc::clone(&serving.model), None, self.probation_settings())) {
            self.tell(Verdict::Proven(Arc::clone(&serving.model)));
        }
    }

    fn fall_back(&self, serving: &Arc<Serving>, before: &Arc<Model>, error: &CallError) {
        if self.replace(serving, Serving::new(Arc::clone(before), None, self.probation_settings())) {
            let Probation { predictions, failures, .. } = serving.probation().unwrap_or_default();
            self.tell(Verdict::FellBack(FallBack {
                from: Arc::clone(&serving.model),
                to: Arc::clone(before),
                reason: error.to_string(),
                predictions,
                failures,
            }));
        }
    }

    /// Puts `new` in the place of `old`, unless something else was activated meanwhile.
    fn replace(&self, old: &Arc<Serving>, new: Serving) -> bool {
        let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        let is_current = serving.as_ref().is_some_and(|current| Arc::ptr_eq(current, old));
        if is_current {
            *serving = Some(Arc::new(new));
        }
        is_current
    }

    fn probation_settings(&self) -> ProbationSettings {
        *self.probation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, verdict: Verdict) {
        // Without a follower there is nobody to tell.
        let _ = self.verdicts.send(verdict);
    }

    fn serving(&self) -> Option<Arc<Serving>> {
        self.serving.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
