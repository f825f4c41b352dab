//! `overhaul-edge`: the gateway agent's command line.
#![forbid(unsafe_code)]

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use overhaul_edge::config::{Flags, Log, LogFormat};
use overhaul_edge::service::log;
use tracing_subscriber::EnvFilter;

use commands::{compile, predict, run};

/// Runs remaining-useful-life models on a gateway, inside a sandbox.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Follow a registry's alias, or one bundle, and predict over HTTP.
    Run(Flags),
    /// Predict once from a CSV file of readings.
    Predict(predict::Predict),
    /// Compile the component on standard input into an agent's cache.
    #[command(hide = true)]
    Compile(compile::Compile),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(flags) => run::run(&flags),
        Command::Predict(predict) => logged().and_then(|()| predict::predict(&predict)),
        Command::Compile(compile) => logged().and_then(|()| compile::compile(&compile)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => overhaul_bundle::mistake::report(error.as_ref()),
    }
}

/// The log of a command without settings.
fn logged() -> anyhow::Result<()> {
    // What `RUST_LOG` says is not worth failing for.
    let level = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|level| EnvFilter::try_new(level).is_ok());
    log::start(&Log { format: LogFormat::Text, level: level.unwrap_or_else(|| "info".to_owned()) })?;
    Ok(())
}
