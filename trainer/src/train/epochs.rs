//! The epochs of one training run, and the choice among them.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use overhaul_bundle::scaler::Scaler;
use overhaul_bundle::{Mistake, Sha256Digest};
use rand::seq::SliceRandom as _;
use rand::{Rng, RngExt as _};
use serde::{Deserialize, Serialize};
use tch::{Device, Reduction, Tensor};

use super::checkpoint::{Checkpoint, Checkpoints, Record};
use super::interrupt::Stopped;
use super::memory::guard;
use super::optimiser::Optimiser;
use super::{Progress, Settings, schedule};
use crate::data::{Split, Unit, Windows};
use crate::evaluate;
use crate::model::{Mode, Network, Output};
use crate::random::{Purpose, stream};

/// Windows predicted at once outside training.
pub(crate) const PREDICTION_BATCH: usize = 1024;
/// Validation windows are those with at most this many caps of cycles left. Where a unit is cut off for
/// the test, late in its life, is where the choice matters; new machines all have the capped label.
const VALIDATION_REACH: f32 = 1.2;

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

/// A run between two epochs.
struct Run<'a> {
    settings: &'a Settings,
    network: Network,
    optimiser: Optimiser,
    windows: Windows,
    validation: Windows,
    validation_labels: Vec<f32>,
    epochs: Vec<Epoch>,
    /// The best epoch's weights, `[parameters]`.
    best: Tensor,
}

impl<'a> Run<'a> {
    fn new(settings: &'a Settings, data: Data<'_>, device: Device) -> Self {
        let shape = settings.shape(data.scaler.features.len());
        let output = Output { cycles: settings.rul_cap, clipped: true };
        let network = Network::new(shape, data.scaler, output, settings.seed, device);
        // Each reading is normalised once, not once for each window it is in.
        let normalised = |windows: Windows| windows.map_readings(|readings| network.normalise(readings));
        let windows = Windows::every_cycle(&data.parts.train, settings.sequence_length, device);
        let windows = normalised(windows);
        let validation = normalised(validation_windows(&data.parts.validation, settings, device));
        let validation_labels = evaluate::capped(&validation.labels(), settings.rul_cap);
        let optimiser = Optimiser::new(&network, settings.weight_decay);
        let best = network.snapshot();
        Self {
            settings,
            network,
            optimiser,
            windows,
            validation,
            validation_labels,
            epochs: Vec::new(),
            best,
        }
    }

    fn batches(&self) -> usize {
        self.windows.count().div_ceil(self.settings.batch_size as usize)
    }

    /// True after the last epoch, or when too many brought nothing.
    fn is_over(&self) -> bool {
        let over = self.epochs.len() as u32;
        let since = self.best_epoch().map_or(0, |(best, _)| over - best);
        over >= self.settings.epochs || since >= self.settings.patience
    }

    /// The epoch with the lowest validation RMSE, from 1; of equals the first.
    fn best_epoch(&self) -> Option<(u32, Epoch)> {
        let numbered = (1..).zip(self.epochs.iter().copied());
        numbered.min_by(|(_, a), (_, b)| a.validation_rmse.total_cmp(&b.validation_rmse))
    }

    /// Trains one epoch; `None` if it was interrupted.
    fn epoch(&mut self, stop: &dyn Fn() -> bool, progress: &Progress) -> Option<Epoch> {
        let started = Instant::now();
        let (number, settings) = (self.epochs.len(), self.settings);
        let device = self.network.device();
        let order = self.order(number);
        let dropout = stream(settings.seed.wrapping_add(number as u64), Purpose::Dropout);
        tch::manual_seed(first_bits(dropout));
        let mut cut = stream(settings.seed.wrapping_add((number as u64) << 32), Purpose::ColdStart);
        let steps = self.batches() * settings.epochs as usize;
        let mut sum = Tensor::zeros([], (tch::Kind::Double, device));
        let mut learning_rate = 0.0;
        for (batch, positions) in order.chunks(settings.batch_size as usize).enumerate() {
            if stop() {
                return None;
            }
            let done = number * self.batches() + batch;
            learning_rate = schedule::one_cycle(done, steps, settings.learning_rate);
            let histories = self.histories(positions.len(), &mut cut);
            let positions = Tensor::from_slice(positions).to_device(device);
            let (readings, labels) = self.windows.gather_cut(&positions, &histories.to_device(device));
            let targets = labels.clamp_max(settings.rul_cap) / settings.rul_cap;
            let answers = self.network.forward(&readings, Mode::train(settings.dropout));
            let loss = answers.mse_loss(&targets, Reduction::Mean);
            self.optimiser.step(&self.network, &loss, learning_rate);
            sum += loss.detach() * labels.size()[0] as f64;
            progress.step();
        }
        let loss = sum.double_value(&[]) / order.len() as f64;
        // The averaged weights are judged, and kept if they are the best; training goes on with its own.
        let own = self.network.snapshot();
        self.network.restore(&self.optimiser.average);
        let validation_rmse =
            evaluate::rmse(&predict_normalised(&self.network, &self.validation), &self.validation_labels);
        self.network.restore(&own);
        Some(Epoch { loss, validation_rmse, learning_rate, seconds: started.elapsed().as_secs_f64() })
    }

    /// The order of an epoch's windows, which depends on the seed and the epoch's number alone.
    fn order(&self, epoch: usize) -> Vec<i64> {
        let mut order: Vec<i64> = (0..self.windows.count() as i64).collect();
        let mut random = stream(self.settings.seed.wrapping_add((epoch as u64) << 32), Purpose::Order);
        order.shuffle(&mut random);
        order
    }

    /// How many readings of history each window of a batch is shown with, `[batch, 1]`: mostly all.
    fn histories(&self, count: usize, random: &mut impl Rng) -> Tensor {
        let length = self.settings.sequence_length as i64;
        let histories: Vec<i64> = (0..count)
            .map(|_| {
                let (cold, history) =
                    (random.random_bool(self.settings.cold_start.min(1.0)), random.random_range(1..=length));
                if cold { history } else { length }
            })
            .collect();
        Tensor::from_slice(&histories).unsqueeze(1)
    }

    /// Takes an epoch into the record; true if it is the best so far.
    fn keep(&mut self, figures: Epoch) -> bool {
        self.epochs.push(figures);
        let improved = self.best_epoch().is_some_and(|(best, _)| best as usize == self.epochs.len());
        if improved {
            self.best = self.optimiser.average.copy();
        }
        improved
    }

    fn checkpoint(&self) -> Checkpoint {
        let Optimiser { average, mean, square, steps, .. } = &self.optimiser;
        let tensors =
            [&self.network.snapshot(), &self.best, average, mean, square].map(Tensor::shallow_clone);
        Checkpoint { record: Record { epochs: self.epochs.clone(), steps: *steps }, tensors }
    }

    fn resume(&mut self, checkpoint: Checkpoint) {
        let device = self.network.device();
        let [weights, best, average, mean, square] =
            checkpoint.tensors.map(|tensor| tensor.to_device(device));
        self.network.restore(&weights);
        self.best = best;
        (self.optimiser.average, self.optimiser.mean, self.optimiser.square) = (average, mean, square);
        self.optimiser.steps = checkpoint.record.steps;
        self.epochs = checkpoint.record.epochs;
    }

    fn trained(mut self, checkpoint: Option<PathBuf>) -> anyhow::Result<Trained> {
        let (best_epoch, figures) = self.best_epoch().context("no epoch was trained")?;
        self.network.restore(&self.best);
        let validation_rmse = figures.validation_rmse;
        Ok(Trained { network: self.network, best_epoch, validation_rmse, epochs: self.epochs, checkpoint })
    }
}

/// The first number of a stream, as libtorch takes seeds.
fn first_bits(mut random: impl Rng) -> i64 {
    (random.next_u64() >> 1) as i64
}

/// Predicted RUL in cycles for all windows of raw readings, in their order.
pub(crate) fn predict_all(network: &Network, windows: &Windows) -> Vec<f32> {
    windows.batches(PREDICTION_BATCH).flat_map(|(readings, _)| network.predict(&readings)).collect()
}

/// Predicted RUL in cycles for all windows of normalised readings, in their order.
fn predict_normalised(network: &Network, windows: &Windows) -> Vec<f32> {
    windows
        .batches(PREDICTION_BATCH)
        .flat_map(|(readings, _)| network.predict_normalised(&readings))
        .collect()
}

/// The windows that choose the epoch: each cycle of a validation unit's later life.
pub(crate) fn validation_windows(units: &[Unit], settings: &Settings, device: Device) -> Windows {
    let most = VALIDATION_REACH * settings.rul_cap as f32;
    Windows::new(units, settings.sequence_length, device, |unit| {
        units[unit].remaining().map(move |left| (left <= most).then_some(left))
    })
}

/// The same windows by their places: the cycles left after each, and `(unit, cycles)`.
pub(crate) fn validation_labels_and_ends(units: &[Unit], rul_cap: f64) -> (Vec<f32>, Vec<(usize, usize)>) {
    let most = VALIDATION_REACH * rul_cap as f32;
    let places = units
        .iter()
        .enumerate()
        .flat_map(|(unit, of)| of.remaining().zip(1..).map(move |(left, cycles)| (left, (unit, cycles))));
    places.filter(|(left, _)| *left <= most).unzip()
}
