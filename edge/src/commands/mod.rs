//! The program's commands.

pub(crate) mod bench;
pub(crate) mod check_config;
pub(crate) mod compile;
pub(crate) mod predict;
pub(crate) mod run;
pub(crate) mod status;

use std::env::{current_exe, temp_dir};
use std::path::Path;

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use overhaul_edge::sandbox::{CompileLimits, CompiledCache};

/// The compiled components of an agent's directory, or temporary ones; a process of this program compiles them under
/// limits.
fn compiled(data_dir: Option<&Path>, limits: CompileLimits) -> anyhow::Result<CompiledCache> {
    let cache = match data_dir {
        Some(directory) if !directory.is_dir() => {
            let line = format!("the data directory {} is not there; name an agent's", directory.display());
            return Err(Mistake::new(line).into());
        }
        Some(directory) => CompiledCache::open(directory)
            .with_context(|| format!("cannot use the compiled components in {}", directory.display()))?,
        None => CompiledCache::temporary().with_context(|| {
            format!("cannot compile in {}; name --data-dir DIR or set TMPDIR", temp_dir().display())
        })?,
    };
    let program = current_exe().context("cannot tell where this program lies")?;
    Ok(cache.compile_with(program, limits))
}
