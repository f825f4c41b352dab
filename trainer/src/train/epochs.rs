//! The epochs of one training run, and the choice among them.

use std::path::PathBuf;

use overhaul_bundle::scaler::Scaler;
use overhaul_bundle::{Mistake, Sha256Digest};
use serde::{Deserialize, Serialize};
use tch::Device;

use super::checkpoint::{Checkpoint, Checkpoints};
use super::interrupt::Stopped;
use super::memory::guard;
use super::run::Run;
use super::{Progress, Settings};
use crate::data::Split;
use crate::model::Network;

/// What a run trains on.
#[derive(Debug, Clone, Copy)]
pub struct Data<'a> {
    /// The units, by what they are for.
    pub parts: &'a Split,
    /// Fitted on the training units.
    pub scaler: &'a Scaler,
    /// The digest of the data's files.
    pub sha256: Sha256Digest,
}

/// One epoch that is over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Mean training loss: squared error of RUL as a share of the cap.
    pub loss: f64,
    /// RMSE on the validation units, in cycles, capped labels.
    pub validation_rmse: f64,
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// How long it took.
    pub seconds: f64,
}

/// A trained network, with the weights of its best epoch.
#[derive(Debug)]
pub struct Trained {
    /// The network.
    pub network: Network,
    /// The epoch whose weights it has, from 1.
    pub best_epoch: u32,
    /// That epoch's RMSE on the validation units, in cycles, capped labels.
    pub validation_rmse: f64,
    /// All epochs, in order.
    pub epochs: Vec<Epoch>,
    /// The run's checkpoint, which is of no more use once the bundle is written.
    pub checkpoint: Option<PathBuf>,
}

impl Trained {
    /// The mean training loss of the last epoch.
    pub fn final_loss(&self) -> f64 {
        self.epochs.last().map_or(f64::NAN, |epoch| epoch.loss)
    }
}

/// Trains a network on the split's training units and keeps the epoch that is best on its validation
/// units. Before each batch `stop` is asked, with the epoch's number, whether to end. The same settings and data give the same bits on the same machine's CPU, resumed or not.
pub fn train(
    settings: &Settings,
    data: Data<'_>,
    device: Device,
    checkpoints: Option<&Checkpoints>,
    stop: &dyn Fn(u32) -> bool,
    progress: &Progress,
) -> anyhow::Result<Trained> {
    let batch_size = settings.batch_size;
    let mut run = guard(batch_size, || Run::new(settings, data, device))?;
    let file = checkpoints.map(|checkpoints| checkpoints.file(settings, &data.sha256, device));
    if let (Some(checkpoints), Some(file)) = (checkpoints, &file)
        && checkpoints.resume
    {
        run.resume(Checkpoint::read(file, run.best.size()[0] as usize)?);
    }
    let finish = checkpoints.is_some_and(|checkpoints| checkpoints.finish);
    progress.start(settings.epochs, run.epochs.len() as u32, run.batches());
    while !finish && !run.is_over() {
        let epoch = run.epochs.len() as u32 + 1;
        let Some(figures) = guard(batch_size, || run.epoch(&|| stop(epoch), progress))? else {
            progress.finish();
            let best = run.best_epoch().zip(file.clone());
            let best = best.map(|((best, figures), file)| (best, figures.validation_rmse, file));
            return Err(Stopped { epoch, best }.into());
        };
        if !(figures.loss.is_finite() && figures.validation_rmse.is_finite()) {
            progress.finish();
            let rate = settings.learning_rate;
            let kept = file.as_ref().filter(|_| epoch > 1).map_or_else(String::new, |file| {
                format!("; epoch {} is kept in {}", epoch - 1, file.display())
            });
            let problem =
                format!("--lr {rate} makes training diverge in epoch {epoch}; give a lower one{kept}");
            return Err(Mistake::new(problem).into());
        }
        let improved = run.keep(figures);
        if let Some(file) = &file {
            run.checkpoint().write(file)?;
        }
        progress.epoch(epoch, &figures, improved);
    }
    progress.finish();
    run.trained(file)
}
