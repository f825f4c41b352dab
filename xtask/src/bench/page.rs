//! The page with the figures, and what encloses those of one command there.

use std::fs;

use anyhow::{Context as _, Result};

use crate::layout::Layout;

const PAGE: &str = "docs/benchmarks.md";
const END: &str = "<!-- end of figures -->";

/// Puts the figures that `cargo xtask bench {of}` printed into the page.
pub(super) fn write(layout: &Layout, of: &str, figures: &str) -> Result<()> {
    let page = layout.root.join(PAGE);
    let text = fs::read_to_string(&page).with_context(|| format!("cannot read {PAGE}"))?;
    fs::write(&page, replaced(&text, of, figures)?).with_context(|| format!("cannot write {PAGE}"))?;
    println!("written into {PAGE}");
    Ok(())
}

/// The page with other figures between one command's markers.
fn replaced(page: &str, of: &str, figures: &str) -> Result<String> {
    let begin = format!("<!-- figures: written by `cargo xtask bench {of} --write` -->");
    let parts = page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.with_context(|| format!("{PAGE} lacks `{begin}` or `{END}` after it"))?;
    Ok(format!("{before}{begin}\n\n{}\n\n{END}{after}", figures.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: [&str; 2] = [
        "<!-- figures: written by `cargo xtask bench edge --write` -->",
        "<!-- figures: written by `cargo xtask bench trainer --write` -->",
    ];

    #[test]
    fn only_what_is_between_one_commands_markers_is_replaced() {
        let [edge, trainer] = BEGIN;
        let rest = format!("\n\nHow.\n\n{trainer}\nkept\n{END}\nThe end.\n");
        let page = format!("# Figures\n\n{edge}\nold\n{END}{rest}");
        let page = replaced(&page, "edge", "new\n").unwrap();
        assert_eq!(page, format!("# Figures\n\n{edge}\n\nnew\n\n{END}{rest}"));
        assert_eq!(replaced(&page, "edge", "new\n").unwrap(), page);
        assert!(replaced(&page, "trainer", "x").unwrap().contains("\nnew\n"));
        assert!(replaced("# No markers", "edge", "new").is_err());
    }

    #[test]
    fn the_page_has_the_markers_of_every_command() {
        let page = fs::read_to_string(Layout::find().unwrap().root.join(PAGE)).unwrap();
        for of in ["edge", "soak", "server", "trainer", "trainer --device cuda"] {
            assert!(replaced(&page, of, "new").is_ok(), "{of}");
        }
    }
}
