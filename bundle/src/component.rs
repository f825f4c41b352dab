//! The component that bundles are made for and checked with: where it lies, its bytes, its digest.

use std::fs;
use std::path::{Path, PathBuf};

use crate::directory::io_error;
use crate::manifest::ComponentEntry;
use crate::{BundleError, Mistake, Sha256Digest};

/// The component's file name.
pub const FILE: &str = "overhaul-component.wasm";
/// The environment variable that names a component.
pub const VARIABLE: &str = "OVERHAUL_COMPONENT";
/// Where a package installs the component, from the folder that its `bin` is in.
const INSTALLED: &str = "lib/overhaul-edge";
/// The interface that a component exports, as `wit/inference.wit` calls it.
pub const INTERFACE: &str = "overhaul:inference/model@0.1.0";

/// Where the component lies: `explicit`, else what [`VARIABLE`] names, else [`FILE`] beside the running program,
/// in the folder above it (where test programs have it), or where a package installs it, in `lib/overhaul-edge`
/// beside the program's `bin`; `None` when nobody names one and none lies there.
pub fn find(explicit: Option<&Path>) -> Result<Option<PathBuf>, Mistake> {
    let named = explicit.map(Path::to_owned).or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    if let Some(path) = named {
        let missing = format!("the component {} is no file; name one that is there", path.display());
        return if path.is_file() { Ok(Some(path)) } else { Err(Mistake::new(missing)) };
    }
    let Ok(program) = std::env::current_exe() else { return Ok(None) };
    let folders: Vec<&Path> = program.ancestors().skip(1).take(2).collect();
    let installed = folders.last().map(|above| above.join(INSTALLED));
    let places = folders.iter().map(|folder| (*folder).to_owned()).chain(installed);
    Ok(places.map(|folder| folder.join(FILE)).find(|path| path.is_file()))
}

/// The same for a program that cannot do without.
pub fn locate(explicit: Option<&Path>) -> Result<PathBuf, Mistake> {
    find(explicit)?.ok_or_else(|| {
        Mistake::new(format!(
            "there is no {FILE} beside this program; build it with `cargo xtask setup`, or name one with --component or {VARIABLE}"
        ))
    })
}

/// A component's bytes, with the entry that a manifest lists it under.
pub fn read(path: &Path) -> Result<(Vec<u8>, ComponentEntry), BundleError> {
    let bytes = fs::read(path).map_err(|e| io_error("read the component", path, e))?;
    let entry = ComponentEntry {
        interface: INTERFACE.to_owned(),
        sha256: Sha256Digest::of(&bytes),
        size: bytes.len() as u64,
    };
    Ok((bytes, entry))
}
