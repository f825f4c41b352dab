//! The honest protocol, where training could break it.

use overhaul_bundle::Sha256Digest;
use tch::Device;

use super::*;
use crate::data::{Dataset, Split, Unit, scaler, split};
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
        hidden_size: 8,
        layers: 2,
    }
}

fn units() -> Vec<Unit> {
    let directory = tempfile::tempdir().unwrap();
    crate::simulate::write(directory.path(), "FD001", 8, 1).unwrap();
    Dataset::load(directory.path(), "FD001").unwrap().train
}

fn trained(settings: &Settings, parts: &Split) -> (Weights, Trained) {
    let trained =
        train(settings, parts, &scaler::fit(&parts.train), Device::Cpu, &Progress::silent()).unwrap();
    (trained.network.weights(), trained)
}

#[test]
fn one_seed_gives_the_same_bits_and_another_seed_others() {
    let units = units();
    for architecture in [Architecture::Gru, Architecture::Lstm] {
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
    let windows = epochs::validation_windows(&parts.validation, &settings, Device::Cpu);
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
        eight.final_loss < one.final_loss,
        "{} after 8 epochs, {} after 1",
        eight.final_loss,
        one.final_loss
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
