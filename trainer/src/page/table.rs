//! Tables, and lists of names and values.

use std::fmt::Display;

use super::html::Html;

/// A table; each row's first cell is its head. It scrolls by itself where the page is narrower.
pub(super) fn table<C: Display>(
    caption: &str,
    columns: &[&str],
    rows: impl IntoIterator<Item = Vec<C>>,
) -> Html {
    let mut html = Html::default();
    // Who has no mouse scrolls what has the focus.
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"").text(caption);
    html.raw("\">\n<table>\n").raw("<caption>").element("span", caption).raw("</caption>\n<thead><tr>\n");
    for column in columns {
        html.raw("<th scope=\"col\">").text(column).raw("</th>\n");
    }
    html.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.raw("<tr>");
        for (position, cell) in row.iter().enumerate() {
            if position == 0 {
                html.raw("<th scope=\"row\">").text(cell).raw("</th>");
            } else {
                html.raw("<td>").text(cell).raw("</td>");
            }
        }
        html.raw("</tr>\n");
    }
    html.raw("</tbody>\n</table>\n</div>\n");
    html
}

/// A list of names and their values.
pub(super) fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, String)>) -> Html {
    let mut html = Html::default();
    html.raw("<dl>\n");
    for (name, value) in facts {
        html.raw("<div>").element("dt", name).element("dd", value).raw("</div>\n");
    }
    html.raw("</dl>\n");
    html
}

/// Something long that opens when asked for.
pub(super) fn details(summary: &str, inside: &Html) -> Html {
    let mut html = Html::default();
    html.raw("<details>\n").element("summary", summary).put(inside).raw("</details>\n");
    html
}
