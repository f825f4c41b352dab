//! Predicted against true RUL of the test units.

use super::axis::Axis;
use super::chart::{self, Chart};
use super::html::Html;
use super::measured::Prediction;
use super::number::{count, cycles, edge, percent, root_mean_square, signed};
use super::palette::{AXIS, LATE, MODEL, REFERENCE};
use super::report::Report;
use super::{table, units};

/// The most units that a figure of all units marks; of more, an even choice.
pub(super) const MARKS: usize = 1000;

/// What the shapes of a point mean, for the figures of single units.
pub(super) const SHAPES: &str = "<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">\
    <path fill=\"#D55E00\" d=\"M8 2 14.5 13.5 1.5 13.5Z\"/></svg> late: promised too many cycles</li>\n\
    <li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">\
    <circle fill=\"#0072B2\" cx=\"8\" cy=\"8\" r=\"5\"/></svg> early, or on time</li>\n";

/// The figure, what its shapes say as a table, and all units.
pub(super) fn section(report: &Report) -> anyhow::Result<Html> {
    let mut html = Html::default();
    if report.test.is_empty() {
        html.raw("<p>No unit was tested.</p>\n");
        return Ok(html);
    }
    let cap = edge(report.rul_cap);
    html.raw("<div class=\"split\">\n<figure>\n").put(&figure(report)?);
    html.raw("<figcaption><ul class=\"legend\">\n").raw(SHAPES);
    html.raw("<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">");
    html.raw("<line x1=\"0\" y1=\"8\" x2=\"16\" y2=\"8\" stroke=\"#6B7280\" stroke-width=\"2\"/></svg> ");
    html.raw("predicted as it came true</li>\n");
    if report.test.iter().any(|unit| unit.last.ends.is_some()) {
        html.raw("<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">");
        html.raw("<line x1=\"8\" y1=\"0\" x2=\"8\" y2=\"16\" stroke=\"#9AA1AB\" stroke-width=\"2\"/></svg> ");
        html.raw("interval</li>\n");
    }
    html.raw("</ul></figcaption>\n</figure>\n<div>\n");
    html.raw("<p>One point for each test unit, at its last window. Units with more than ").text(&cap);
    html.raw(" cycles left stand at ").text(&cap).raw(", the cap of training.</p>\n");
    html.put(&sides(report)).raw("</div>\n</div>\n").put(&units::details(report));
    Ok(html)
}

fn figure(report: &Report) -> anyhow::Result<Html> {
    let cap = report.rul_cap;
    let name = format!("True RUL, at most {} (cycles)", edge(cap));
    let x = Axis::over(name, report.test.iter().map(|unit| unit.last.truth.min(cap)).chain([0.0]));
    let high = |last: &Prediction| last.ends.map_or(last.predicted, |ends| ends.1.max(last.predicted));
    let values = report.test.iter().flat_map(|unit| [unit.last.predicted, high(&unit.last)]);
    let y = Axis::over("Predicted RUL (cycles)", values.chain([0.0, x.range.end]));
    let drawing = chart::draw((480, 400), &x, &y, |chart| {
        let shown: Vec<&Prediction> = units::thinned(&report.test, MARKS).map(|unit| &unit.last).collect();
        for last in &shown {
            let truth = last.truth.min(cap);
            if let Some((low, high)) = last.ends {
                chart.line([(truth, low), (truth, high)], AXIS, 1.0)?;
            }
        }
        let (from, to) = (x.range.start.max(y.range.start), x.range.end.min(y.range.end));
        chart.line([(from, from), (to, to)], REFERENCE, 1.5)?;
        shown
            .iter()
            .try_for_each(|last| point(chart, (last.truth.min(cap), last.predicted), last.is_late(cap)))
    })?;
    let late = report.test.iter().filter(|unit| unit.last.is_late(cap)).count();
    let description = format!(
        "Predicted RUL against true RUL of {}, of which {late} are above the diagonal, late.",
        count(report.test.len(), "test unit")
    );
    Ok(drawing.image("scatter", "Predicted against true RUL", &description))
}

/// A unit's mark: its shape says late or early, as its colour does.
pub(super) fn point(chart: &mut Chart, at: (f64, f64), late: bool) -> anyhow::Result<()> {
    if late { chart.triangle(at, LATE, 4.5) } else { chart.circle(at, MODEL, 3.25) }
}

/// Late and early predictions in numbers.
fn sides(report: &Report) -> Html {
    let cap = report.rul_cap;
    let side = |name: &str, keep: fn(&Prediction, f64) -> bool| {
        let chosen: Vec<&Prediction> =
            report.test.iter().map(|unit| &unit.last).filter(|last| keep(last, cap)).collect();
        let errors: Vec<f64> = chosen.iter().map(|last| last.error(cap)).collect();
        let worst = errors.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let held = chosen.iter().filter(|last| last.holds(last.truth.min(cap)) == Some(true)).count();
        let known = chosen.iter().filter(|last| last.ends.is_some()).count();
        vec![
            name.to_owned(),
            errors.len().to_string(),
            root_mean_square(&errors).map_or_else(|| "–".to_owned(), cycles),
            worst.map_or_else(|| "–".to_owned(), signed),
            if known == 0 { "–".to_owned() } else { percent(held as f64 / known as f64) },
        ]
    };
    let rows = [
        side("Late ▲", Prediction::is_late),
        side("Early ●", |last, cap| !last.is_late(cap)),
        side("All", |_, _| true),
    ];
    table::table("Late and early, in cycles", &["Side", "Units", "RMSE", "Worst", "In interval"], rows)
}
