//! The agent's own component: where it lies, its bytes, its digest.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_bundle::{Mistake, Sha256Digest};

use crate::sandbox::error::INTERFACE;

/// The component's file name.
pub const FILE: &str = "overhaul-component.wasm";
/// The environment variable that names a component.
pub const VARIABLE: &str = "OVERHAUL_COMPONENT";

/// Where the component lies: `explicit`, else what [`VARIABLE`] names, else [`FILE`] beside the
/// running program or in the folder above it (where test programs have it).
pub fn locate(explicit: Option<&Path>) -> anyhow::Result<PathBuf> {
    let named = explicit.map(Path::to_owned).or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    if let Some(path) = named {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Mistake::new(format!("the component {} is no file; name one that is there", path.display()))
                .into())
        };
    }
    let program = std::env::current_exe().context("cannot tell where this program lies")?;
    program.ancestors().skip(1).take(2).map(|folder| folder.join(FILE)).find(|path| path.is_file()).ok_or_else(|| {
        Mistake::new(format!(
            "there is no {FILE} beside {}; build it with `cargo xtask setup`, or name one with --component or {VARIABLE}",
            program.display()
        ))
        .into()
    })
}

/// A component's bytes, with the entry that a manifest lists it under.
pub fn read(path: &Path) -> anyhow::Result<(Vec<u8>, ComponentEntry)> {
    let bytes = fs::read(path).with_context(|| format!("cannot read the component {}", path.display()))?;
    let entry = ComponentEntry {
        interface: INTERFACE.to_owned(),
        sha256: Sha256Digest::of(&bytes),
        size: bytes.len() as u64,
    };
    Ok((bytes, entry))
}
