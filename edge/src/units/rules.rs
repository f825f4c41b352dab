//! Which readings a unit takes: newer, late, doubled, too old, after a gap. Order is by cycle only, never by a clock.
//!
//! | a reading's cycle | what happens |
//! | --- | --- |
//! | newer than the newest | it is appended |
//! | absent | it is the newest and one more; 1 for a unit's first |
//! | kept already, with the same values | it is ignored: `duplicate` |
//! | kept already, with other values | it is ignored, the first stays: `conflict` |
//! | older than the newest, and the next kept one follows within a window | it is put in its place: `late` |
//! | older than that, or than all that is kept | it is ignored: `too_old` |
//! | so far ahead that no reading before it is within a window | it is the first of a new window: `restarted_window` |
//! | more than `max_ahead` ahead | the body is refused |

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::layout::{Layout, Layouts};
use super::window::{Kept, Reading};

/// A reading as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Its cycle, if it says one.
    pub cycle: Option<u64>,
    /// One value a column of the layout it came in; NaN where one is missing.
    pub values: Vec<f32>,
}

/// How long windows are, and what is kept.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Readings in the model's window.
    pub window: usize,
    /// Readings that are kept, at least `window`.
    pub kept: usize,
    /// How far ahead of the newest a cycle may be.
    pub max_ahead: u64,
}

/// What became of the readings of one body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Taken {
    /// Readings that are in the unit's window now, or were until newer ones of the same body took their places.
    #[serde(skip)]
    pub accepted: usize,
    /// Of those, the ones that came after a newer one.
    pub late: usize,
    /// Readings that were there already.
    pub duplicate: usize,
    /// Readings whose cycle was there already with other values; the first ones stay.
    pub conflict: usize,
    /// Readings that were older than what is kept.
    pub too_old: usize,
    /// How often the window began anew, after a gap longer than the window.
    pub restarted_window: usize,
}

/// What a body brought.
#[derive(Debug, Default)]
pub struct Brought {
    /// What became of its readings.
    pub taken: Taken,
    /// Where in the body the accepted readings stand.
    pub accepted: Vec<usize>,
    /// The cycles that are kept because of it, in no order.
    pub kept: Vec<u64>,
}

/// A cycle that no counter reaches by running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "cycle {cycle} is {ahead} ahead of the unit's newest, {newest}; mend the cycle, \
     or DELETE the unit if it counts anew",
    ahead = cycle - newest
)]
pub struct TooFarAhead {
    cycle: u64,
    newest: u64,
}

/// Takes readings one after the other, as they stand in the body.
pub fn take(
    kept: &mut Kept,
    readings: &[Incoming],
    layout: &Arc<Layout>,
    layouts: &Layouts,
    bounds: Bounds,
) -> Result<Brought, TooFarAhead> {
    let mut brought = Brought::default();
    let taken = &mut brought.taken;
    for (place, reading) in readings.iter().enumerate() {
        let newest = kept.newest();
        let cycle = reading.cycle.unwrap_or_else(|| newest.map_or(1, |newest| newest + 1));
        let new = Reading { cycle, layout: layout.id, values: &reading.values };
        match newest {
            Some(newest) if cycle > newest => {
                if cycle - newest > bounds.max_ahead {
                    return Err(TooFarAhead { cycle, newest });
                }
                if !within(newest, cycle, bounds.window) {
                    taken.restarted_window += 1;
                }
            }
            Some(_) => {
                if let Some(first) = kept.get(cycle) {
                    let same = is_same(&first, &new, layout, layouts);
                    *(if same { &mut taken.duplicate } else { &mut taken.conflict }) += 1;
                    continue;
                }
                let full = kept.len() >= bounds.kept && kept.oldest().is_some_and(|oldest| cycle < oldest);
                let joined = kept.next_after(cycle).is_some_and(|next| within(cycle, next, bounds.window));
                if full || !joined {
                    taken.too_old += 1;
                    continue;
                }
                taken.late += 1;
            }
            None => {}
        }
        kept.insert(new);
        kept.truncate(bounds.kept);
        brought.kept.push(cycle);
        brought.accepted.push(place);
        taken.accepted += 1;
    }
    brought.kept.retain(|cycle| kept.oldest().is_some_and(|oldest| *cycle >= oldest));
    kept.shrink();
    Ok(brought)
}

/// Whether fewer cycles lie between two than a window has: see [`Kept::joined`].
fn within(older: u64, newer: u64, window: usize) -> bool {
    newer - older <= window as u64
}

/// Whether two readings have the same values in the columns that both have.
fn is_same(first: &Reading<'_>, second: &Reading<'_>, layout: &Layout, layouts: &Layouts) -> bool {
    let same = |a: f32, b: f32| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    if first.layout == second.layout {
        return first.values.iter().zip(second.values).all(|(a, b)| same(*a, *b));
    }
    let Some(other) = layouts.get(first.layout) else { return false };
    other.columns.iter().zip(first.values).all(|(name, a)| {
        let place = layout.columns.iter().position(|column| column == name);
        place.is_none_or(|place| same(*a, second.values[place]))
    })
}

/// How many cycles are missing between the first and the last of some rising cycles.
pub fn holes(mut cycles: impl Iterator<Item = u64>) -> u64 {
    let Some(first) = cycles.next() else { return 0 };
    let (last, count) = cycles.fold((first, 1), |(_, count), cycle| (cycle, count + 1));
    last - first + 1 - count
}

#[cfg(test)]
mod tests;
