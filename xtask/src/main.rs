//! `cargo xtask setup | demo | test | bench | package`: everything a newcomer or CI runs.
#![forbid(unsafe_code)]

mod bench;
mod command;
mod demo;
mod layout;
mod mistake;
mod package;
mod processes;
mod progress;
mod setup;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::layout::Layout;

/// Sets Overhaul up, shows it, tests it, measures it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what building and running needs: libtorch, the component, Python packages, cargo-deny
    Setup,
    /// Train, publish, promote, pull, predict and swap, with real processes on this machine
    Demo {
        /// Folder with the C-MAPSS files (`train_FD001.txt`, …); else ../shared/cmapss, else simulated data
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Leave registry and gateway running at the end, until Ctrl-C
        #[arg(long)]
        stay: bool,
        /// Passes over the training data, fewer for a quick look; else the trainer's own number
        #[arg(long, value_name = "N")]
        epochs: Option<u32>,
    },
    /// Format, lints, documentation, licences, and every test
    Test,
    /// Build the gateway agent as a Debian package
    Package {
        /// The profile to build it with
        #[arg(long, value_enum, default_value = "release")]
        profile: package::Profile,
    },
    /// Measure this machine: the gateway, or the trainer
    Bench {
        #[command(subcommand)]
        what: Option<bench::What>,
        /// Write the figures into docs/benchmarks.md
        #[arg(long, global = true)]
        write: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = Layout::find().and_then(|layout| match arguments.task {
        Task::Setup => setup::run(&layout),
        Task::Demo { data, stay, epochs } => demo::run(&layout, data, stay, epochs),
        Task::Test => test::run(&layout),
        Task::Package { profile } => package::package(&layout, profile),
        Task::Bench { what, write } => bench::run(&layout, what.unwrap_or(bench::What::Edge), write),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => mistake::report(&error),
    }
}
