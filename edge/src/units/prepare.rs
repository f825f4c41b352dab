//! From a unit's kept readings to the window that a model takes: columns by name, what is missing put in, what is
//! wild or stuck told.

use overhaul_bundle::Expectations;
use overhaul_bundle::window::{Window, last_window};
use serde::Serialize;
use utoipa::ToSchema;

use super::layout::{Layout, Layouts};
use super::rules;
use super::window::{Kept, Reading};

/// What a model takes.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// Its columns, in its order.
    pub columns: &'a [String],
    /// Readings in its window.
    pub length: usize,
    /// What its training saw; `None` if that is not known.
    pub expected: Option<&'a Expectations>,
}

/// A window, and what is to be said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The window.
    pub window: Window,
    /// What is to be said of it.
    pub findings: Findings,
}

/// What is to be said of a window. Columns that the model does not look at are not in here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Findings {
    /// Columns that lacked a value in some reading; the training mean of the reading's operating condition took its
    /// place.
    pub imputed: Vec<String>,
    /// Columns with a value in some reading that lies further from the training mean than any clean one.
    pub wild: Vec<String>,
    /// Columns with one and the same value throughout a full window, though they always move.
    pub stuck: Vec<String>,
    /// Cycles between the window's first and last reading that are not there.
    pub gap: u64,
}

/// Why a window is not given to the model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// The newest reading lacks too many values.
    #[error(
        "cycle {cycle} lacks {} of the {used} columns that the model looks at ({}), more than {} %; send the reading whole",
        missing.len(),
        shortened(missing),
        most * 100.0
    )]
    TooManyMissing {
        /// The newest cycle.
        cycle: u64,
        /// The columns that it lacks.
        missing: Vec<String>,
        /// How many columns the model looks at.
        used: usize,
        /// The share that may be missing.
        most: f64,
    },
    /// A value is missing and nothing can take its place.
    #[error(
        "cycle {cycle} lacks {column}, and this version does not say what training saw there \
         (its scaler.json was never fitted); send the reading whole"
    )]
    NothingToImpute {
        /// The reading's cycle.
        cycle: u64,
        /// The column.
        column: String,
    },
    /// There is no reading.
    #[error("the unit has no reading; post one")]
    Empty,
}

/// The first few names.
fn shortened(names: &[String]) -> String {
    let first = names.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > 5 { first + ", …" } else { first }
}

/// The last `shape.length` readings, but none before a gap as long as that, as a window. `judge_newest` gives the share of used columns that the newest
/// reading may lack, where that reading is to be judged; `wild` the deviation from which a value is called so.
pub fn prepare(
    kept: &Kept,
    layouts: &Layouts,
    shape: Shape<'_>,
    judge_newest: Option<f64>,
    wild: f64,
) -> Result<Prepared, Unfit> {
    let width = shape.columns.len();
    let count = kept.joined(shape.length).min(shape.length);
    let mut values = Vec::with_capacity(shape.length * width);
    let mut reader = Reader::new(layouts, shape.columns);
    let mut found = vec![Seen::default(); width];
    let used = |column: usize| shape.expected.is_none_or(|expected| expected.is_used(column));
    for reading in kept.last(count) {
        let start = values.len();
        reader.read(reading, &mut values);
        let row = &mut values[start..];
        if let Some(most) = judge_newest
            && kept.newest() == Some(reading.cycle)
        {
            judge(row, shape, most, reading.cycle)?;
        }
        let condition = shape.expected.map_or(0, |expected| expected.condition(row));
        for (column, value) in row.iter_mut().enumerate() {
            let seen = &mut found[column];
            let Some(expected) = shape.expected else {
                if value.is_nan() {
                    let column = shape.columns[column].clone();
                    return Err(Unfit::NothingToImpute { cycle: reading.cycle, column });
                }
                continue;
            };
            if value.is_nan() {
                *value = expected.mean(condition, column) as f32;
                seen.imputed = true;
            } else {
                seen.wild |= expected.is_wild(condition, column, *value, wild);
                // Bits are compared, so that a value stands for itself only.
                seen.moved |= seen.first.is_some_and(|first| first.to_bits() != value.to_bits());
                seen.first.get_or_insert(*value);
            }
        }
    }
    let window = last_window(&values, width, shape.length).ok_or(Unfit::Empty)?;
    let full = window.padded == 0 && shape.length > 1;
    let names = |is: &dyn Fn(usize, &Seen) -> bool| -> Vec<String> {
        let all = found.iter().enumerate().filter(|(column, seen)| used(*column) && is(*column, seen));
        all.map(|(column, _)| shape.columns[column].clone()).collect()
    };
    let moves = |column: usize| shape.expected.is_some_and(|expected| expected.always_moves(column));
    let findings = Findings {
        imputed: names(&|_, seen| seen.imputed),
        wild: names(&|_, seen| seen.wild),
        stuck: names(&|column, seen| full && !seen.moved && !seen.imputed && moves(column)),
        gap: rules::holes(kept.last(count).map(|reading| reading.cycle)),
    };
    Ok(Prepared { window, findings })
}

/// What was seen of one column in a window.
#[derive(Clone, Copy, Default)]
struct Seen {
    imputed: bool,
    wild: bool,
    moved: bool,
    first: Option<f32>,
}

/// Refuses a reading that lacks too much of what the model looks at.
fn judge(row: &[f32], shape: Shape<'_>, most: f64, cycle: u64) -> Result<(), Unfit> {
    let is_used = |column: &usize| shape.expected.is_none_or(|expected| expected.is_used(*column));
    let used: Vec<usize> = (0..row.len()).filter(is_used).collect();
    let missing: Vec<String> = used
        .iter()
        .filter(|column| row[**column].is_nan())
        .map(|column| shape.columns[*column].clone())
        .collect();
    if missing.len() as f64 > most * used.len() as f64 {
        return Err(Unfit::TooManyMissing { cycle, missing, used: used.len(), most });
    }
    Ok(())
}

/// Reads rows of any layout in the model's columns.
struct Reader<'a> {
    layouts: &'a Layouts,
    columns: &'a [String],
    /// The layout of the last row, and where each of the model's columns lies in it; `None` where they are the same.
    last: Option<(u32, Option<Vec<Option<usize>>>)>,
}

impl<'a> Reader<'a> {
    fn new(layouts: &'a Layouts, columns: &'a [String]) -> Self {
        Self { layouts, columns, last: None }
    }

    fn read(&mut self, reading: Reading<'_>, values: &mut Vec<f32>) {
        if self.last.as_ref().is_none_or(|(layout, _)| *layout != reading.layout) {
            // Of a layout that is not known, nothing is known.
            let unknown = || Some(vec![None; self.columns.len()]);
            let layout = self.layouts.get(reading.layout);
            self.last = Some((reading.layout, layout.map_or_else(unknown, |layout| self.places(&layout))));
        }
        let Some((_, Some(places))) = &self.last else {
            values.extend_from_slice(reading.values);
            return;
        };
        let value = |place: &Option<usize>| place.and_then(|place| reading.values.get(place).copied());
        values.extend(places.iter().map(|place| value(place).unwrap_or(f32::NAN)));
    }

    fn places(&self, layout: &Layout) -> Option<Vec<Option<usize>>> {
        if layout.columns == self.columns {
            return None;
        }
        let place = |name: &String| layout.columns.iter().position(|column| column == name);
        Some(self.columns.iter().map(place).collect())
    }
}

#[cfg(test)]
mod tests;
