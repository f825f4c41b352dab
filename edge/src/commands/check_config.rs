//! `overhaul-edge check-config`: the settings, where each came from, and whether they can be used.

use std::io::{Write as _, stdout};

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use overhaul_edge::config::check::check;
use overhaul_edge::config::show::show;
use overhaul_edge::config::{self, Flags, Mistakes};

pub(crate) fn check_config(flags: &Flags) -> anyhow::Result<()> {
    let config = config::load(flags).map_err(Mistake::from)?;
    stdout().write_all(show(&config).as_bytes()).context("cannot print the settings")?;
    match check(&config) {
        mistakes if mistakes.is_empty() => Ok(()),
        mistakes => Err(Mistake::from(Mistakes(mistakes)).into()),
    }
}
