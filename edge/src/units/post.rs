//! `POST /units/{id}/readings`: readings in, the unit's RUL out. All of a body is kept, or nothing of it.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use overhaul_bundle::{UnitId, VersionNumber};
use overhaul_client::api::{Alert, Event, SinglePrediction};

use super::answer::{Flags, UnitAnswer};
use super::body::{self, Format};
use super::error::UnitError;
use super::history::Point;
use super::layout::Layout;
use super::log::{Append, Change};
use super::marks::{Mark, Marks};
use super::prepare::{self, Findings, Shape};
use super::registry::{Slot, Units};
use super::rules::{self, Bounds, Brought, Incoming, Taken};
use super::unit::{Last, Unit};
use crate::agent::{Answered, Asked, PredictError};
use crate::model::{Model, Prediction};

impl Units {
    /// Takes the readings of a body and predicts at the unit's newest cycle. Requests for one unit are answered in
    /// the order in which they came; an error means that nothing was kept.
    pub async fn post(
        self: &Arc<Self>,
        name: UnitId,
        format: Format,
        body: impl AsRef<[u8]> + Send + 'static,
    ) -> Result<UnitAnswer, UnitError> {
        self.ready().await?;
        let units = Arc::clone(self);
        // On a task of its own, so that a caller who goes away does not leave memory and disk apart.
        let work = tokio::spawn(async move { units.post_here(&name, format, body.as_ref()).await });
        work.await.unwrap_or(Err(UnitError::Ending))
    }

    async fn post_here(&self, name: &UnitId, format: Format, body: &[u8]) -> Result<UnitAnswer, UnitError> {
        let model = self.agent.active().ok_or(PredictError::NoModel)?;
        let columns = &model.metadata().feature_columns;
        let readings = body::readings(format, body, name, columns)?;
        let layout = self.layouts.of(columns);
        let window = model.metadata().sequence_length;
        let bounds =
            Bounds { window, kept: window.max(self.settings.kept), max_ahead: self.settings.max_ahead };
        drop(model);
        loop {
            let slot = self.slot(name)?;
            let _turn = slot.turn.lock().await;
            if slot.is_gone() {
                continue;
            }
            let answer = self.answer(name, &slot, &readings, &layout, bounds).await;
            if slot.unit().last.is_none() {
                // Its first readings were refused: it is no unit yet.
                self.remove(name, &slot);
            }
            return answer;
        }
    }

    async fn answer(
        &self,
        name: &UnitId,
        slot: &Slot,
        readings: &[Incoming],
        layout: &Arc<Layout>,
        bounds: Bounds,
    ) -> Result<UnitAnswer, UnitError> {
        let before = slot.unit();
        let mut unit = Unit::clone(&before);
        let Brought { taken, accepted, kept: added } =
            rules::take(&mut unit.kept, readings, layout, &self.layouts, bounds)?;
        let Some(cycle) = unit.kept.newest() else { return Err(prepare::Unfit::Empty.into()) };
        let (answered, findings) = self.predict(name, &unit, layout, added.contains(&cycle)).await?;
        let prediction = answered.prediction;
        let interval = prediction.confidence_interval.as_ref();
        let level = interval.map(|interval| interval.level);
        let version_number = answered.model.metadata().version;
        let version = self.versions.of(answered.model.digest(), answered.model.metadata(), level);
        let interval = interval.map(|interval| (interval.lower, interval.upper));
        let point = Point { cycle, rul: prediction.predicted_rul, interval, version: version.id };
        // Nothing that is already known is written again.
        if !added.is_empty() {
            let accepted = accepted.iter().map(|place| readings[*place].values.as_slice());
            self.watch(name, &answered.model, layout, accepted);
            let marks = marks(&prediction, &taken, &findings);
            unit.answered(point, marks, now(), &self.settings);
            let values = |cycle: &u64| unit.kept.get(*cycle).map(|reading| (*cycle, reading.values.to_vec()));
            let readings = added.iter().filter_map(values).collect();
            if let (Some(log), Some(last)) = (&self.log, unit.last) {
                let history_from = unit.history.points().first().map_or(cycle, |first| first.cycle);
                let (key, rows) = (slot.key, unit.rows());
                let (name, layout) = (name.clone(), Arc::clone(layout));
                let append = Append { key, name, layout, version, readings, point, last, history_from, rows };
                log.write(Change::Append(append)).await?;
            }
            slot.set(unit);
            self.report(name, &point, version_number, marks);
        }
        let unit = slot.unit();
        let was_up = before.last.is_some_and(|last| last.alert.active);
        if let Some(last) = unit.last.filter(|last| last.alert.active != was_up) {
            self.on_alert(name, &last, &point, version_number);
        }
        Ok(UnitAnswer {
            unit: name.clone(),
            cycle,
            note: note(&taken, name, cycle),
            smoothed_rul: unit.last.and_then(|last| last.smoothed),
            alert: unit.last.map(|last| last.alert).unwrap_or_default(),
            prediction,
            accepted: taken.accepted,
            flags: Flags { taken, findings },
        })
    }

    /// A prediction was made of readings that are kept.
    fn report(&self, name: &UnitId, point: &Point, version: Option<VersionNumber>, marks: Marks) {
        self.agent.reports().record_prediction(|| SinglePrediction {
            unit: name.to_string(),
            cycle: point.cycle,
            version,
            rul: point.rul,
            lower: point.interval.map(|(lower, _)| lower),
            upper: point.interval.map(|(_, upper)| upper),
            flags: marks.iter().map(|mark| mark.name().to_owned()).collect(),
        });
    }

    /// An alert was raised or cleared.
    fn on_alert(&self, name: &UnitId, last: &Last, point: &Point, version: Option<VersionNumber>) {
        let (rul, raised) = (point.rul, last.alert.active);
        let lower = point.interval.map_or(rul, |(lower, _)| lower);
        if raised {
            tracing::warn!(unit = %name, cycle = last.cycle, rul, lower, "a unit's alert is raised");
        } else {
            tracing::info!(unit = %name, cycle = last.cycle, rul, lower, "a unit's alert is cleared");
        }
        let threshold = self.settings.alert.threshold;
        let (unit, cycle) = (name.to_string(), last.cycle);
        self.agent.reports().record(Event::Alert(Alert { unit, cycle, raised, lower, threshold, version }));
    }

    /// Shows the readings that were accepted to whoever compares them with the training's, also those of which newer
    /// ones of the same body took the places.
    fn watch<'a>(
        &self,
        name: &UnitId,
        model: &Model,
        layout: &Layout,
        accepted: impl Iterator<Item = &'a [f32]>,
    ) {
        // Another version's columns are not what was sent.
        if model.metadata().feature_columns == layout.columns {
            for values in accepted {
                self.agent.drift().observe(model, Some(name.as_str()), values);
            }
        }
    }

    /// Predicts at the newest cycle, with whichever version answers. `judged` says that the newest reading came with
    /// this request.
    async fn predict(
        &self,
        name: &UnitId,
        unit: &Unit,
        layout: &Layout,
        judged: bool,
    ) -> Result<(Answered, Findings), UnitError> {
        // The version that answers is the last that is asked for a window.
        let findings = Mutex::new(Findings::default());
        let window = |model: &Model| {
            let columns = &model.metadata().feature_columns;
            let shape =
                Shape { columns, length: model.metadata().sequence_length, expected: model.expectations() };
            // What the version before takes and the one that answers does not was never sent: nobody is to blame.
            let judge = (judged && *columns == layout.columns).then_some(self.settings.max_missing);
            let prepared = prepare::prepare(&unit.kept, &self.layouts, shape, judge, self.settings.wild)?;
            *findings.lock().unwrap_or_else(PoisonError::into_inner) = prepared.findings;
            Ok::<_, UnitError>(prepared.window)
        };
        let answered = self.agent.predict(Asked::Unit(name), window).await?;
        Ok((answered, findings.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Now, as precisely as it is kept.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

fn marks(prediction: &Prediction, taken: &Taken, findings: &Findings) -> Marks {
    Marks::default()
        .with(Mark::Padded, prediction.padded_rows > 0)
        .with(Mark::Clamped, prediction.clamped)
        .with(Mark::Imputed, !findings.imputed.is_empty())
        .with(Mark::Wild, !findings.wild.is_empty())
        .with(Mark::Stuck, !findings.stuck.is_empty())
        .with(Mark::Gap, findings.gap > 0)
        .with(Mark::Late, taken.late > 0)
        .with(Mark::Duplicate, taken.duplicate > 0)
        .with(Mark::Conflict, taken.conflict > 0)
        .with(Mark::TooOld, taken.too_old > 0)
        .with(Mark::RestartedWindow, taken.restarted_window > 0)
}

/// What to do about readings that a counter which starts again would bring.
fn note(taken: &Taken, name: &UnitId, newest: u64) -> Option<String> {
    let ignored = taken.too_old + taken.conflict;
    (ignored > 0).then(|| {
        format!(
            "{ignored} readings were ignored: they are older than what is kept before cycle {newest}, or contradict \
             it; if the unit was overhauled and counts anew, DELETE /units/{name} first"
        )
    })
}
