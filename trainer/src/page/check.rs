//! What a page refuses: numbers that no axis can hold.

use anyhow::ensure;

use super::measured::{Prediction, Score};
use super::report::Report;

/// The largest number that a page shows. Far beyond any RUL, and far from where sums of `f64` overflow.
const LARGEST: f64 = 1e15;

/// An error that names the first number that cannot be shown.
pub(super) fn check(report: &Report) -> anyhow::Result<()> {
    number("the RUL cap", report.rul_cap)?;
    number("the limit of near failure", report.near_failure)?;
    number("the training time", report.header.training_seconds)?;
    for run in report.runs() {
        score(&format!("the run of seed {}", run.seed), &run.score)?;
    }
    score("the constant baseline", &report.constant)?;
    if let Some(ridge) = &report.ridge {
        score("the ridge baseline", ridge)?;
    }
    for (epoch, position) in report.epochs.iter().zip(1..) {
        number(&format!("the loss of epoch {position}"), epoch.loss)?;
        number(&format!("the validation RMSE of epoch {position}"), epoch.validation_rmse)?;
        number(&format!("the learning rate of epoch {position}"), epoch.learning_rate.unwrap_or(0.0))?;
    }
    for unit in &report.test {
        prediction("test", unit.unit, &unit.last)?;
    }
    for life in &report.lives {
        life.windows.iter().try_for_each(|window| prediction("validation", life.unit, window))?;
    }
    if let Some(interval) = &report.interval {
        number("the interval's level", interval.level)?;
        interval.edges.iter().try_for_each(|&edge| number("an edge of the interval's bins", edge))?;
    }
    Ok(())
}

fn score(whose: &str, score: &Score) -> anyhow::Result<()> {
    let named = [
        ("RMSE, capped", score.rmse_capped),
        ("MAE, capped", score.mae_capped),
        ("NASA score", score.nasa_score),
        ("RMSE, raw", score.rmse_raw),
        ("MAE, raw", score.mae_raw),
        ("RMSE near failure", score.near_failure_rmse.unwrap_or(0.0)),
        ("validation RMSE", score.validation_rmse.unwrap_or(0.0)),
    ];
    named.iter().try_for_each(|(name, value)| number(&format!("{name}, of {whose}"), *value))
}

fn prediction(set: &str, unit: u32, prediction: &Prediction) -> anyhow::Result<()> {
    let (low, high) = prediction.ends.unwrap_or_default();
    [prediction.predicted, prediction.truth, low, high]
        .iter()
        .try_for_each(|&value| number(&format!("a prediction or label of {set} unit {unit}"), value))
}

fn number(name: &str, value: f64) -> anyhow::Result<()> {
    ensure!(
        value.is_finite() && value.abs() <= LARGEST,
        "{name} is {value}, which no figure can show; find out where it became so"
    );
    Ok(())
}
