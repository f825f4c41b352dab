//! `overhaul-edge`: the gateway agent's command line.
#![forbid(unsafe_code)]

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use overhaul_edge::config::{Flags, Log, LogFormat};
use overhaul_edge::service::log;
use tracing_subscriber::EnvFilter;

use commands::{bench, check_config, compile, predict, run, status};

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
    /// Print the settings and where each comes from, and check that they can be used.
    CheckConfig(Flags),
    /// Say how the agent of this machine is: exit code 0 when all is well, 3 when it has no version to predict with or
    /// refuses one, 1 when it does not answer.
    Status(status::Status),
    /// Predict once from a CSV file of readings.
    Predict(predict::Predict),
    /// Measure what this machine can do with a bundle.
    Bench(bench::Bench),
    /// Compile the component on standard input into an agent's cache.
    #[command(hide = true)]
    Compile(compile::Compile),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(flags) => run::run(&flags),
        Command::CheckConfig(flags) => check_config::check_config(&flags),
        Command::Status(arguments) => match status::status(arguments) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Predict(predict) => logged().and_then(|()| predict::predict(&predict)),
        Command::Bench(bench) => logged().and_then(|()| bench::bench(&bench)),
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
