//! The honest protocol, where training could break it.

use overhaul_bundle::Sha256Digest;
use tch::Device;

use super::*;
use crate::data::{Dataset, Schema, Split, Unit, scaler, split};
use crate::model::{Architecture, Weights};

fn settings(architecture: Architecture, seed: u64) -> Settings {
    Settings {
        architecture,
        epochs: 2,
        batch_size: 64,
        learning_rate: 2e-3,
        sequence_length: 5,
        rul_cap: 125.0,
        seed,
        split_seed: seed,
        patience: 100,
        weight_decay: 0.1,
        dropout: 0.1,
        cold_start: 0.1,
        min_correlation: 0.0,
        hidden_size: 8,
        layers: 2,
        heads: 2,
        feed_forward: 12,
    }
}

fn units() -> Vec<Unit> {
    let directory = tempfile::tempdir().unwrap();
    crate::simulate::write(directory.path(), "FD001", 8, 1).unwrap();
    Dataset::load(directory.path(), "FD001", None).unwrap().train
}

fn resumable(
    settings: &Settings,
    parts: &Split,
    checkpoints: Option<&Checkpoints>,
    stop: &dyn Fn(u32) -> bool,
) -> anyhow::Result<Trained> {
    let scaler = scaler::fit(&parts.train, &Schema::c_mapss());
    let data = Data { parts, scaler: &scaler, sha256: Sha256Digest::of(b"data") };
    train(settings, data, Device::Cpu, checkpoints, stop, &Progress::silent())
}

fn trained(settings: &Settings, parts: &Split) -> (Weights, Trained) {
    let trained = resumable(settings, parts, None, &|_| false).unwrap();
    (trained.network.weights(), trained)
}

#[test]
fn one_seed_gives_the_same_bits_and_another_seed_others() {
    let units = units();
    for architecture in Architecture::ALL {
        let run = |seed| {
            let (weights, _) =
                trained(&settings(architecture, seed), &split::split(units.clone(), seed).unwrap());
            Sha256Digest::of(&weights.to_safetensors().unwrap())
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}

#[test]
fn calibration_units_touch_neither_scaler_nor_weights_nor_the_choice_of_epoch() {
    let settings = settings(Architecture::Gru, 1);
    let parts = split::split(units(), 1).unwrap();
    let mut other = parts.clone();
    other.calibration.iter_mut().flat_map(|unit| &mut unit.readings).for_each(|reading| *reading *= 3.0);
    let ((weights, one), (other_weights, two)) = (trained(&settings, &parts), trained(&settings, &other));
    assert_eq!(weights, other_weights);
    assert_eq!(
        (one.best_epoch, one.validation_rmse.to_bits()),
        (two.best_epoch, two.validation_rmse.to_bits())
    );
}

#[test]
fn validation_units_choose_the_epoch_and_train_nothing() {
    let settings = Settings { epochs: 1, ..settings(Architecture::Gru, 1) };
    let parts = split::split(units(), 1).unwrap();
    let mut other = parts.clone();
    other.validation.iter_mut().flat_map(|unit| &mut unit.readings).for_each(|reading| *reading *= 3.0);
    let ((weights, one), (other_weights, two)) = (trained(&settings, &parts), trained(&settings, &other));
    assert_eq!(weights, other_weights);
    assert_ne!(one.validation_rmse.to_bits(), two.validation_rmse.to_bits());
}

#[test]
fn the_weights_are_those_of_the_best_epoch() {
    let settings = settings(Architecture::Gru, 1);
    let parts = split::split(units(), 1).unwrap();
    let (_, trained) = trained(&settings, &parts);
    let windows = validation_windows(&parts.validation, &settings, Device::Cpu);
    let labels = crate::evaluate::capped(&windows.labels(), settings.rul_cap);
    let rmse = crate::evaluate::rmse(&predict_all(&trained.network, &windows), &labels);
    assert_eq!(rmse.to_bits(), trained.validation_rmse.to_bits());
}

#[test]
fn training_learns_something() {
    let settings = Settings { epochs: 8, ..settings(Architecture::Gru, 1) };
    let parts = split::split(units(), 1).unwrap();
    let one = trained(&Settings { epochs: 1, ..settings.clone() }, &parts).1;
    let eight = trained(&settings, &parts).1;
    assert!(
        eight.final_loss() < one.final_loss(),
        "{} after 8 epochs, {} after 1",
        eight.final_loss(),
        one.final_loss()
    );
}

#[test]
fn settings_that_cannot_be_are_refused_by_flag_and_value() {
    let good = settings(Architecture::Gru, 1);
    good.check().unwrap();
    let refusal = |settings: Settings| settings.check().unwrap_err().to_string();
    assert!(refusal(Settings { epochs: 0, ..good.clone() }).starts_with("--epochs 0 is not 1 to"));
    assert!(refusal(Settings { batch_size: 0, ..good.clone() }).starts_with("--batch-size 0 is not 1 to"));
    assert!(
        refusal(Settings { sequence_length: 0, ..good.clone() })
            .starts_with("--sequence-length 0 is not 1 to 10000")
    );
    assert!(refusal(Settings { hidden_size: 0, ..good.clone() }).starts_with("--hidden-size 0"));
    assert!(refusal(Settings { layers: 9, ..good.clone() }).starts_with("--layers 9"));
    for bad in [-0.1, 1.0, f64::NAN] {
        let message = refusal(Settings { dropout: bad, ..good.clone() });
        assert!(message.starts_with(&format!("--dropout {bad} is not 0 to below 1")), "{message}");
    }
    let uneven = Settings { heads: 3, ..settings(Architecture::Transformer, 1) };
    assert!(refusal(uneven).starts_with("--hidden-size 8 is no multiple of --heads 3"));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(
            refusal(Settings { learning_rate: bad, ..good.clone() })
                .starts_with(&format!("--lr {bad} is not above 0"))
        );
        assert!(
            refusal(Settings { rul_cap: bad, ..good.clone() })
                .starts_with(&format!("--rul-cap {bad} is not above 0"))
        );
    }
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { epochs: 4, ..settings(Architecture::Transformer, 1) };
    let parts = split::split(units(), 1).unwrap();
    let whole = resumable(&settings, &parts, None, &|_| false).unwrap();

    // Stopped in its third epoch, as a kill would: what is there then is the checkpoint of the second.
    let checkpoints = Checkpoints::new(folder.path().to_owned(), false, false);
    let stopped = resumable(&settings, &parts, Some(&checkpoints), &|epoch| epoch == 3).unwrap_err();
    let stopped = stopped.downcast_ref::<interrupt::Stopped>().unwrap();
    assert_eq!(stopped.epoch, 3);
    let (best, rmse, file) = stopped.best.clone().unwrap();
    assert!(file.is_file() && whole.epochs[best as usize - 1].validation_rmse.to_bits() == rmse.to_bits());

    let resume = Checkpoints::new(folder.path().to_owned(), true, false);
    let resumed = resumable(&settings, &parts, Some(&resume), &|_| false).unwrap();
    assert_eq!(resumed.network.weights(), whole.network.weights());
    assert_eq!(resumed.best_epoch, whole.best_epoch);
    let figures = |trained: &Trained| {
        trained.epochs.iter().map(|e| (e.loss.to_bits(), e.validation_rmse.to_bits())).collect::<Vec<_>>()
    };
    assert_eq!(figures(&resumed), figures(&whole));
}

#[test]
fn a_run_that_was_stopped_can_be_finished_with_its_best_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { epochs: 4, ..settings(Architecture::Gru, 1) };
    let parts = split::split(units(), 1).unwrap();
    let checkpoints = Checkpoints::new(folder.path().to_owned(), false, false);
    let stopped = resumable(&settings, &parts, Some(&checkpoints), &|epoch| epoch == 3).unwrap_err();
    let (best, rmse, _) = stopped.downcast_ref::<interrupt::Stopped>().unwrap().best.clone().unwrap();
    let finish = Checkpoints::new(folder.path().to_owned(), true, true);
    let finished = resumable(&settings, &parts, Some(&finish), &|_| false).unwrap();
    assert_eq!((finished.best_epoch, finished.epochs.len()), (best, 2));
    assert_eq!(finished.validation_rmse.to_bits(), rmse.to_bits());
}

#[test]
fn a_checkpoint_of_other_settings_or_with_damage_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(Architecture::Gru, 1);
    let parts = split::split(units(), 1).unwrap();
    let checkpoints = Checkpoints::new(folder.path().to_owned(), false, false);
    let trained = resumable(&settings, &parts, Some(&checkpoints), &|_| false).unwrap();
    let resume = Checkpoints::new(folder.path().to_owned(), true, false);
    let refusal = |settings: &Settings| {
        let error = resumable(settings, &parts, Some(&resume), &|_| false).unwrap_err();
        assert!(overhaul_bundle::mistake::is_mistake(error.as_ref()), "{error:?}");
        error.to_string()
    };
    let other = refusal(&Settings { batch_size: 32, ..settings.clone() });
    assert!(other.starts_with("--resume: there is no checkpoint of these settings on this data"), "{other}");
    let file = trained.checkpoint.unwrap();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert!(refusal(&settings).contains("is damaged"), "{}", refusal(&settings));
}

#[test]
fn training_ends_when_too_many_epochs_brought_nothing() {
    // With nearly no learning rate the first epochs stay as good as any.
    let settings =
        Settings { epochs: 50, patience: 3, learning_rate: 1e-30, ..settings(Architecture::Gru, 1) };
    let parts = split::split(units(), 1).unwrap();
    let trained = trained(&settings, &parts).1;
    assert_eq!(trained.epochs.len() as u32, trained.best_epoch + 3);
}

#[test]
fn a_loss_that_is_no_number_stops_training_and_the_epoch_before_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { learning_rate: 10.0, weight_decay: 9.0, ..settings(Architecture::Gru, 1) };
    let parts = split::split(units(), 1).unwrap();
    let checkpoints = Checkpoints::new(folder.path().to_owned(), false, false);
    let error = resumable(&settings, &parts, Some(&checkpoints), &|_| false).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("makes training diverge in epoch"), "{message}");
}
