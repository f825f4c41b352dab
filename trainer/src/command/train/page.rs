//! `report.html` of a run, from what was measured.

use overhaul_bundle::VersionNumber;
use overhaul_bundle::interval::Interval;

use super::answer::Seed;
use super::one::Assessed;
use super::session::Session;
use crate::command::metadata;
use crate::data::Windows;
use crate::device;
use crate::evaluate::score::Both;
use crate::evaluate::{NEAR_FAILURE, TestScore};
use crate::page::{Epoch, Header, Life, Prediction, Report, Reproduce, Run, Score, TestUnit};
use crate::train::predict_all;

/// The page's input, all but the version's number.
pub(super) fn report(session: &Session<'_>, best: &Assessed, seeds: &[Seed]) -> Report {
    let Session { arguments, dataset, parts, .. } = session;
    let Assessed { settings, trained, interval, score, seconds, predicted, .. } = best;
    let own = Run { seed: settings.seed, score: model(score, trained.validation_rmse) };
    let others = seeds.iter().filter(|seed| seed.number != settings.seed);
    let epoch = |epoch: &crate::train::Epoch| Epoch {
        loss: epoch.loss,
        validation_rmse: epoch.validation_rmse,
        learning_rate: Some(epoch.learning_rate),
    };
    let test = dataset.test.iter().zip(predicted).zip(&dataset.test_remaining);
    let edges = interval.bins.iter().filter_map(|bin| bin.below).collect();
    Report {
        header: Header {
            name: arguments.name.to_string(),
            version: None,
            architecture: settings.architecture.name().to_owned(),
            dataset: dataset.subset.clone(),
            window: settings.sequence_length,
            features: dataset.schema.features.len(),
            parameters: trained.network.shape().parameter_count() as u64,
            device: device::name(session.device),
            training_seconds: *seconds,
            timestamp: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            trainer: metadata::trainer(),
        },
        rul_cap: settings.rul_cap,
        near_failure: f64::from(NEAR_FAILURE),
        run: own,
        other_runs: others.map(Seed::run).collect(),
        ridge: score.ridge.as_ref().map(baseline),
        constant: score.constant.as_ref().map_or_else(|| baseline(&score.errors), baseline),
        epochs: trained.epochs.iter().map(epoch).collect(),
        best_epoch: trained.best_epoch,
        test: test
            .map(|((unit, &rul), &left)| TestUnit { unit: unit.id, last: prediction(rul, left, interval) })
            .collect(),
        interval: Some(crate::page::Interval { level: interval.level, edges }),
        lives: lives(session, best),
        reproduce: Reproduce {
            command: command(),
            settings: settings_table(best),
            dataset_sha256: dataset.sha256.to_string(),
            git_commit: metadata::git_commit(),
            training_units: parts.train.len(),
            validation_units: parts.validation.len(),
            calibration_units: parts.calibration.len(),
        },
    }
}

/// The page of a version; without a number it says none.
pub(super) fn render(mut report: Report, version: Option<VersionNumber>) -> anyhow::Result<Vec<u8>> {
    report.header.version = version.map(|version| u64::from(version.get()));
    crate::page::render(&report).map(String::into_bytes)
}

fn model(score: &TestScore, validation_rmse: f64) -> Score {
    Score {
        near_failure_rmse: score.near_failure.rmse,
        validation_rmse: Some(validation_rmse),
        ..baseline(&score.errors)
    }
}

fn baseline(errors: &Both) -> Score {
    Score {
        rmse_capped: errors.capped.rmse,
        mae_capped: errors.capped.mae,
        nasa_score: errors.capped.nasa_score,
        rmse_raw: errors.raw.rmse,
        mae_raw: errors.raw.mae,
        near_failure_rmse: None,
        validation_rmse: None,
    }
}

fn prediction(rul: f32, left: f32, interval: &Interval) -> Prediction {
    Prediction {
        predicted: f64::from(rul),
        truth: f64::from(left),
        ends: Some(interval.around(f64::from(rul))),
    }
}

/// Every cycle of the validation units.
fn lives(session: &Session<'_>, best: &Assessed) -> Vec<Life> {
    let Assessed { settings, trained, interval, .. } = best;
    let network = &trained.network;
    let life = |unit: &crate::data::Unit| {
        let windows =
            Windows::every_cycle(std::slice::from_ref(unit), settings.sequence_length, network.device());
        let predicted = predict_all(network, &windows);
        let windows = predicted.into_iter().zip(unit.remaining());
        let windows = windows.map(|(rul, left)| prediction(rul, left, interval)).collect();
        Life { unit: unit.id, first_cycle: 1, windows }
    };
    session.parts.validation.iter().map(life).collect()
}

fn settings_table(best: &Assessed) -> Vec<(String, String)> {
    let value = serde_json::json!(best.settings);
    let entry = |(name, value): (&String, &serde_json::Value)| {
        (name.replace('_', " "), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    value.as_object().map(|fields| fields.iter().map(entry).collect()).unwrap_or_default()
}

/// The command line, as it could be typed again.
fn command() -> String {
    let quoted = |argument: String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            return argument;
        }
        format!("'{}'", argument.replace('\'', "'\\''"))
    };
    let arguments = std::env::args().skip(1).map(quoted);
    std::iter::once("overhaul-trainer".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}
