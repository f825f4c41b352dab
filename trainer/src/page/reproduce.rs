//! How to get the same model again.

use super::html::Html;
use super::number::count;
use super::report::Report;
use super::table;

/// The command line, the settings, the data.
pub(super) fn section(report: &Report) -> Html {
    let known = &report.reproduce;
    let mut html = Html::default();
    html.raw("<pre tabindex=\"0\" role=\"region\" aria-label=\"Command line\"><code>").text(&known.command);
    html.raw("</code></pre>\n");
    let mut data = vec![
        ("Data set", report.header.dataset.clone()),
        ("Trained on", count(known.training_units, "unit")),
        ("Epoch chosen on", count(known.validation_units, "unit")),
        ("Calibrated on", count(known.calibration_units, "unit")),
        ("Tested on", count(report.test.len(), "unit")),
        ("Trainer", report.header.trainer.clone()),
    ];
    data.extend(known.git_commit.clone().map(|commit| ("Commit", commit)));
    data.push(("SHA-256 of the data", known.dataset_sha256.clone()));
    html.put(&table::facts(data));
    if !known.settings.is_empty() {
        let rows = known.settings.iter().map(|(name, value)| vec![name, value]);
        html.put(&table::table("Settings", &["Setting", "Value"], rows));
    }
    html
}
