//! What the trainer's accuracy was aimed at, and whether it is reached.

use super::accuracy::Row;

const RMSE: &str = "/metrics/capped/rmse";
const COVERAGE: &str = "/metrics/coverage/capped";
/// The most RMSE of the GRU with the usual window of 30 on FD001.
const GRU: f64 = 14.0;
/// The most RMSE of a subset's best model.
const BEST: [(&str, f64); 3] = [("FD001", 12.5), ("FD002", 13.5), ("FD004", 14.5)];
/// What an interval promises, and how far from it a model's mean may lie.
const LEVEL: f64 = 0.9;
const NEAR: f64 = 0.02;

/// Prints the table: no aim is left out, whatever became of it.
pub(super) fn print(rows: &[Row]) {
    println!("| aim, means over the seeds on the test units | at most | measured | |");
    println!("| --- | ---: | ---: | --- |");
    if let Some(gru) = rows.iter().find(|row| (row.subset, row.name, row.window) == ("FD001", "GRU", 30)) {
        rmse("FD001, GRU with window 30: RMSE, capped labels", gru, GRU);
    }
    for (subset, most) in BEST {
        let of: Vec<&Row> = rows.iter().filter(|row| row.subset == subset).collect();
        // The test units choose nothing: the best is the one that is best on the validation units.
        let best = of.iter().min_by(|a, b| a.validation_rmse().total_cmp(&b.validation_rmse()));
        let Some(best) = best else { continue };
        let name = format!(
            "{subset}, best on validation units ({}, window {}): RMSE, capped labels",
            best.name, best.window
        );
        rmse(&name, best, most);
        coverage(subset, &of);
    }
    println!();
}

fn rmse(aim: &str, row: &Row, most: f64) {
    println!("| {aim} | {most:.1} | {} | {} |", row.shown(RMSE, 2), verdict(row.statistics(RMSE).0 <= most));
}

/// The model whose interval is farthest from its promise decides.
fn coverage(subset: &str, rows: &[&Row]) {
    let off = |row: &Row| (row.statistics(COVERAGE).0 - LEVEL).abs();
    let Some(worst) = rows.iter().max_by(|a, b| off(a).total_cmp(&off(b))) else { return };
    let near = rows.iter().filter(|row| off(row) <= NEAR).count();
    println!(
        "| {subset}, every model: points between the interval's share of capped labels and 90 % | {:.0} | {:.1} ({}, window {}) | {} |",
        100.0 * NEAR,
        100.0 * off(worst),
        worst.name,
        worst.window,
        if near == rows.len() {
            "met".to_owned()
        } else {
            format!("**missed** by {} of {}", rows.len() - near, rows.len())
        }
    );
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}
