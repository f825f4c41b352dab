//! The quality table: the network beside the models that it must beat.

use super::html::Html;
use super::measured::Score;
use super::number::{count, edge, fixed, maybe_cycles, mean_and_deviation};
use super::report::Report;
use super::table;

/// A number of a score, if it was measured.
type Measure = fn(&Score) -> Option<f64>;

/// The table's measures in its order, and their digits after the point.
const MEASURES: [(Measure, usize); 7] = [
    (|score| Some(score.rmse_capped), 2),
    (|score| Some(score.mae_capped), 2),
    (|score| Some(score.nasa_score), 0),
    (|score| Some(score.rmse_raw), 2),
    (|score| Some(score.mae_raw), 2),
    (|score| score.near_failure_rmse, 2),
    (|score| score.validation_rmse, 2),
];

/// The table of the network, from each seed, and of the baselines.
pub(super) fn section(report: &Report) -> Html {
    let (limit, near) = (edge(report.near_failure), report.near_failure_units().count());
    let near = format!("RMSE, RUL\u{a0}≤\u{a0}{limit} (n\u{a0}=\u{a0}{near})");
    let columns = [
        "Model",
        "RMSE, capped",
        "MAE, capped",
        "NASA score",
        "RMSE, raw",
        "MAE, raw",
        &near,
        "Validation RMSE",
    ];
    let mut rows: Vec<Vec<String>> = report
        .runs()
        .map(|run| row(format!("{}, seed {}", report.header.architecture, run.seed), &run.score))
        .collect();
    if let Some(name) = rows.first_mut().and_then(|row| row.first_mut()) {
        name.push_str(" (this model)");
    }
    if !report.other_runs.is_empty() {
        rows.push(over_seeds(report));
    }
    rows.extend(report.ridge.as_ref().map(|ridge| row("Ridge on window statistics".to_owned(), ridge)));
    rows.push(row("Constant".to_owned(), &report.constant));

    let mut html = Html::default();
    let caption = format!(
        "Errors in cycles over {}, one window each (its last), scored once",
        count(report.test.len(), "test unit")
    );
    html.put(&table::table(&caption, &columns, rows));
    html.raw("<p class=\"aside\">Capped: against labels of at most ").text(edge(report.rul_cap));
    html.raw(" cycles, as in training; the NASA score too, which is a sum over the units that weighs late ");
    html.raw("predictions more. Raw: against the true number of cycles. Lower is better everywhere.");
    if report.ridge.is_none() {
        html.raw(" The ridge baseline was not fitted.");
    }
    html.raw("</p>\n");
    html
}

fn row(name: String, score: &Score) -> Vec<String> {
    let cells = MEASURES.iter().map(|(measure, decimals)| match measure(score) {
        Some(value) => fixed(value, *decimals),
        None => maybe_cycles(None),
    });
    std::iter::once(name).chain(cells).collect()
}

/// Mean and standard deviation of each measure, where every seed has it.
fn over_seeds(report: &Report) -> Vec<String> {
    let runs = report.runs().count();
    let cells = MEASURES.iter().map(|(measure, decimals)| {
        let values: Vec<f64> = report.runs().filter_map(|run| measure(&run.score)).collect();
        match mean_and_deviation(&values).filter(|_| values.len() == runs) {
            Some((mean, deviation)) => {
                format!("{} ± {}", fixed(mean, *decimals), fixed(deviation, *decimals))
            }
            None => maybe_cycles(None),
        }
    });
    std::iter::once(format!("Mean ± sd of {runs} seeds")).chain(cells).collect()
}
