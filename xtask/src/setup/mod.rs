//! `setup`: gets what building and running needs, once; afterwards it only looks and goes.
//!
//! | module | gets |
//! | --- | --- |
//! | [`system`] | compilers, Python and a broker, from the system's packages |
//! | [`python`] | a venv with the pinned Python packages |
//! | [`libtorch`] | libtorch, out of pinned wheels |
//! | [`component`] | the WebAssembly component |
//! | [`licences`] | cargo-deny |
//! | [`peers`] | PyTorch and MLflow in Python, only when `bench` compares with them |
//! | [`stage`] | folders of the cache that are whole or not there |

mod component;
mod libtorch;
pub(crate) mod licences;
pub(crate) mod peers;
mod python;
mod stage;
mod system;

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::layout::Layout;
use crate::progress::step;

/// Gets everything.
pub(crate) fn run(layout: &Layout) -> Result<()> {
    prepare(layout, true)?;
    println!("Everything is in place. To call cargo by hand:");
    println!(
        "  export CARGO_TARGET_DIR={} LIBTORCH={} LIBTORCH_BYPASS_VERSION_CHECK=1",
        layout.target.display(),
        layout.libtorch.display()
    );
    Ok(())
}

/// Gets what the tasks need; cargo-deny, which takes minutes to build, only for those that check licences.
pub(crate) fn prepare(layout: &Layout, licences: bool) -> Result<()> {
    fs::create_dir_all(&layout.cache).with_context(|| format!("cannot create {}", layout.cache.display()))?;
    let _lock = lock(layout)?;
    stage::sweep(&layout.cache)?;
    system::ensure()?;
    python::ensure(layout)?;
    libtorch::ensure(layout)?;
    component::ensure(layout)?;
    if licences {
        licences::ensure(layout)?;
    }
    Ok(())
}

/// Gets what only a comparison of speed needs, and answers its Python.
pub(crate) fn peer(layout: &Layout, peer: &peers::Peer) -> Result<PathBuf> {
    let _lock = lock(layout)?;
    peers::ensure(layout, peer)
}

/// Two setups at once would download everything twice: the second one waits. The system lets go of
/// the lock when the process ends, however it ends.
fn lock(layout: &Layout) -> Result<File> {
    let path = layout.cache.join("setup.lock");
    let context = || format!("cannot lock {}", path.display());
    let file = File::create(&path).with_context(context)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            step("waiting for another setup to end", || file.lock().with_context(context))?;
            Ok(file)
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(context),
    }
}
