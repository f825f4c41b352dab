//! `overhaul-bench`: measures this machine and prints tables in Markdown; `cargo xtask bench` starts it.
//!
//! It must be built with `--release`, and the machine have nothing else to do.
#![forbid(unsafe_code)]

mod accuracy;
mod footprint;
mod latency;
mod machine;
mod onnxruntime;
mod statistics;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;

/// Measures latency, sizes and accuracy.
#[derive(Parser)]
struct Arguments {
    /// The Python whose onnxruntime is measured.
    #[arg(long, env = "OVERHAUL_PYTHON", value_name = "FILE")]
    python: PathBuf,
    /// C-MAPSS FD001; without it nothing is trained for accuracy, and latency is that of networks trained for one epoch on simulated data.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Compile the component, say how long that took and how much memory, and end.
    #[arg(long, hide = true)]
    compile_only: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.compile_only {
        return footprint::compile_here();
    }
    if cfg!(debug_assertions) {
        bail!("this is a build for debugging; run `cargo xtask bench`");
    }
    let folder = tempfile::tempdir()?;
    println!("{}\n", machine::line()?);
    let accuracy = accuracy::train(folder.path(), arguments.data.as_deref())?;
    latency::run(&accuracy.bundles, &arguments.python, folder.path())?;
    footprint::run(&accuracy.bundles[0].1, folder.path())?;
    accuracy.print();
    Ok(())
}
