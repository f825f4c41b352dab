//! `overhaul-server`: reads the command line and runs or tends the registry.
#![forbid(unsafe_code)]

mod command;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

/// The registry of remaining-useful-life models.
#[derive(Parser)]
#[command(name = "overhaul-server", version)]
struct Arguments {
    #[command(subcommand)]
    command: command::Command,
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => overhaul_bundle::mistake::report(error.as_ref()),
    }
}
