//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use overhaul_bundle::{Mistake, ModelName};

use crate::model::Architecture;
use crate::train::Settings;

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
        return Err(Mistake::new("no command was given; give train or simulate, or see --help").into());
    }
    let text = error.to_string();
    let problem = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let line: Vec<&str> = problem.split_whitespace().collect();
    Err(Mistake::new(format!("{}; see --help for what it takes", line.join(" "))).into())
}

/// What the trainer does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a model, evaluate it once on the test set, check its export, and publish it.
    Train(Box<TrainArguments>),
    /// Write simulated run-to-failure data in C-MAPSS's format.
    Simulate(SimulateArguments),
}

/// Arguments of `train`.
#[derive(Debug, Clone, Args)]
pub struct TrainArguments {
    /// The kind of model.
    #[arg(long, value_enum, ignore_case = true)]
    pub model: Architecture,
    /// The directory that holds `train_SUBSET.txt`, `test_SUBSET.txt` and `RUL_SUBSET.txt`.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Which subset of the data.
    #[arg(long, default_value = "FD001")]
    pub subset: String,
    /// Passes over the training windows.
    #[arg(long, default_value_t = 15)]
    pub epochs: u32,
    /// Windows in a training batch.
    #[arg(long, default_value_t = 256)]
    pub batch_size: u32,
    /// Peak learning rate of the one-cycle schedule.
    #[arg(long, default_value_t = 1e-3, allow_negative_numbers = true)]
    pub lr: f64,
    /// Readings in a window.
    #[arg(long, default_value_t = 30)]
    pub sequence_length: usize,
    /// The ceiling on training targets, in cycles.
    #[arg(long, default_value_t = 125.0, allow_negative_numbers = true)]
    pub rul_cap: f64,
    /// Decides everything random; the same seed gives the same bits on a CPU.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Width of the recurrent layers.
    #[arg(long, default_value_t = 64)]
    pub hidden_size: usize,
    /// Recurrent layers.
    #[arg(long, default_value_t = 2)]
    pub layers: usize,
    /// The registry to publish to; without one the bundle stays in --out.
    #[arg(long, value_name = "URL", env = "OVERHAUL_REGISTRY")]
    pub registry: Option<String>,
    /// The registered model's name.
    #[arg(long, default_value = "RUL-Prediction-Model")]
    pub name: ModelName,
    /// The directory that becomes the bundle; it must not exist yet.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The component to check the export with; by default the one that `OVERHAUL_COMPONENT` names, or
    /// overhaul-component.wasm beside this program.
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// Print one JSON object on standard output at the end, and everything else on standard error.
    #[arg(long)]
    pub json: bool,
}

impl TrainArguments {
    /// The training settings among the arguments, not checked yet.
    pub fn settings(&self) -> Settings {
        Settings {
            architecture: self.model,
            epochs: self.epochs,
            batch_size: self.batch_size,
            learning_rate: self.lr,
            sequence_length: self.sequence_length,
            rul_cap: self.rul_cap,
            seed: self.seed,
            hidden_size: self.hidden_size,
            layers: self.layers,
        }
    }
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
