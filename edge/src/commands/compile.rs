//! `overhaul-edge compile`: compiles a component into an agent's cache. The agent runs it for itself.

use std::io::{Read as _, Write as _, stdin, stdout};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use overhaul_edge::sandbox::CompiledCache;
use overhaul_edge::sandbox::compiler::{Verdict, confine};

#[derive(Args)]
pub(crate) struct Compile {
    /// The agent's directory.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// The process that waits for this one.
    #[arg(long, value_name = "PID")]
    parent: u32,
    /// How much memory this process may take.
    #[arg(long, value_name = "BYTES")]
    memory_bytes: u64,
    /// How much of the processor this process may take.
    #[arg(long, value_name = "SECONDS")]
    cpu_seconds: u64,
}

/// Answers a verdict on standard output; fails only when it cannot come to one.
pub(crate) fn compile(arguments: &Compile) -> anyhow::Result<()> {
    confine::confine(arguments.parent, arguments.memory_bytes, arguments.cpu_seconds)
        .context("cannot confine this process")?;
    let mut component = Vec::new();
    stdin().lock().read_to_end(&mut component).context("cannot read the component")?;
    let cache = CompiledCache::open(&arguments.data_dir)
        .with_context(|| format!("cannot use the compiled components in {}", arguments.data_dir.display()))?;
    let verdict = Verdict::from(cache.compile(&component));
    let mut out = stdout().lock();
    serde_json::to_writer(&mut out, &verdict).context("cannot print the verdict")?;
    writeln!(out).context("cannot print the verdict")
}
