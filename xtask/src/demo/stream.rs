//! Streams the test units' readings to the gateway and compares its answers with the truth.

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets};

use super::data::Unit;
use super::gateway::{Answer, Gateway, request};
use crate::progress::count;

/// As many units as a person reads.
const SHOWN: usize = 20;

/// Predicts every unit, prints a table of some and the errors over all.
///
/// `cap` is the ceiling that the model was trained with, in cycles.
pub(super) fn run(gateway: &Gateway, units: &[Unit], cap: f64) -> Result<()> {
    let bar = count("units", units.len() as u64);
    let mut answers = Vec::with_capacity(units.len());
    for unit in units {
        answers.push(gateway.predict(&request(unit))?);
        bar.inc(1);
    }
    bar.finish_and_clear();

    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["unit", "true RUL", "predicted RUL", "interval", "error"]);
    let every = units.len().div_ceil(SHOWN);
    for (unit, answer) in units.iter().zip(&answers).step_by(every) {
        table.add_row([
            unit.id.to_string(),
            format!("{:.0}", unit.true_rul),
            format!("{:.1}", answer.predicted_rul),
            format!("{:.0} to {:.0}", answer.interval.0, answer.interval.1),
            format!("{:+.1}", answer.predicted_rul - unit.true_rul),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
    if every > 1 {
        println!("    {} of {} units, all in cycles", units.len().div_ceil(every), units.len());
    }
    let (capped, raw) = (rmse(units, &answers, cap), rmse(units, &answers, f64::INFINITY));
    let (version, kind) = answers.first().map_or(("", ""), |first| (&first.version, &first.model_type));
    println!(
        "    RMSE of version {version} ({kind}) over all {} units: {capped:.2} against labels capped at {cap:.0}, {raw:.2} against raw labels",
        units.len()
    );
    let inside = units.iter().zip(&answers).filter(|(unit, answer)| {
        let capped = unit.true_rul.min(cap);
        (answer.interval.0..=answer.interval.1).contains(&capped)
    });
    println!("    the interval holds the capped label of {} units", inside.count());
    Ok(())
}

/// Root of the mean squared error over all units at once, against labels capped at `cap`.
fn rmse(units: &[Unit], answers: &[Answer], cap: f64) -> f64 {
    let squares: f64 = units
        .iter()
        .zip(answers)
        .map(|(unit, answer)| (answer.predicted_rul - unit.true_rul.min(cap)).powi(2))
        .sum();
    (squares / units.len() as f64).sqrt()
}
