//! A run between two epochs: its network, its optimiser, its windows, and its best epoch so far.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use rand::seq::SliceRandom as _;
use rand::{Rng, RngExt as _};
use tch::{Device, Reduction, Tensor};

use super::checkpoint::{Checkpoint, Record};
use super::epochs::{Data, Epoch, Trained};
use super::optimiser::Optimiser;
use super::validation::{predict_normalised, validation_windows};
use super::{Progress, Settings, schedule};
use crate::data::Windows;
use crate::evaluate;
use crate::model::{Mode, Network, Output};
use crate::random::{Purpose, stream};

/// A run between two epochs.
pub(super) struct Run<'a> {
    settings: &'a Settings,
    network: Network,
    optimiser: Optimiser,
    windows: Windows,
    validation: Windows,
    validation_labels: Vec<f32>,
    pub(super) epochs: Vec<Epoch>,
    /// The best epoch's weights, `[parameters]`.
    pub(super) best: Tensor,
}

impl<'a> Run<'a> {
    pub(super) fn new(settings: &'a Settings, data: Data<'_>, device: Device) -> Self {
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

    pub(super) fn batches(&self) -> usize {
        self.windows.count().div_ceil(self.settings.batch_size as usize)
    }

    /// True after the last epoch, or when too many brought nothing.
    pub(super) fn is_over(&self) -> bool {
        let over = self.epochs.len() as u32;
        let since = self.best_epoch().map_or(0, |(best, _)| over - best);
        over >= self.settings.epochs || since >= self.settings.patience
    }

    /// The epoch with the lowest validation RMSE, from 1; of equals the first.
    pub(super) fn best_epoch(&self) -> Option<(u32, Epoch)> {
        let numbered = (1..).zip(self.epochs.iter().copied());
        numbered.min_by(|(_, a), (_, b)| a.validation_rmse.total_cmp(&b.validation_rmse))
    }

    /// Trains one epoch; `None` if it was interrupted.
    pub(super) fn epoch(&mut self, stop: &dyn Fn() -> bool, progress: &Progress) -> Option<Epoch> {
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
    pub(super) fn keep(&mut self, figures: Epoch) -> bool {
        self.epochs.push(figures);
        let improved = self.best_epoch().is_some_and(|(best, _)| best as usize == self.epochs.len());
        if improved {
            self.best = self.optimiser.average.copy();
        }
        improved
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        let Optimiser { average, mean, square, steps, .. } = &self.optimiser;
        let tensors =
            [&self.network.snapshot(), &self.best, average, mean, square].map(Tensor::shallow_clone);
        Checkpoint { record: Record { epochs: self.epochs.clone(), steps: *steps }, tensors }
    }

    pub(super) fn resume(&mut self, checkpoint: Checkpoint) {
        let device = self.network.device();
        let [weights, best, average, mean, square] =
            checkpoint.tensors.map(|tensor| tensor.to_device(device));
        self.network.restore(&weights);
        self.best = best;
        (self.optimiser.average, self.optimiser.mean, self.optimiser.square) = (average, mean, square);
        self.optimiser.steps = checkpoint.record.steps;
        self.epochs = checkpoint.record.epochs;
    }

    pub(super) fn trained(mut self, checkpoint: Option<PathBuf>) -> anyhow::Result<Trained> {
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
