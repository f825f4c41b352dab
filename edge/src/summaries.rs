//! What is reported every so often, summed up: what was predicted, what the readings were like, how a candidate did.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use datasketches::tdigest::TDigestMut;
use jiff::Timestamp;
use overhaul_client::api::{self, Event, Latency, PredictionSummary, RulQuantiles, VersionId};

use crate::agent::Agent;
use crate::model::{Model, Prediction};
use crate::units::Units;

/// Predictions of the version that answers, summed up.
#[derive(Default)]
pub struct Predictions(Mutex<Option<Sum>>);

struct Sum {
    running: VersionId,
    from: Timestamp,
    count: u64,
    failed: u64,
    clamped: u64,
    rul: TDigestMut,
    latency: TDigestMut,
}

impl Predictions {
    /// A version was asked for so many windows, and answered these, or failed.
    pub(crate) fn add(&self, model: &Model, windows: u64, answers: Option<&[Prediction]>, took: Duration) {
        let running = id(model);
        let mut sum = self.lock();
        let sum = match sum.as_mut() {
            Some(sum) if sum.running == running => sum,
            _ => sum.insert(Sum::new(running)),
        };
        sum.count += windows;
        let Some(answers) = answers else {
            sum.failed += windows;
            return;
        };
        sum.latency.update(took.as_secs_f64() * 1e3);
        for answer in answers {
            sum.clamped += u64::from(answer.clamped);
            sum.rul.update(f64::from(answer.predicted_rul));
        }
    }

    /// What there is to be told; `None` if nothing was predicted. Begins anew.
    fn take(&self) -> Option<PredictionSummary> {
        let mut sum = mem::take(&mut *self.lock())?;
        // Ranks between 0 and 1 are no error.
        let rul = sum.rul.quantiles(&[0.1, 0.5, 0.9]).ok().flatten();
        let ends = sum.rul.min_value().zip(sum.rul.max_value());
        let rul = rul.zip(ends).and_then(|(found, (min, max))| match found[..] {
            [p10, p50, p90] => Some(RulQuantiles { min, p10, p50, p90, max }),
            _ => None,
        });
        let latency = sum.latency.quantiles(&[0.5, 0.99]).ok().flatten();
        let latency = latency.and_then(|found| match found[..] {
            [p50, p99] => Some(Latency { p50, p99 }),
            _ => None,
        });
        let Sum { running, from, count, failed, clamped, .. } = sum;
        Some(PredictionSummary { running, from, to: Timestamp::now(), count, failed, clamped, rul, latency })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Sum>> {
        // A sum that a panic left half done is off by one prediction.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sum {
    fn new(running: VersionId) -> Self {
        let (rul, latency) = Default::default();
        Self { running, from: Timestamp::now(), count: 0, failed: 0, clamped: 0, rul, latency }
    }
}

fn id(model: &Model) -> VersionId {
    VersionId { version: model.metadata().version, bundle_sha256: model.digest() }
}

/// Reports summaries for ever, one of each every `interval`; nothing for what did not happen.
pub async fn report(agent: Arc<Agent>, units: Arc<Units>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        record(&agent, &units);
    }
}

/// Reports what happened since the last summaries.
pub fn record(agent: &Agent, units: &Units) {
    let reports = agent.reports();
    if let Some(summary) = agent.predictions().take() {
        reports.record(Event::Predictions(summary));
    }
    if let Some(model) = agent.active()
        && let Some(statistics) = agent.drift().take(&model, coverage(units, &model))
    {
        reports.record(Event::Statistics(statistics));
    }
    if let Some(found) = agent.shadow().and_then(|shadow| shadow.take()) {
        reports.record(Event::Shadow(found));
    }
}

/// How often a version's intervals held what came true.
pub(crate) fn coverage(units: &Units, model: &Model) -> Option<api::Coverage> {
    let found = units.coverage().into_iter().find(|coverage| coverage.bundle_sha256 == model.digest())?;
    Some(api::Coverage { predictions: found.total, covered: found.inside, level: found.level? })
}
