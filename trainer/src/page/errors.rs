//! Errors of the test units: how large, on which side, at which stage of life.

use super::axis::Axis;
use super::chart::{self, Side};
use super::html::Html;
use super::measured::Prediction;
use super::number::{count, cycles, edge, mean_and_deviation, root_mean_square, signed};
use super::palette::{AXIS, INK, MUTED};
use super::report::Report;
use super::scatter::{MARKS, SHAPES, point};
use super::{table, units};

/// Predictions later than this, in cycles, are counted: ten is where the NASA score's late branch
/// has grown by a factor of e.
const VERY_LATE: f64 = 10.0;

/// The figure, and the errors by stage of life.
pub(super) fn section(report: &Report) -> anyhow::Result<Html> {
    let mut html = Html::default();
    if report.test.is_empty() {
        html.raw("<p>No unit was tested.</p>\n");
        return Ok(html);
    }
    html.raw("<div class=\"split\">\n<figure>\n").put(&figure(report)?);
    html.raw("<figcaption><ul class=\"legend\">\n").raw(SHAPES).raw("</ul></figcaption>\n</figure>\n<div>\n");
    html.raw(
        "<p>Error is predicted minus true RUL, with the cap on the truth: above zero the model promised ",
    );
    html.raw("more cycles than there were. The axis has the raw RUL, without the cap.</p>\n");
    html.put(&stages(report)).raw("</div>\n</div>\n");
    Ok(html)
}

fn figure(report: &Report) -> anyhow::Result<Html> {
    let cap = report.rul_cap;
    let errors: Vec<f64> = report.test.iter().map(|unit| unit.last.error(cap)).collect();
    let furthest = errors.iter().copied().map(f64::abs).fold(0.0, f64::max);
    let x = Axis::over("True RUL, raw (cycles)", report.test.iter().map(|unit| unit.last.truth).chain([0.0]));
    // Late and early get the same room: a lean to one side shall be seen.
    let y = Axis::over("Predicted − true (cycles)", [-furthest, furthest]);
    let drawing = chart::draw((480, 340), &x, &y, |chart| {
        if x.range.contains(&cap) {
            chart.upright(cap, AXIS)?;
            let side = if cap > f64::midpoint(x.range.start, x.range.end) { Side::Left } else { Side::Right };
            let bottom = y.range.start + 0.05 * (y.range.end - y.range.start);
            chart.text(format!("cap {}", edge(cap)), (cap, bottom), side, MUTED)?;
        }
        chart.level(0.0, INK)?;
        units::thinned(&report.test, MARKS)
            .map(|unit| &unit.last)
            .try_for_each(|last: &Prediction| point(chart, (last.truth, last.error(cap)), last.is_late(cap)))
    })?;
    let description = format!(
        "Error against true RUL of {}; the largest error is {} cycles.",
        count(errors.len(), "test unit"),
        cycles(furthest)
    );
    Ok(drawing.image("error", "Error against true RUL", &description))
}

/// The errors near failure, at the cap, and between.
fn stages(report: &Report) -> Html {
    let (near, cap) = (report.near_failure, report.rul_cap);
    let middle = f64::midpoint(near, cap);
    let stages = [
        (format!("at most {}", edge(near)), f64::NEG_INFINITY, near),
        (format!("{} to {}", edge(near), edge(middle)), near, middle),
        (format!("{} to {}", edge(middle), edge(cap)), middle, cap),
        (format!("above {}", edge(cap)), near.max(cap), f64::INFINITY),
    ];
    let rows = stages.into_iter().filter(|(_, above, to)| above < to).map(|(name, above, to)| {
        let errors: Vec<f64> = report
            .test
            .iter()
            .filter(|unit| above < unit.last.truth && unit.last.truth <= to)
            .map(|unit| unit.last.error(cap))
            .collect();
        let or_none = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        vec![
            name,
            errors.len().to_string(),
            or_none(mean_and_deviation(&errors).map(|(mean, _)| signed(mean))),
            or_none(root_mean_square(&errors).map(cycles)),
            errors.iter().filter(|error| **error > VERY_LATE).count().to_string(),
        ]
    });
    table::table(
        "Errors by true RUL, in cycles",
        &["True RUL", "Units", "Mean error", "RMSE", "Over 10 late"],
        rows,
    )
}
