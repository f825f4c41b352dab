//! How training went: the loss, the validation error and the learning rate, epoch by epoch.

use super::axis::{Axis, log};
use super::chart::{self, Drawing};
use super::html::Html;
use super::number::{count, cycles, fixed};
use super::palette::{INK, MODEL, REFERENCE};
use super::report::Report;
use super::table;

/// Epochs up to here are marked one by one.
const MARKED: usize = 40;
/// The most rows that the table has; more epochs are thinned.
const ROWS: usize = 200;

/// The curves and their numbers.
pub(super) fn section(report: &Report) -> anyhow::Result<Html> {
    let mut html = Html::default();
    if report.epochs.is_empty() {
        html.raw("<p>No epoch was recorded.</p>\n");
        return Ok(html);
    }
    let best = report.best_epoch;
    if (1..=report.epochs.len()).contains(&(best as usize)) {
        html.raw("<ul class=\"legend\"><li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">");
        html.raw("<circle fill=\"#1A1C20\" cx=\"8\" cy=\"8\" r=\"5\"/></svg> epoch ").text(best);
        html.raw(", chosen for its validation RMSE</li></ul>\n");
    }
    html.raw("<div class=\"grid\">\n");
    let losses: Vec<f64> = report.epochs.iter().map(|epoch| log(epoch.loss)).collect();
    let axis = Axis::logarithmic("Training loss (log scale)", report.epochs.iter().map(|e| e.loss));
    let said = format!("Training loss over {}, on a logarithmic scale.", count(losses.len(), "epoch"));
    figure(&mut html, "loss", "Training loss", &said, &curve(report, &axis, &losses)?);

    let errors: Vec<f64> = report.epochs.iter().map(|epoch| epoch.validation_rmse).collect();
    let axis = Axis::over("Validation RMSE (cycles)", errors.iter().copied());
    let said = match best.checked_sub(1).and_then(|before| errors.get(before as usize)) {
        Some(rmse) => format!("Validation RMSE; epoch {best} was chosen, at {} cycles.", cycles(*rmse)),
        None => "Validation RMSE.".to_owned(),
    };
    figure(&mut html, "validation", "Validation RMSE", &said, &curve(report, &axis, &errors)?);

    let rates: Vec<f64> = report.epochs.iter().filter_map(|epoch| epoch.learning_rate).collect();
    if rates.len() == report.epochs.len() {
        let axis = Axis::over("Learning rate", rates.iter().copied().chain([0.0]));
        let said = "Learning rate at the end of each epoch.";
        figure(&mut html, "rate", "Learning rate", said, &curve(report, &axis, &rates)?);
    }
    html.raw("</div>\n").put(&table::details("Numbers of every epoch", &numbers(report)));
    Ok(html)
}

fn figure(html: &mut Html, anchor: &str, title: &str, description: &str, drawing: &Drawing) {
    html.raw("<figure>\n").put(&drawing.image(anchor, title, description));
    html.element("figcaption", description).raw("</figure>\n");
}

/// A curve of one value for each epoch, already in the axis' coordinates, with the chosen epoch marked.
fn curve(report: &Report, y: &Axis, values: &[f64]) -> anyhow::Result<Drawing> {
    let x = Axis::counting("Epoch", 1, values.len() as u32);
    let points: Vec<(f64, f64)> = (1u32..).map(f64::from).zip(values.iter().copied()).collect();
    chart::draw((360, 250), &x, y, |chart| {
        let chosen = report.best_epoch.checked_sub(1).and_then(|before| points.get(before as usize)).copied();
        if let Some((at, _)) = chosen {
            chart.upright(at, REFERENCE)?;
        }
        chart.line(points.iter().copied(), MODEL, 2.0)?;
        for point in points.iter().filter(|_| points.len() <= MARKED) {
            chart.circle(*point, MODEL, 2.5)?;
        }
        if let Some((at, value)) = chosen {
            chart.circle((at, value), INK, 4.5)?;
        }
        Ok(())
    })
}

fn numbers(report: &Report) -> Html {
    let stride = report.epochs.len().div_ceil(ROWS);
    let rows = (1u32..).zip(&report.epochs).filter(|(epoch, _)| {
        // The first, the chosen, the last, and an even choice between.
        *epoch == report.best_epoch
            || *epoch as usize == report.epochs.len()
            || (*epoch as usize - 1).is_multiple_of(stride)
    });
    let rows = rows.map(|(position, epoch)| {
        let chosen = if position == report.best_epoch { " (chosen)" } else { "" };
        vec![
            format!("{position}{chosen}"),
            fixed(epoch.loss, 6),
            cycles(epoch.validation_rmse),
            epoch.learning_rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.2e}")),
        ]
    });
    table::table("Epochs", &["Epoch", "Training loss", "Validation RMSE, cycles", "Learning rate"], rows)
}
