//! The WebAssembly component: built when its sources, its dependencies or its compiler changed, kept by their digest.

mod encode;
mod key;
mod toolchain;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use self::toolchain::Toolchain;
use super::stage;
use crate::command::run;
use crate::layout::Layout;
use crate::mistake::mistake;
use crate::progress::step;

/// The component's file, in the cache and beside the binaries.
const FILE: &str = "overhaul-component.wasm";
/// Names a component to use instead of building one, here as in the programs.
const VARIABLE: &str = "OVERHAUL_COMPONENT";
/// What cargo leaves: a plain WebAssembly module, which [`encode`] makes a component of.
const MODULE: &str = "wasm32-unknown-unknown/component/overhaul_component.wasm";

/// Builds the component unless it is there, and puts it beside the binaries of both profiles. A component that
/// the user names is put there as it is.
pub(super) fn ensure(layout: &Layout) -> Result<()> {
    if let Some(named) = env::var_os(VARIABLE).map(PathBuf::from) {
        if !named.is_file() {
            return Err(mistake(format!(
                "{VARIABLE}={} is no file; name a component, or unset it",
                named.display()
            )));
        }
        return [layout.debug(), layout.release()].iter().try_for_each(|binaries| put(&named, binaries));
    }
    let toolchain = Toolchain::find(layout)?;
    let key = key::of(layout, &toolchain)?;
    let folder = layout.cache.join("component").join(&key);
    if !stage::is_whole(&folder, &key) {
        fs::create_dir_all(layout.cache.join("component"))?;
        step(&format!("the WebAssembly component, with {}", toolchain.description()), || {
            stage::replace(&folder, &key, |new| build(layout, &toolchain, &new.join(FILE)))
        })?;
    }
    [layout.debug(), layout.release()].iter().try_for_each(|binaries| put(&folder.join(FILE), binaries))
}

fn build(layout: &Layout, toolchain: &Toolchain, to: &Path) -> Result<()> {
    let target = layout.cache.join("component-target");
    let mut cargo = toolchain.cargo(layout, &target)?;
    cargo.args(["--locked", "--package", "overhaul-component", "--lib"]);
    run(cargo.args(["--profile", "component", "--target", "wasm32-unknown-unknown"]))?;
    let module: PathBuf = target.join(MODULE);
    let module = fs::read(&module).with_context(|| format!("cargo left no {}", module.display()))?;
    let component = encode::component(&module)?;
    println!("    {FILE}: {:.1} MiB", component.len() as f64 / f64::from(1 << 20));
    fs::write(to, component).with_context(|| format!("cannot write {}", to.display()))
}

/// Copies the component beside the binaries, whole or not at all, unless the same one lies there.
fn put(component: &Path, folder: &Path) -> Result<()> {
    let bytes = fs::read(component).with_context(|| format!("cannot read {}", component.display()))?;
    let place = folder.join(FILE);
    if fs::read(&place).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let context = || format!("cannot write {}", place.display());
    fs::create_dir_all(folder).with_context(context)?;
    let partial = folder.join(format!(".{FILE}.partial"));
    fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &place)).with_context(context)
}
