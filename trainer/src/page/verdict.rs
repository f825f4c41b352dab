//! What the numbers mean, in sentences that need no table.

use super::coverage::Coverage;
use super::number::{count, cycles, mean_and_deviation, percent};
use super::report::Report;

/// How a sentence is meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tone {
    /// As it should be.
    Good,
    /// Not good enough to use.
    Bad,
    /// To know, neither good nor bad.
    Note,
}

/// One sentence of the verdict.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

/// The verdict on a run, the most important sentence first.
pub(super) fn of(report: &Report) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut say = |tone, text| verdicts.push(Verdict { tone, text });
    let baselines = [
        report.ridge.as_ref().map(|ridge| ("ridge", ridge.rmse_capped)),
        Some(("constant", report.constant.rmse_capped)),
    ];
    for (name, rmse) in baselines.into_iter().flatten() {
        let (tone, text) = against(name, report.run.score.rmse_capped, rmse);
        say(tone, text);
    }
    if let Some(ridge) = report.ridge.as_ref().filter(|_| !report.other_runs.is_empty()) {
        let (tone, text) = over_seeds(report, ridge.rmse_capped);
        say(tone, text);
    }
    if let Some(coverage) = Coverage::of(&report.test, |prediction| prediction.truth.min(report.rul_cap))
        && let Some(interval) = &report.interval
    {
        let (tone, text) = holds(interval.level, &coverage);
        say(tone, text);
    }
    say(Tone::Note, near_failure(report));
    if report.epochs.len() > 1 && report.best_epoch as usize == report.epochs.len() {
        say(Tone::Note, "The best epoch is the last one: more epochs may help.".to_owned());
    }
    if report.other_runs.len() < 2 {
        let seeds = count(1 + report.other_runs.len(), "seed");
        say(Tone::Note, format!("{seeds} only: train at least 3 before comparing it with other models."));
    }
    verdicts
}

fn against(name: &str, network: f64, baseline: f64) -> (Tone, String) {
    let numbers = format!("{} against {}", cycles(network), cycles(baseline));
    if network < baseline {
        let margin = cycles(baseline - network);
        return (
            Tone::Good,
            format!("Beats the {name} baseline by {margin} cycles RMSE on the test units ({numbers})."),
        );
    }
    let mend = "use the baseline or train on";
    (Tone::Bad, format!("DOES NOT beat the {name} baseline in RMSE on the test units ({numbers}): {mend}."))
}

fn over_seeds(report: &Report, ridge: f64) -> (Tone, String) {
    let rmses: Vec<f64> = report.runs().map(|run| run.score.rmse_capped).collect();
    let (mean, deviation) = mean_and_deviation(&rmses).unwrap_or_default();
    let better = rmses.iter().filter(|rmse| **rmse < ridge).count();
    let tone = if mean < ridge { Tone::Good } else { Tone::Bad };
    let (mean, deviation) = (cycles(mean), cycles(deviation));
    let seeds = rmses.len();
    (
        tone,
        format!(
            "Over {seeds} seeds: RMSE {mean} ± {deviation}; {better} of {seeds} beat the ridge baseline."
        ),
    )
}

fn holds(level: f64, coverage: &Coverage) -> (Tone, String) {
    let (held, units) = (percent(coverage.share()), count(coverage.units, "test unit"));
    let said = format!("{} interval holds the capped RUL of {held} of {units}", percent(level));
    let width = cycles(coverage.mean_width);
    if coverage.is_below(level) {
        return (Tone::Bad, format!("The {said}: fewer than it promises, beyond chance."));
    }
    (Tone::Good, format!("The {said}, {width} cycles wide on average."))
}

fn near_failure(report: &Report) -> String {
    let limit = super::number::edge(report.near_failure);
    let units: Vec<f64> = report.near_failure_units().map(|unit| unit.last.error(report.rul_cap)).collect();
    let Some(rmse) = report.run.score.near_failure_rmse.filter(|_| !units.is_empty()) else {
        return format!("No test unit is near failure (true RUL at most {limit}): nothing is known there.");
    };
    let latest = units.iter().copied().fold(0.0, f64::max);
    let latest =
        if latest > 0.0 { format!("none more than {} late", cycles(latest)) } else { "none late".to_owned() };
    let (rmse, units) = (cycles(rmse), count(units.len(), "unit"));
    format!("Near failure (true RUL at most {limit}): RMSE {rmse} cycles over {units}, {latest}.")
}
