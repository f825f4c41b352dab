//! `test`: everything CI checks, in an order in which each step uses what the one before it built.

mod totals;

use std::process::Command;

use anyhow::{Result, bail};

use self::totals::Totals;
use crate::command::{run as run_command, succeeds};
use crate::layout::Layout;
use crate::mistake::mistake;
use crate::progress::step;
use crate::setup::{self, licences};

/// Runs all checks. The first of format, licences, lints and documentation that fails ends the run; a
/// failed test does not keep the others from running.
pub(crate) fn run(layout: &Layout) -> Result<()> {
    let cargo = |arguments: &[&str]| {
        let mut cargo = layout.cargo();
        cargo.args(arguments);
        cargo
    };
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !succeeds(&mut cargo(&[tool, "--version"]))
            && !succeeds(Command::new("rustup").args(["component", "add", component]))
        {
            return Err(mistake(format!("cargo {tool} is missing; run `rustup component add {component}`")));
        }
    }
    setup::prepare(layout, true)?;

    step("format", || run_command(&mut cargo(&["fmt", "--all", "--check"])))?;
    step("licences and sources of dependencies", || {
        let mut deny = layout.program(licences::program(layout));
        run_command(deny.args([
            "--workspace",
            "--log-level",
            "error",
            "check",
            "bans",
            "licenses",
            "sources",
        ]))
    })?;
    // Clippy and rustdoc share what they learn of the dependencies; the tests need them compiled.
    step("lints", || {
        run_command(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
    })?;
    step("documentation", || {
        run_command(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    // One selection of features for programs and tests, so that every dependency is compiled once.
    step("programs and tests, compiled", || {
        run_command(&mut cargo(&["build", "--workspace", "--all-targets"]))
    })?;

    let has_nextest = succeeds(&mut cargo(&["nextest", "--version"]));
    let mut totals = Totals::default();
    step("tests", || {
        totals.add(&mut if has_nextest {
            cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
        } else {
            cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
        })
    })?;
    step("examples in the documentation", || {
        totals.add(&mut cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]))
    })?;
    println!("{totals}");
    if totals.failed > 0 {
        bail!("{} tests failed", totals.failed);
    }
    Ok(())
}
