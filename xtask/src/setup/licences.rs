//! cargo-deny, which checks licences and sources of what we build on.

use std::path::PathBuf;

use anyhow::Result;

use super::stage;
use crate::command::run;
use crate::layout::Layout;
use crate::progress::step;

const VERSION: &str = "0.20.2";

/// Where the program lies.
pub(crate) fn program(layout: &Layout) -> PathBuf {
    layout.cache.join("tools/bin/cargo-deny")
}

/// Builds it unless it is there.
pub(super) fn ensure(layout: &Layout) -> Result<()> {
    let tools = layout.cache.join("tools");
    let stamp = format!("cargo-deny {VERSION}");
    if stage::is_whole(&tools, &stamp) {
        return Ok(());
    }
    step(&format!("cargo-deny {VERSION} (compiled here)"), || {
        stage::replace(&tools, &stamp, |new| {
            // It runs for a second and is built once: the profile that builds fastest.
            run(layout
                .cargo()
                .env_remove("CARGO_TARGET_DIR")
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .args(["install", "--locked", "--quiet", "--debug", "--version", VERSION, "--root"])
                .arg(new)
                .arg("cargo-deny"))
        })
    })
}
