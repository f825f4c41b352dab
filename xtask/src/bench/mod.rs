//! `bench`: builds with optimisation and measures; figures go to the terminal and, if asked, into the docs.

mod page;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};

use crate::command;
use crate::demo::data;
use crate::layout::Layout;
use crate::mistake::mistake;
use crate::progress::step;
use crate::setup;
use crate::setup::peers::{FASTAPI, MLFLOW, PYTORCH, Peer};

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum What {
    /// Predictions, readings, component and agent, against native tract, ONNX Runtime and FastAPI with PyTorch (what
    /// `bench` alone measures)
    Edge,
    /// Requests a second of the registry against the real MLflow server's, and 20,000 gateways (ten minutes)
    Server,
    /// A day of a gateway in minutes: ten million predictions with swaps, link losses and hostile components
    Soak {
        /// How many predictions
        #[arg(long, default_value_t = 10_000_000)]
        predictions: u64,
    },
    /// Speed of training against PyTorch in Python, and accuracy on C-MAPSS FD001, FD002 and FD004 (half an hour)
    Trainer(Trainer),
}

/// How the trainer is measured.
#[derive(Args)]
pub(crate) struct Trainer {
    /// A short look: GRU and trend on FD001 only
    #[arg(long)]
    quick: bool,
    /// Where speed is measured; on a GPU, such as cuda, nothing else is
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: String,
    /// Folder with the C-MAPSS files; else ../shared/cmapss
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Measures this machine.
pub(crate) fn run(layout: &Layout, what: What, write: bool) -> Result<()> {
    let mut bench = layout.program(layout.release().join("overhaul-bench"));
    let (marked, peer, packages) = match what {
        What::Edge => {
            bench.arg("edge");
            ("edge", Some(FASTAPI), &["overhaul-edge", "overhaul-trainer"][..])
        }
        What::Server => {
            bench.arg("server");
            ("server", Some(MLFLOW), &["overhaul-edge", "overhaul-server"][..])
        }
        What::Soak { predictions } => {
            bench.args(["soak", "--predictions", &predictions.to_string()]);
            ("soak", None, &["overhaul-edge", "overhaul-server", "overhaul-trainer"][..])
        }
        What::Trainer(trainer) => {
            let marked = if trainer.device == "cpu" { "trainer" } else { "trainer --device cuda" };
            ask(layout, trainer, write, &mut bench)?;
            (marked, Some(PYTORCH), &["overhaul-edge", "overhaul-trainer"][..])
        }
    };
    setup::prepare(layout, false)?;
    if let Some(peer) = peer {
        give(layout, &peer, &mut bench);
    }
    let packages = packages.iter().chain(&["overhaul-tests"]);
    let mut build = layout.cargo();
    build.args(["build", "--release", "--bins"]).args(packages.flat_map(|package| ["--package", package]));
    step("the programs, compiled with optimisation", || command::run(&mut build))?;
    let figures = step("figures (leave the machine alone)", || figures(&mut bench))?;
    if write { page::write(layout, marked, &figures) } else { Ok(()) }
}

/// The arguments of a measurement of the trainer.
fn ask(layout: &Layout, trainer: Trainer, write: bool, bench: &mut Command) -> Result<()> {
    if trainer.quick && write {
        return Err(mistake("--quick is no measurement for the page; leave --quick or --write out"));
    }
    let data = data::find(layout, trainer.data)?
        .ok_or_else(|| mistake("no C-MAPSS data in ../shared/cmapss; name its folder with --data"))?;
    bench.arg("trainer").arg("--data").arg(data).args(["--device", &trainer.device]);
    if trainer.quick {
        bench.arg("--quick");
    }
    Ok(())
}

/// Names the Python with what is compared with, unless the user has; without one there is no comparison.
fn give(layout: &Layout, peer: &Peer, bench: &mut Command) {
    if env::var_os(peer.setting).is_some_and(|python| !python.is_empty()) {
        return;
    }
    match setup::peer(layout, peer) {
        Ok(python) => {
            bench.env(peer.setting, python);
        }
        Err(error) => {
            bench.env_remove(peer.setting);
            println!("    going on without {} to compare with: {error:#}", peer.name);
        }
    }
}

/// Runs the measurement, whose figures the terminal shows as they come.
fn figures(bench: &mut Command) -> Result<String> {
    let mut child = bench.stdout(Stdio::piped()).spawn().context("cannot start overhaul-bench")?;
    let mut figures = String::new();
    for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
        let line = line?;
        println!("{line}");
        figures += &(line + "\n");
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("overhaul-bench ended with {status}");
    }
    Ok(figures)
}
