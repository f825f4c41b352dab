//! A training run on one page: a self-contained HTML file that explains itself to whoever opens it.
//!
//! [`render`] takes a [`Report`] and gives the file's text. Nothing in it is loaded from elsewhere and
//! nothing in it runs: figures are inline SVG, colours follow the reader's light or dark setting.
//!
//! | module | holds |
//! | --- | --- |
//! | `report`, `measured` | what a page is made of |
//! | `check` | what a page refuses |
//! | `verdict` | what the numbers mean, in sentences |
//! | `header`, `quality`, `history`, `scatter`, `errors`, `coverage`, `lives`, `reproduce` | the sections, in the page's order |
//! | `units` | the table of all test units |
//! | `axis`, `chart`, `palette` | figures |
//! | `html`, `table`, `number` | text |

mod axis;
mod chart;
mod check;
mod coverage;
mod errors;
mod header;
mod history;
mod html;
mod lives;
mod measured;
mod number;
mod palette;
mod quality;
mod report;
mod reproduce;
#[cfg(test)]
mod sample;
mod scatter;
mod table;
#[cfg(test)]
mod tests;
mod units;
mod verdict;

pub use measured::{Epoch, Interval, Life, Prediction, Run, Score, TestUnit};
pub(crate) use number::mean_and_deviation;
pub use report::{Header, Report, Reproduce};

use html::Html;

/// The sections: the anchor, the title, and what writes the rest.
const SECTIONS: [(&str, &str, Section); 7] = [
    ("quality", "Quality", |report| Ok(quality::section(report))),
    ("training", "Training", history::section),
    ("predictions", "Predicted against true RUL", scatter::section),
    ("errors", "Errors", errors::section),
    ("interval", "Interval", coverage::section),
    ("lives", "Units over their life", lives::section),
    ("reproduce", "Reproduce", |report| Ok(reproduce::section(report))),
];

type Section = fn(&Report) -> anyhow::Result<Html>;

/// The page of a report, as the text of one HTML file; the same report gives the same text.
///
/// An error if a number is not finite or a figure cannot be drawn.
pub fn render(report: &Report) -> anyhow::Result<String> {
    check::check(report)?;
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n");
    // Names come from users: should one ever get past the escaping, it still may not load or run anything.
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    html.raw("style-src 'unsafe-inline'\">\n<title>").text(header::title(report)).raw("</title>\n<style>\n");
    html.raw(include_str!("style.css")).raw("</style>\n</head>\n<body>\n<main>\n");
    html.put(&header::header(report));
    html.raw("<nav aria-label=\"Sections\">\n");
    for (anchor, title, _) in SECTIONS {
        html.raw("<a href=\"#").text(anchor).raw("\">").text(title).raw("</a>\n");
    }
    html.raw("</nav>\n");
    for (anchor, title, section) in SECTIONS {
        html.raw("<section id=\"").text(anchor).raw("\">\n").element("h2", title);
        html.put(&section(report)?).raw("</section>\n");
    }
    html.raw("</main>\n</body>\n</html>\n");
    Ok(html.into_string())
}
