//! `cargo xtask package`: the gateway agent as a Debian package, of what the release profile builds.
//!
//! | module | holds |
//! | --- | --- |
//! | `staging` | the tree of files that the package holds |
//! | `control` | what Debian is told of it |

mod control;
mod staging;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::command::{output, run};
use crate::layout::Layout;
use crate::mistake::mistake;
use crate::progress::step;

/// The package's name, and its program's.
const NAME: &str = "overhaul-edge";
/// The component's file beside the binaries.
const COMPONENT: &str = "overhaul-component.wasm";
/// The package's version: the workspace's.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// With what the program is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// For tests of the package itself: builds fast, runs slowly.
    Dev,
    /// For gateways.
    Release,
}

/// Builds the package and says where it lies.
pub(crate) fn package(layout: &Layout, profile: Profile) -> Result<()> {
    let architecture = output(Command::new("dpkg").arg("--print-architecture")).map_err(|e| {
        mistake(format!(
            "dpkg does not say which machines this builds for: {e:#}; build on Debian, or install dpkg"
        ))
    })?;
    let (name, binaries) = match profile {
        Profile::Dev => ("dev", layout.debug()),
        Profile::Release => ("release", layout.release()),
    };
    let component = binaries.join(COMPONENT);
    if !component.is_file() {
        return Err(mistake(format!("{} is not there; run `cargo xtask setup` first", component.display())));
    }
    run(layout.cargo().args(["build", "--locked", "--package", NAME, "--profile", name]))?;
    let folder = layout.target.join("debian");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let place = folder.join(format!("{NAME}_{VERSION}_{architecture}.deb"));
    step(&format!("{}", place.display()), || {
        let staging = tempfile::tempdir_in(&folder).context("cannot make a staging folder")?;
        let root = staging.path().join("root");
        staging::lay(layout, &binaries.join(NAME), &component, &root)?;
        control::write(layout, &architecture, &root)?;
        build(layout, &root, &place)
    })
}

/// The same tree makes the same package, byte for byte: its files are as old as the commit.
fn build(layout: &Layout, root: &std::path::Path, place: &PathBuf) -> Result<()> {
    let mut git = layout.program("git");
    // A source tree without its history is as old as it says nowhere.
    let epoch = output(git.args(["log", "-1", "--format=%ct"])).unwrap_or_else(|_| "0".to_owned());
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.env("SOURCE_DATE_EPOCH", epoch).args(["--root-owner-group", "-Zxz", "--build"]).arg(root).arg(place);
    output(&mut dpkg).map(drop)
}
