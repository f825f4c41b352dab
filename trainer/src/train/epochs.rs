//! The epochs of one training run, and the choice among them.

use overhaul_bundle::Mistake;
use overhaul_bundle::scaler::Scaler;
use rand::seq::SliceRandom as _;
use tch::nn::{AdamW, OptimizerConfig as _};
use tch::{Device, Reduction, Tensor};

use super::{Progress, Settings, schedule};
use crate::data::{Split, Unit, Windows};
use crate::evaluate;
use crate::model::{Network, Weights};
use crate::random::{Purpose, stream};

/// The gradient's norm is cut to this, against the rare step that a recurrent network explodes in.
const MAX_GRADIENT_NORM: f64 = 1.0;
/// AdamW's weight decay.
const WEIGHT_DECAY: f64 = 0.1;
/// Windows predicted at once outside training.
pub(crate) const PREDICTION_BATCH: usize = 1024;
/// Validation windows are those with at most this many caps of cycles left. Where a unit is cut off for
/// the test, late in its life, is where the choice matters; new machines all have the capped label.
const VALIDATION_REACH: f32 = 1.2;

/// A trained network, with the weights of its best epoch.
#[derive(Debug)]
pub struct Trained {
    /// The network.
    pub network: Network,
    /// The epoch whose weights it has, from 1.
    pub best_epoch: u32,
    /// That epoch's RMSE on the validation units, in cycles, capped labels.
    pub validation_rmse: f64,
    /// The mean training loss of the last epoch: squared error of RUL as a share of the cap.
    pub final_loss: f64,
}

/// Trains a network on the split's training units and keeps the epoch that is best on its validation
/// units. The same settings and data give the same bits on the same machine's CPU.
pub fn train(
    settings: &Settings,
    split: &Split,
    scaler: &Scaler,
    device: Device,
    progress: &Progress,
) -> anyhow::Result<Trained> {
    let mut network = Network::new(settings.shape(), scaler, settings.rul_cap, settings.seed, device);
    let windows = Windows::every_cycle(&split.train, settings.sequence_length, device);
    let validation = validation_windows(&split.validation, settings, device);
    let validation_labels = validation.labels();

    let mut order: Vec<i64> = (0..windows.count() as i64).collect();
    let mut random = stream(settings.seed, Purpose::Order);
    let batch_size = settings.batch_size as usize;
    let batches = order.len().div_ceil(batch_size);
    let steps = batches * settings.epochs as usize;
    let mut optimiser = AdamW::default().wd(WEIGHT_DECAY).build(network.store(), settings.learning_rate)?;
    let mut best: Option<(f64, u32, Weights)> = None;
    let mut final_loss = f64::NAN;

    progress.start(settings.epochs, batches);
    for epoch in 1..=settings.epochs {
        order.shuffle(&mut random);
        let mut sum = Tensor::zeros([], (tch::Kind::Double, device));
        for (batch, positions) in order.chunks(batch_size).enumerate() {
            let step = (epoch as usize - 1) * batches + batch;
            optimiser.set_lr(schedule::one_cycle(step, steps, settings.learning_rate));
            let (readings, labels) = windows.gather(&Tensor::from_slice(positions).to_device(device));
            let targets = labels.clamp_max(settings.rul_cap) / settings.rul_cap;
            let loss = network.forward(&readings).mse_loss(&targets, Reduction::Mean);
            optimiser.backward_step_clip_norm(&loss, MAX_GRADIENT_NORM);
            sum += loss.detach() * positions.len() as f64;
            progress.step();
        }
        final_loss = sum.double_value(&[]) / order.len() as f64;
        let rmse = evaluate::rmse(
            &predict_all(&network, &validation),
            &evaluate::capped(&validation_labels, settings.rul_cap),
        );
        if !(final_loss.is_finite() && rmse.is_finite()) {
            let rate = settings.learning_rate;
            let problem = format!("--lr {rate} makes training diverge in epoch {epoch}; give a lower one");
            return Err(Mistake::new(problem).into());
        }
        let improved = best.as_ref().is_none_or(|(lowest, ..)| rmse < *lowest);
        if improved {
            best = Some((rmse, epoch, network.weights()));
        }
        progress.epoch(epoch, final_loss, rmse, improved);
    }
    progress.finish();

    let Some((validation_rmse, best_epoch, weights)) = best else { anyhow::bail!("no epoch was trained") };
    network.set_weights(&weights)?;
    Ok(Trained { network, best_epoch, validation_rmse, final_loss })
}

/// Predicted RUL in cycles for all windows, in their order.
pub(crate) fn predict_all(network: &Network, windows: &Windows) -> Vec<f32> {
    windows.batches(PREDICTION_BATCH).flat_map(|(readings, _)| network.predict(&readings)).collect()
}

/// The windows that choose the epoch: each cycle of a validation unit's later life.
pub(super) fn validation_windows(units: &[Unit], settings: &Settings, device: Device) -> Windows {
    let most = VALIDATION_REACH * settings.rul_cap as f32;
    Windows::new(units, settings.sequence_length, device, |unit| {
        units[unit].remaining().map(move |left| (left <= most).then_some(left))
    })
}
