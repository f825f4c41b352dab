//! `overhaul-edge compile`: compiles a component into an agent's cache. The agent runs it for itself.

use std::io::{Read as _, stdin};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use overhaul_bundle::Sha256Digest;
use overhaul_edge::sandbox::{CompiledCache, Limits};

#[derive(Args)]
pub(crate) struct Compile {
    /// The agent's directory.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
}

pub(crate) fn compile(arguments: &Compile) -> anyhow::Result<()> {
    let mut component = Vec::new();
    stdin().lock().read_to_end(&mut component).context("cannot read the component")?;
    let cache = CompiledCache::open(&arguments.data_dir)
        .with_context(|| format!("cannot use the compiled components in {}", arguments.data_dir.display()))?;
    let digest = Sha256Digest::of(&component);
    cache.sandbox(&digest, || Ok(component), Limits::default())?;
    Ok(())
}
