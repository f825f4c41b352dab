//! All units of a gateway, in memory and on disk: who they are, whose turn it is, what starts again.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use overhaul_bundle::UnitId;
use tokio::sync::watch;

use super::error::UnitError;
use super::history::Realised;
use super::layout::Layouts;
use super::log::{Change, Loaded, Log};
use super::settings::UnitSettings;
use super::unit::Unit;
use super::versions::{Coverage, Versions};
use crate::agent::Agent;

/// How long a request waits for the windows of an earlier run to be read.
const LOADING: Duration = Duration::from_secs(10);

/// All units of a gateway.
pub struct Units {
    pub(super) agent: Arc<Agent>,
    pub(super) settings: UnitSettings,
    pub(super) layouts: Layouts,
    pub(super) versions: Versions,
    /// `None` for a gateway without a directory: everything is forgotten when it ends.
    pub(super) log: Option<Log>,
    slots: RwLock<BTreeMap<UnitId, Arc<Slot>>>,
    next_key: AtomicU64,
    loaded: watch::Receiver<bool>,
}

/// One unit's place.
pub(super) struct Slot {
    /// What the log calls it.
    pub(super) key: u64,
    /// Held by the one request that may change the unit; the others wait in the order in which they came.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// The place is given up; who waited for its turn looks for the unit again.
    gone: AtomicBool,
    unit: Mutex<Arc<Unit>>,
}

/// Why a unit starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewStart {
    /// It was overhauled, or nobody says.
    Overhauled,
    /// Its life ended at this cycle; at its newest one if that is `None`.
    EndOfLife(Option<u64>),
}

/// What was forgotten of a unit.
#[derive(Debug, Clone)]
pub struct Forgotten {
    /// The unit as it was.
    pub unit: Arc<Unit>,
    /// The cycle at which its life ended, if that was told.
    pub end: Option<u64>,
    /// How many of its intervals held the RUL that came true; empty unless its end was told.
    pub realised: Vec<Realised>,
}

impl Units {
    /// The units of an agent, with those that `directory` kept. A file of a newer release, or one that cannot be
    /// written, is a mistake; a damaged one is moved aside. Reading it goes on in the background, and requests wait
    /// for it. Called inside a runtime.
    pub fn open(
        agent: Arc<Agent>,
        settings: UnitSettings,
        directory: Option<&Path>,
    ) -> anyhow::Result<Arc<Self>> {
        let opened = directory.map(|directory| Log::open(directory, settings.kept)).transpose()?;
        let (done, loaded) = watch::channel(opened.is_none());
        let (log, reading) = opened.unzip();
        let units = Arc::new(Self {
            agent,
            settings,
            layouts: Layouts::default(),
            versions: Versions::default(),
            log,
            slots: RwLock::default(),
            next_key: AtomicU64::new(1),
            loaded,
        });
        if let Some(reading) = reading {
            let units = Arc::clone(&units);
            tokio::spawn(async move {
                // The log's thread is gone only when the program is ending.
                if let Ok(loaded) = reading.await {
                    units.restore(loaded);
                    done.send_replace(true);
                }
            });
        }
        Ok(units)
    }

    /// Waits until the windows of an earlier run are there.
    pub(super) async fn ready(&self) -> Result<(), UnitError> {
        let mut loaded = self.loaded.clone();
        match tokio::time::timeout(LOADING, loaded.wait_for(|loaded| *loaded)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(UnitError::Ending),
            Err(_) => Err(UnitError::Loading),
        }
    }

    /// The place of a unit, made if there is none.
    pub(super) fn slot(&self, name: &UnitId) -> Result<Arc<Slot>, UnitError> {
        if let Some(slot) = self.read().get(name) {
            return Ok(Arc::clone(slot));
        }
        let mut slots = self.write();
        if let Some(slot) = slots.get(name) {
            return Ok(Arc::clone(slot));
        }
        if slots.len() >= self.settings.max_units {
            return Err(UnitError::TooMany { unit: name.clone(), most: self.settings.max_units });
        }
        let slot = Arc::new(Slot::new(self.next_key.fetch_add(1, Ordering::Relaxed), Unit::default()));
        slots.insert(name.clone(), Arc::clone(&slot));
        Ok(slot)
    }

    /// Gives a unit's place up. Called by whoever has the turn.
    pub(super) fn remove(&self, name: &UnitId, slot: &Arc<Slot>) {
        slot.gone.store(true, Ordering::Release);
        let mut slots = self.write();
        if slots.get(name).is_some_and(|found| Arc::ptr_eq(found, slot)) {
            slots.remove(name);
        }
    }

    /// A unit as it is after its last answer.
    pub async fn get(&self, name: &UnitId) -> Result<Arc<Unit>, UnitError> {
        self.ready().await?;
        let slot = self.read().get(name).cloned();
        let unit = slot.map(|slot| slot.unit()).filter(|unit| unit.last.is_some());
        unit.ok_or_else(|| UnitError::Unknown(name.clone()))
    }

    /// Units in the order of their names, the first `limit` after `after`; only those with their alert up, or down, if
    /// `alert` says so. And whether there are more.
    pub async fn list(
        &self,
        after: Option<&UnitId>,
        limit: usize,
        alert: Option<bool>,
    ) -> Result<(Vec<(UnitId, Arc<Unit>)>, bool), UnitError> {
        self.ready().await?;
        let slots = self.read();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let units = slots.range::<UnitId, _>((from, Bound::Unbounded)).filter_map(|(name, slot)| {
            let unit = slot.unit();
            let wanted = unit.last.is_some_and(|last| alert.is_none_or(|alert| alert == last.alert.active));
            wanted.then(|| (name.clone(), unit))
        });
        let mut units: Vec<_> = units.take(limit + 1).collect();
        let more = units.len() > limit;
        units.truncate(limit);
        Ok((units, more))
    }

    /// How many units there are, and how many have their alert up.
    pub fn count(&self) -> (usize, usize) {
        let slots = self.read();
        let alerts = slots.values().filter(|slot| slot.unit().last.is_some_and(|last| last.alert.active));
        (slots.len(), alerts.count())
    }

    /// The versions that predicted.
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// How many intervals held the RUL that came true, by version, over the units whose end of life was told.
    pub fn coverage(&self) -> Vec<Coverage> {
        self.versions.coverage()
    }

    /// Forgets a unit: the next reading is its first. If its life ended, its intervals are judged before.
    pub async fn forget(self: &Arc<Self>, name: UnitId, why: NewStart) -> Result<Forgotten, UnitError> {
        self.ready().await?;
        let units = Arc::clone(self);
        // On a task of its own, so that a caller who goes away does not leave memory and disk apart.
        let work = tokio::spawn(async move { units.forget_here(&name, why).await });
        work.await.unwrap_or(Err(UnitError::Ending))
    }

    async fn forget_here(&self, name: &UnitId, why: NewStart) -> Result<Forgotten, UnitError> {
        loop {
            let slot = self.read().get(name).cloned();
            let slot = slot.ok_or_else(|| UnitError::Unknown(name.clone()))?;
            let _turn = slot.turn.lock().await;
            if slot.is_gone() {
                continue;
            }
            let unit = slot.unit();
            let last = unit.last.ok_or_else(|| UnitError::Unknown(name.clone()))?;
            let end = match why {
                NewStart::Overhauled => None,
                NewStart::EndOfLife(cycle) => Some(cycle.unwrap_or(last.cycle)),
            };
            if let Some(cycle) =
                end.filter(|cycle| *cycle > last.cycle.saturating_add(self.settings.max_ahead))
            {
                return Err(UnitError::EndTooFar { cycle, newest: last.cycle });
            }
            let cap = |version| self.versions.get(version).and_then(|version| version.rul_cap);
            let realised = end.map_or_else(Vec::new, |end| unit.history.realised(end, cap));
            if let Some(log) = &self.log {
                log.write(Change::Forget { key: slot.key, realised: realised.clone() }).await?;
            }
            self.versions.count(&realised);
            self.remove(name, &slot);
            return Ok(Forgotten { unit, end, realised });
        }
    }

    fn restore(&self, loaded: Loaded) {
        self.layouts.restore(loaded.layouts);
        self.versions.restore(loaded.versions);
        self.next_key.store(loaded.next_key, Ordering::Relaxed);
        let slots = loaded.units.into_iter().map(|(key, name, unit)| (name, Arc::new(Slot::new(key, unit))));
        self.write().extend(slots);
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<UnitId, Arc<Slot>>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<UnitId, Arc<Slot>>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn new(key: u64, unit: Unit) -> Self {
        Self {
            key,
            turn: tokio::sync::Mutex::default(),
            gone: AtomicBool::new(false),
            unit: Mutex::new(Arc::new(unit)),
        }
    }

    /// The unit after its last answer.
    pub(super) fn unit(&self) -> Arc<Unit> {
        Arc::clone(&self.unit.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the unit as it is now. Called by whoever has the turn.
    pub(super) fn set(&self, unit: Unit) {
        *self.unit.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(unit);
    }

    /// Whether the place was given up before the turn came.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}
