//! The head of the page: which model this is, and whether it is any good.

use super::html::Html;
use super::report::Report;
use super::verdict::{self, Tone};
use super::{number, table};

/// The page's title.
pub(super) fn title(report: &Report) -> String {
    format!("{} {}", report.header.name, version(report)).trim_end().to_owned()
}

/// The model's name, the verdict, and what was trained.
pub(super) fn header(report: &Report) -> Html {
    let header = &report.header;
    let mut html = Html::default();
    html.raw("<header>\n<p class=\"kind\">Training report · remaining useful life</p>\n<h1>");
    html.text(&header.name).raw(" <span class=\"version\">").text(version(report)).raw("</span></h1>\n");
    html.raw("<ul class=\"verdict\" aria-label=\"Verdict\">\n");
    for verdict in verdict::of(report) {
        html.raw(match verdict.tone {
            Tone::Good => "<li class=\"good\"><span class=\"mark\" aria-hidden=\"true\">✓</span>",
            Tone::Bad => "<li class=\"bad\"><span class=\"mark\" aria-hidden=\"true\">✗</span>",
            Tone::Note => "<li class=\"note\"><span class=\"mark\" aria-hidden=\"true\">i</span>",
        });
        html.element("span", verdict.text).raw("</li>\n");
    }
    html.raw("</ul>\n");
    html.put(&table::facts([
        ("Architecture", header.architecture.clone()),
        ("Data set", header.dataset.clone()),
        (
            "Window",
            format!(
                "{} × {}",
                number::count(header.window, "cycle"),
                number::count(header.features, "feature")
            ),
        ),
        ("RUL cap", format!("{} cycles", number::edge(report.rul_cap))),
        ("Parameters", number::whole(header.parameters)),
        seeds(report),
        ("Device", header.device.clone()),
        ("Training time", number::duration(header.training_seconds)),
        ("Trained", header.timestamp.clone()),
        ("Trainer", header.trainer.clone()),
    ]));
    html.raw("</header>\n");
    html
}

fn version(report: &Report) -> String {
    report.header.version.map_or_else(String::new, |version| format!("version {version}"))
}

fn seeds(report: &Report) -> (&'static str, String) {
    let others: Vec<String> = report.other_runs.iter().map(|run| run.seed.to_string()).collect();
    if others.is_empty() {
        return ("Seed", report.run.seed.to_string());
    }
    ("Seeds", format!("{} (this model), {}", report.run.seed, others.join(", ")))
}
