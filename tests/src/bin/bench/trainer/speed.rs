//! Seconds of an epoch: the trainer, and PyTorch in Python in two ways, by turns.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::pytorch::{Batches, Python, Report};
use super::training::{CPU, Epoch, Place};
use crate::statistics::quantile;

const SUBSET: &str = "FD001";
const BATCH: usize = 256;
/// Epochs of one training; the first, which waits for everything once, is not timed.
const EPOCHS: usize = 4;
/// How often each side trains.
const ROUNDS: usize = 4;
/// The trainer's seconds over Python's, aimed at.
const AIM: f64 = 0.8;
/// The libtorch that the trainer is linked with, as setup unpacks it.
const LIBTORCH: &str = "2.11.0";

/// A model, and the flags that the trainer and the script share.
struct Model {
    name: &'static str,
    flags: &'static str,
    quick: bool,
}

const MODELS: [Model; 3] = [
    Model {
        name: "GRU 2 × 64, window 30",
        flags: "--model gru --sequence-length 30 --hidden-size 64 --layers 2 --dropout 0 --lr 0.001 --weight-decay 0.1",
        quick: true,
    },
    Model {
        name: "LSTM 2 × 64, window 30",
        flags: "--model lstm --sequence-length 30 --hidden-size 64 --layers 2 --dropout 0 --lr 0.001 --weight-decay 0.1",
        quick: false,
    },
    Model {
        name: "trend, window 60",
        flags: "--model trend --sequence-length 60 --hidden-size 64 --layers 3 --dropout 0.2 --lr 0.002 --weight-decay 0.01",
        quick: true,
    },
];

/// The timed epochs of one side.
#[derive(Default)]
struct Side {
    took: Vec<Duration>,
    /// The loss of the last epoch of each training.
    losses: Vec<f64>,
}

/// Both sides of one model.
struct Comparison {
    parameters: u64,
    batches: usize,
    device_name: String,
    /// The trainer, Python with a `DataLoader`, Python with one tensor.
    sides: [Side; 3],
}

/// Measures and prints the table of one device.
pub(super) fn run(place: &Place, python: &Python, device: &str, quick: bool) -> Result<()> {
    let mut rows = Vec::new();
    let mut place_name = String::new();
    let mut best = f64::INFINITY;
    let mut worst: f64 = 0.0;
    for model in MODELS.iter().filter(|model| model.quick || !quick) {
        eprintln!("timing epochs of {} on {device}", model.name);
        let compared = compare(place, python, device, model, if quick { 2 } else { ROUNDS })?;
        let [trainer, loader, tensor] = compared.sides.each_ref().map(Side::seconds);
        let [loss, loader_loss, tensor_loss] = compared.sides.each_ref().map(Side::loss);
        rows.push(format!(
            "| {} | {} | {} | {trainer:.3} s | {loader:.3} s | {tensor:.3} s | {:.2} | {:.2} | {loss:.4} / {loader_loss:.4} / {tensor_loss:.4} |",
            model.name,
            compared.parameters,
            compared.batches,
            trainer / loader,
            trainer / tensor,
        ));
        (best, worst) = (best.min(trainer / loader), worst.max(trainer / loader));
        place_name = compared.device_name;
    }
    let on = if device == CPU { "one thread".to_owned() } else { place_name };
    println!(
        "| {SUBSET}, batch {BATCH}, {on} | parameters | batches | trainer | Python, DataLoader | Python, one tensor | trainer / DataLoader | trainer / one tensor | loss of epoch {EPOCHS} |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n{}\n", rows.join("\n"));
    println!(
        "Seconds an epoch, with its look at validation windows: medians of {} epochs by turns; the trainer's libtorch is {LIBTORCH}, Python's PyTorch {}. \
         The aim is at most {AIM} of the DataLoader's time: {} ({best:.2} to {worst:.2}).\n",
        (EPOCHS - 1) * if quick { 2 } else { ROUNDS },
        python.torch,
        if worst <= AIM { "met" } else { "missed" },
    );
    Ok(())
}

fn compare(place: &Place, python: &Python, device: &str, model: &Model, rounds: usize) -> Result<Comparison> {
    let mut shared: Vec<String> = model.flags.split(' ').map(str::to_owned).collect();
    let numbers = [("--epochs", EPOCHS), ("--batch-size", BATCH)];
    shared.extend(numbers.iter().flat_map(|(flag, number)| [(*flag).to_owned(), number.to_string()]));
    shared.extend(["--subset", SUBSET, "--device", device].map(str::to_owned));
    // Every window whole, as the script has them.
    let own =
        [shared.clone(), ["--cold-start", "0", "--patience", "100"].map(str::to_owned).to_vec()].concat();
    let libraries = (device != CPU).then_some(python.libraries.as_path());

    let mut sides = [(); 3].map(|()| Side::default());
    let mut last = None;
    for _ in 0..rounds {
        let training = place.train(&own, libraries)?;
        sides[0].add(training.epochs.iter().copied());
        let windows = ["--windows".to_owned(), training.windows.to_string()];
        let units = ["--validation-units".to_owned(), training.validation_units.to_string()];
        let theirs = [shared.as_slice(), &windows, &units].concat();
        for (side, batches) in sides[1..].iter_mut().zip([Batches::Loader, Batches::Tensor]) {
            let report = python.train(place.data(), batches, &theirs)?;
            same_work(training.metadata.parameters, training.windows, &report)?;
            side.add(report.epochs());
            last = Some(report);
        }
    }
    let [trainer, loader, tensor] = sides.each_ref().map(Side::loss);
    for loss in [loader, tensor] {
        ensure!(
            (0.75..1.33).contains(&(loss / trainer)),
            "{}: the trainer's loss is {trainer}, the script's {loss}: they do not train the same",
            model.name
        );
    }
    let Report { parameters, batches, device_name, .. } = last.ok_or_else(|| anyhow::anyhow!("no round"))?;
    Ok(Comparison { parameters, batches, device_name, sides })
}

/// Nobody is fast by doing less.
fn same_work(parameters: u64, windows: usize, report: &Report) -> Result<()> {
    let (own, theirs) =
        ((parameters, windows, windows.div_ceil(BATCH)), (report.parameters, report.windows, report.batches));
    ensure!(
        own == theirs,
        "parameters, windows and batches differ: the trainer's {own:?}, the script's {theirs:?}"
    );
    Ok(())
}

impl Side {
    fn add(&mut self, epochs: impl Iterator<Item = Epoch>) {
        let epochs: Vec<Epoch> = epochs.collect();
        self.took.extend(epochs.iter().skip(1).map(|epoch| epoch.took));
        self.losses.extend(epochs.last().map(|epoch| epoch.loss));
    }

    fn seconds(&self) -> f64 {
        quantile(&self.took, 0.5).as_secs_f64()
    }

    /// The mean of the trainings' last losses.
    fn loss(&self) -> f64 {
        self.losses.iter().sum::<f64>() / self.losses.len() as f64
    }
}
