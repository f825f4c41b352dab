//! `overhaul-bench`: measures this machine and prints tables in Markdown; `cargo xtask bench` starts it.
//!
//! It must be built with `--release`, and the machine have nothing else to do.
#![forbid(unsafe_code)]

mod bundles;
mod edge;
mod load;
mod machine;
mod server;
mod soak;
mod statistics;
mod trainer;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};

/// Measures this machine.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Predictions, readings, component and agent, beside native tract, ONNX Runtime and a FastAPI service.
    Edge(edge::Arguments),
    /// Requests a second that the registry answers, beside the real MLflow server.
    Server(server::Arguments),
    /// A day of a gateway in minutes: swaps, link losses and hostile components under load.
    Soak(soak::Arguments),
    /// Speed and accuracy of training.
    Trainer(trainer::Arguments),
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if cfg!(debug_assertions) {
        bail!("this is a build for debugging; run `cargo xtask bench`");
    }
    match arguments.what {
        What::Edge(arguments) => edge::run(&arguments),
        What::Server(arguments) => server::run(&arguments),
        What::Soak(arguments) => soak::run(&arguments),
        What::Trainer(arguments) => trainer::run(&arguments),
    }
}
