//! `overhaul-edge`: the gateway agent's command line.
#![forbid(unsafe_code)]

mod commands;

use std::io::{IsTerminal as _, stderr};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
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
    Run(run::Run),
    /// Predict once from a CSV file of readings.
    Predict(predict::Predict),
    /// Compile the component on standard input into an agent's cache.
    #[command(hide = true)]
    Compile(compile::Compile),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
    let outcome = match arguments.command {
        Command::Run(run) => run::run(run),
        Command::Predict(predict) => predict::predict(&predict),
        Command::Compile(compile) => compile::compile(&compile),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => overhaul_bundle::mistake::report(error.as_ref()),
    }
}
