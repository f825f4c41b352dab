//! Every test unit in a table, for those who want the numbers behind the points.

use super::html::Html;
use super::measured::TestUnit;
use super::number::{count, cycles, edge, signed};
use super::report::Report;
use super::table;

/// The most units in the table; of more, those with the largest errors.
const ROWS: usize = 300;

/// The table of test units, to open.
pub(super) fn details(report: &Report) -> Html {
    let cap = report.rul_cap;
    let size = |unit: &TestUnit| unit.last.error(cap).abs();
    let mut units: Vec<&TestUnit> = report.test.iter().collect();
    units.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.unit.cmp(&b.unit)));
    units.truncate(ROWS);
    let rows = units.iter().map(|unit| {
        let last = &unit.last;
        vec![
            unit.unit.to_string(),
            edge(last.truth),
            edge(last.truth.min(cap)),
            cycles(last.predicted),
            signed(last.error(cap)),
            if last.is_late(cap) { "late ▲" } else { "early ●" }.to_owned(),
            last.ends
                .map_or_else(|| "–".to_owned(), |(low, high)| format!("{} to {}", edge(low), edge(high))),
            match last.holds(last.truth.min(cap)) {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "–",
            }
            .to_owned(),
        ]
    });
    let caption = "Test units in cycles, the largest error first";
    let columns = ["Unit", "True RUL", "Capped", "Predicted", "Error", "Side", "Interval", "Held"];
    let summary = if report.test.len() > ROWS {
        format!("The {ROWS} units with the largest errors, of {}", report.test.len())
    } else {
        format!("Numbers of {}", count(report.test.len(), "test unit"))
    };
    table::details(&summary, &table::table(caption, &columns, rows))
}

/// At most `most` of some things, evenly chosen, the last among them.
pub(super) fn thinned<T>(things: &[T], most: usize) -> impl Iterator<Item = &T> {
    let stride = things.len().div_ceil(most).max(1);
    things.iter().rev().step_by(stride).rev()
}
