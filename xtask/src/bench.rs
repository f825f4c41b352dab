//! `bench`: builds with optimisation and measures; figures go to the terminal and, if asked, into the docs.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::command;
use crate::demo::data;
use crate::layout::Layout;
use crate::mistake::mistake;
use crate::progress::step;
use crate::setup;

/// The page with the figures, and what encloses them there.
const PAGE: &str = "docs/benchmarks.md";
const BEGIN: &str = "<!-- figures: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of figures -->";

/// Measures this machine.
pub(crate) fn run(layout: &Layout, skip_training: bool, write: bool, named: Option<PathBuf>) -> Result<()> {
    let data = if skip_training { None } else { data::find(layout, named)? };
    if data.is_none() && !skip_training {
        return Err(mistake(
            "no C-MAPSS data in ../shared/cmapss; name its folder with --data, or give --skip-training",
        ));
    }
    setup::prepare(layout, false)?;
    let packages = ["overhaul-edge", "overhaul-trainer", "overhaul-tests"];
    let mut build = layout.cargo();
    build
        .args(["build", "--release", "--bins"])
        .args(packages.iter().flat_map(|package| ["--package", package]));
    step("the programs, compiled with optimisation", || command::run(&mut build))?;

    let mut bench = layout.program(layout.release().join("overhaul-bench"));
    bench.args(data.iter().flat_map(|data| ["--data".as_ref(), data.as_os_str()]));
    let figures = step("figures (leave the machine alone)", || {
        let mut child = bench.stdout(Stdio::piped()).spawn().context("cannot start overhaul-bench")?;
        let mut figures = String::new();
        for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
            let line = line?;
            println!("{line}");
            figures += &(line + "\n");
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("overhaul-bench ended with {status}");
        }
        Ok(figures)
    })?;
    if write {
        let page = layout.root.join(PAGE);
        let text = fs::read_to_string(&page).with_context(|| format!("cannot read {PAGE}"))?;
        fs::write(&page, replaced(&text, &figures)?).with_context(|| format!("cannot write {PAGE}"))?;
        println!("written into {PAGE}");
    }
    Ok(())
}

/// The page with other figures between its markers.
fn replaced(page: &str, figures: &str) -> Result<String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.with_context(|| format!("{PAGE} lacks `{BEGIN}` or `{END}`"))?;
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", figures.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let page = format!("# Figures\n\n{BEGIN}\nold\n{END}\n\nHow they are measured.\n");
        let page = replaced(&page, "new\n").unwrap();
        assert_eq!(page, format!("# Figures\n\n{BEGIN}\n\nnew\n\n{END}\n\nHow they are measured.\n"));
        assert_eq!(replaced(&page, "new\n").unwrap(), page);
        assert!(replaced("# No markers", "new").is_err());
    }
}
