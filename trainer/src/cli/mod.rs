//! The command line.
//!
//! | module | holds |
//! | --- | --- |
//! | [`train`] | the arguments of `train` |
//! | [`registry`] | the arguments that name a registry, and the commands on its versions |

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use overhaul_bundle::Mistake;

pub mod registry;
pub mod train;

pub use registry::{
    CompareArguments, EvaluateArguments, ExportArguments, LoadArguments, PredictArguments, PublishArguments,
    RegisterArguments, RegistryArguments,
};
pub use train::{DataArguments, ModelChoice, TrainArguments};

/// Trains models of remaining useful life (RUL) and publishes them.
#[derive(Debug, Parser)]
#[command(name = "overhaul-trainer", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The command line, parsed; `None` if it asked for help or the version, which is printed. What cannot be
/// parsed is refused in one line, as every other mistake.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<Option<Cli>> {
    let error = match Cli::try_parse_from(arguments) {
        Ok(cli) => return Ok(Some(cli)),
        Err(error) => error,
    };
    if !error.use_stderr() {
        error.print().context("cannot print the help")?;
        return Ok(None);
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Err(
            Mistake::new("no command was given; give train, evaluate or another, or see --help").into()
        );
    }
    let text = error.to_string();
    let problem = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let line: Vec<&str> = problem.split_whitespace().collect();
    Err(Mistake::new(format!("{}; see --help for what it takes", line.join(" "))).into())
}

/// What the trainer does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train models, evaluate each once on the test set, check their export, and publish them.
    Train(Box<TrainArguments>),
    /// Score a published version on a test set.
    Evaluate(EvaluateArguments),
    /// Compare two published versions on the same test units, with an interval around the difference.
    Compare(CompareArguments),
    /// Publish a model that PyTorch trained elsewhere; no pickle is executed.
    Register(Box<RegisterArguments>),
    /// Fetch and verify a published version, and load its weights back into libtorch.
    Load(LoadArguments),
    /// Predict with a published version from a CSV file of readings.
    Predict(PredictArguments),
    /// Publish a bundle that stayed on disk.
    Publish(PublishArguments),
    /// Write a published version to disk.
    Export(ExportArguments),
    /// Get data to train on.
    #[command(subcommand)]
    Data(DataCommand),
    /// Write simulated run-to-failure data in C-MAPSS's format.
    Simulate(SimulateArguments),
}

/// What `data` does.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Download NASA's C-MAPSS data, check it, and unpack it.
    Fetch(FetchArguments),
}

/// Arguments of `data fetch`.
#[derive(Debug, Clone, Args)]
pub struct FetchArguments {
    /// The directory to unpack into; it is made if it is not there.
    #[arg(long, value_name = "DIR", default_value = "cmapss")]
    pub out: PathBuf,
    /// Where the archive is, if not where NASA has it.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The archive's sha256, if it is known.
    #[arg(long, value_name = "HEX")]
    pub sha256: Option<overhaul_bundle::Sha256Digest>,
}

/// Arguments of `simulate`.
#[derive(Debug, Clone, Args)]
pub struct SimulateArguments {
    /// The directory to write into; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Units to train with, and as many to test with.
    #[arg(long, default_value_t = 100)]
    pub units: usize,
    /// Decides everything random.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The subset's name, which the files carry.
    #[arg(long, default_value = "FD001")]
    pub subset: String,
}
