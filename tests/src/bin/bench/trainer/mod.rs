//! What the trainer is worth: how fast it trains, beside PyTorch in Python, and how well its models predict.
//!
//! | module | holds |
//! | --- | --- |
//! | [`training`] | one training, started as a user would |
//! | [`pytorch`] | the same training in Python |
//! | `speed` | both by turns |
//! | [`accuracy`] | all models on all subsets, over three seeds |
//! | [`aims`] | what of it was aimed at, met or missed |

mod accuracy;
mod aims;
mod pytorch;
mod speed;
mod training;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::machine;
use training::CPU;

/// The first GPU.
const GPU: &str = "cuda";

/// What is needed to measure the trainer.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder with C-MAPSS FD001, FD002 and FD004.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The Python whose PyTorch is compared with; without one nothing is.
    #[arg(long, env = "OVERHAUL_TORCH_PYTHON", value_name = "FILE")]
    torch_python: Option<PathBuf>,
    /// Where speed is measured; on a GPU nothing else is.
    #[arg(long, default_value = CPU, value_name = "DEVICE")]
    device: String,
    /// GRU and trend on FD001 only.
    #[arg(long)]
    quick: bool,
}

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let subsets = accuracy::subsets(arguments.quick);
    for subset in subsets {
        let missing = ["train", "test", "RUL"].map(|kind| format!("{kind}_{subset}.txt"));
        if let Some(missing) = missing.iter().find(|name| !arguments.data.join(name).is_file()) {
            bail!(
                "{} lacks {missing}; name the folder with {}",
                arguments.data.display(),
                subsets.join(", ")
            );
        }
    }
    let folder = tempfile::tempdir()?;
    let place = training::Place::new(&arguments.data, folder.path());
    println!("{}\n", machine::line()?);
    let python = pytorch::Python::find(arguments.torch_python.as_deref());
    speed(arguments, &place, python.as_ref().map_err(String::as_str))?;
    if arguments.device == CPU {
        accuracy::run(&place, arguments.quick)?;
    }
    Ok(())
}

/// The tables of speed: of the device that was asked for, and of a GPU if there is one.
fn speed(
    arguments: &Arguments,
    place: &training::Place,
    python: Result<&pytorch::Python, &str>,
) -> Result<()> {
    let python = match python {
        Ok(python) => python,
        Err(problem) if arguments.device == CPU => {
            println!("Speed is not compared: {problem}.\n");
            return Ok(());
        }
        Err(problem) => bail!("{problem}"),
    };
    if arguments.device == CPU {
        speed::run(place, python, CPU, arguments.quick)?;
    }
    let gpu = if arguments.device == CPU { GPU } else { &arguments.device };
    if training::finds(place, gpu, &python.libraries)? {
        return speed::run(place, python, gpu, arguments.quick);
    }
    if arguments.device != CPU {
        bail!("the trainer finds no {gpu} here, with the libtorch of {}", python.libraries.display());
    }
    println!("There is no GPU here; `cargo xtask bench trainer --device {GPU} --write` measures one.\n");
    Ok(())
}
