//! Validation units over their life: the truth, what was predicted, and the interval.

use super::axis::Axis;
use super::chart;
use super::html::Html;
use super::measured::{Life, Prediction};
use super::number::{count, cycles, root_mean_square};
use super::palette::{INK, MODEL};
use super::report::Report;
use super::{table, units};

/// The most units that are shown.
const SHOWN: usize = 12;
/// The most windows of one unit that are drawn.
const WINDOWS: usize = 150;

/// A small figure for each unit that is shown.
pub(super) fn section(report: &Report) -> anyhow::Result<Html> {
    let mut html = Html::default();
    let lives = chosen(report);
    if lives.is_empty() {
        html.raw("<p>No validation unit was followed.</p>\n");
        return Ok(html);
    }
    html.raw("<p>").text(count(lives.len(), "validation unit"));
    if lives.len() < report.lives.len() {
        html.raw(" of ").text(report.lives.len()).raw(", evenly chosen");
    }
    html.raw(", from the one predicted best to the one predicted worst.</p>\n<ul class=\"legend\">\n");
    html.raw("<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">");
    html.raw("<line x1=\"0\" y1=\"8\" x2=\"16\" y2=\"8\" stroke=\"#1A1C20\" stroke-width=\"2\"/></svg> ");
    html.raw("true RUL, capped</li>\n<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">");
    html.raw("<line x1=\"0\" y1=\"8\" x2=\"16\" y2=\"8\" stroke=\"#0072B2\" stroke-width=\"3\"/></svg> predicted</li>\n");
    if lives.iter().any(|(life, _)| life.windows.iter().any(|window| window.ends.is_some())) {
        html.raw("<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">");
        html.raw("<rect y=\"2\" width=\"16\" height=\"12\" fill=\"#0072B2\" opacity=\"0.22\"/></svg> interval</li>\n");
    }
    html.raw("</ul>\n<div class=\"lives\">\n");
    // One scale for all: a curve must not look better for being drawn smaller.
    let tops = lives
        .iter()
        .flat_map(|(life, _)| &life.windows)
        .map(|window| window.ends.map_or(window.predicted, |ends| ends.1.max(window.predicted)));
    let y = Axis::over("RUL (cycles)", tops.chain([0.0, report.rul_cap]));
    for (place, (life, rmse)) in lives.iter().enumerate() {
        html.raw("<figure>\n").put(&figure(report, life, place, &y)?);
        html.raw("<figcaption><strong>Unit ").text(life.unit).raw("</strong> RMSE ").text(cycles(*rmse));
        html.raw(" cycles</figcaption>\n</figure>\n");
    }
    let rows = lives.iter().map(|(life, rmse)| row(report, life, *rmse));
    let columns = ["Unit", "Cycles", "RMSE", "Held by its interval", "Last prediction", "True then"];
    let numbers = table::table("Validation units, in cycles", &columns, rows);
    html.raw("</div>\n").put(&table::details("Numbers of these units", &numbers));
    Ok(html)
}

/// The units that are shown and their RMSE, from the best to the worst.
fn chosen(report: &Report) -> Vec<(&Life, f64)> {
    let rmse = |life: &Life| {
        let errors: Vec<f64> = life.windows.iter().map(|window| window.error(report.rul_cap)).collect();
        root_mean_square(&errors)
    };
    let mut lives: Vec<(&Life, f64)> =
        report.lives.iter().filter_map(|life| Some((life, rmse(life)?))).collect();
    lives.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.unit.cmp(&b.0.unit)));
    let shown = lives.len().min(SHOWN);
    (0..shown).map(|place| lives[place * (lives.len() - 1) / (shown - 1).max(1)]).collect()
}

fn figure(report: &Report, life: &Life, place: usize, y: &Axis) -> anyhow::Result<Html> {
    let last = life.first_cycle.saturating_add(life.windows.len() as u32 - 1);
    let x = Axis::counting("Cycle", life.first_cycle, last);
    let windows: Vec<(f64, &Prediction)> =
        (0u32..).map(|passed| f64::from(life.first_cycle) + f64::from(passed)).zip(&life.windows).collect();
    let shown: Vec<(f64, &Prediction)> = units::thinned(&windows, WINDOWS).copied().collect();
    let drawing = chart::draw((300, 210), &x, y, |chart| {
        let band: Vec<_> = shown.iter().filter_map(|(at, window)| Some((*at, window.ends?))).collect();
        if !band.is_empty() {
            chart.band(&band, MODEL)?;
        }
        chart.line(shown.iter().map(|(at, window)| (*at, window.truth.min(report.rul_cap))), INK, 1.5)?;
        chart.line(shown.iter().map(|(at, window)| (*at, window.predicted)), MODEL, 2.0)
    })?;
    let description = format!(
        "True and predicted RUL of validation unit {} from cycle {} to {last}.",
        life.unit, life.first_cycle
    );
    Ok(drawing.image(&format!("life-{place}"), &format!("Unit {}", life.unit), &description))
}

fn row(report: &Report, life: &Life, rmse: f64) -> Vec<String> {
    let held = life.windows.iter().filter_map(|window| window.holds(window.truth.min(report.rul_cap)));
    let held: Vec<bool> = held.collect();
    let share = held.iter().filter(|held| **held).count() as f64 / held.len() as f64;
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    vec![
        life.unit.to_string(),
        life.windows.len().to_string(),
        cycles(rmse),
        or_none((!held.is_empty()).then(|| super::number::percent(share))),
        or_none(life.windows.last().map(|window| cycles(window.predicted))),
        or_none(life.windows.last().map(|window| super::number::edge(window.truth))),
    ]
}
