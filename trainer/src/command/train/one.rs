//! One kind of model: its seeds, its best, its bundle.

use std::time::Instant;

use jiff::Timestamp;
use overhaul_bundle::Draft;
use overhaul_bundle::interval::Interval;
use overhaul_bundle::scaler::Scaler;

use super::answer::{Seed, Summary};
use super::page;
use super::session::Session;
use crate::check::Agreement;
use crate::cli::TrainArguments;
use crate::command::{assess, metadata};
use crate::device;
use crate::evaluate::TestScore;
use crate::evaluate::score::Baselines;
use crate::export;
use crate::golden::golden;
use crate::model::Architecture;
use crate::promote::Candidate;
use crate::publish::Unpublished;
use crate::train::interrupt::Stopped;
use crate::train::{Data, Progress, Settings, Trained, train};

/// A version that is written, and perhaps published.
pub(super) struct Delivered {
    pub(super) summary: Summary,
    /// `None` if it was not published.
    pub(super) candidate: Option<Candidate>,
}

/// One seed's network with its interval and its score.
pub(super) struct Assessed {
    pub(super) settings: Settings,
    pub(super) trained: Trained,
    pub(super) started: Timestamp,
    pub(super) seconds: f64,
    pub(super) interval: Interval,
    pub(super) score: TestScore,
    /// RUL in cycles after each test unit's last reading.
    pub(super) predicted: Vec<f32>,
}

/// Trains a kind of model with each seed, and delivers the one that is best on the validation units.
pub(super) fn train_one(
    session: &Session<'_>,
    scaler: &Scaler,
    architecture: Architecture,
) -> anyhow::Result<Delivered> {
    let Session { arguments, console, .. } = session;
    let base = arguments.settings(architecture);
    let mut baselines = None;
    let mut best: Option<Assessed> = None;
    let mut seeds = Vec::new();
    for number in 0..u64::from(arguments.seeds) {
        let settings = Settings { seed: base.seed.wrapping_add(number), ..base.clone() };
        let assessed = train_seed(session, scaler, settings, &mut baselines)?;
        seeds.push(Seed::of(&assessed.settings, &assessed.trained, &assessed.score, assessed.seconds));
        let rmse = assessed.trained.validation_rmse;
        let loser = if best.as_ref().is_none_or(|best| rmse < best.trained.validation_rmse) {
            best.replace(assessed)
        } else {
            Some(assessed)
        };
        if let Some(loser) = loser {
            let logged = session.tracking.log(session, &loser);
            session.tracking.end(session, logged, None);
            forget_checkpoint(&loser.trained);
        }
    }
    let Some(best) = best else { anyhow::bail!("no seed was trained") };
    if seeds.len() > 1 {
        Seed::table(*console, &seeds, best.settings.seed);
    }
    deliver(session, scaler, &best, seeds)
}

fn train_seed(
    session: &Session<'_>,
    scaler: &Scaler,
    settings: Settings,
    baselines: &mut Option<Baselines>,
) -> anyhow::Result<Assessed> {
    let Session { console, dataset, parts, device, .. } = session;
    let (started, clock) = (Timestamp::now(), Instant::now());
    console.line(format!(
        "training: {} on {}, {} layers of {}, {} parameters, window {}, {} epochs, batch {}, peak rate {}, dropout {}, seed {}",
        settings.architecture.name(),
        device::name(*device),
        settings.layers,
        settings.hidden_size,
        settings.shape(scaler.features.len()).parameter_count(),
        settings.sequence_length,
        settings.epochs,
        settings.batch_size,
        settings.learning_rate,
        settings.dropout,
        settings.seed
    ));
    let data = Data { parts, scaler, sha256: dataset.sha256 };
    let stop = |_| session.interrupt.is_stopped();
    let trained = train(&settings, data, *device, Some(&session.checkpoints), &stop, &Progress::new())
        .map_err(|error| which_of_several(session.arguments, &settings, error))?;
    let seconds = clock.elapsed().as_secs_f64();
    console.line(format!(
        "  best epoch {} of {} by validation RMSE {:.2}, in {seconds:.0} s",
        trained.best_epoch,
        trained.epochs.len(),
        trained.validation_rmse
    ));

    let network = &trained.network;
    let interval = assess::interval(network, parts, settings.rul_cap);
    console.line(format!(
        "interval: {:.0} %, {} bins from {} units and {} windows",
        100.0 * interval.level,
        interval.bins.len(),
        interval.calibration.units,
        interval.calibration.windows
    ));
    let baselines = baselines.get_or_insert_with(|| assess::baselines(network, &settings, dataset, parts));
    let predicted = assess::test_predictions(network, dataset);
    let score = assess::score(&predicted, dataset, settings.rul_cap, &interval, baselines);
    console.score(&score, Some(settings.rul_cap));
    Ok(Assessed { settings, trained, started, seconds, interval, score, predicted })
}

/// Of several runs the one that was stopped goes on alone, so the line says which that is.
fn which_of_several(arguments: &TrainArguments, settings: &Settings, error: anyhow::Error) -> anyhow::Error {
    let kept = error.downcast_ref::<Stopped>().is_some_and(|stopped| stopped.best.is_some());
    if !(kept && arguments.has_several_runs()) {
        return error;
    }
    let (model, seed) = (settings.architecture.flag(), settings.seed);
    let line = format!("{error} (of this command's runs that is --model {model} --seed {seed}; give these)");
    error.context(line)
}

/// Exports, checks, writes and publishes.
fn deliver(
    session: &Session<'_>,
    scaler: &Scaler,
    best: &Assessed,
    seeds: Vec<Seed>,
) -> anyhow::Result<Delivered> {
    let Session { arguments, console, dataset, parts, .. } = session;
    let page = page::report(session, best, &seeds);
    let Assessed { settings, trained, interval, score, .. } = best;
    let network = &trained.network;
    let weights = network.weights();
    let draft = Draft {
        metadata: metadata::metadata(
            &arguments.name,
            settings,
            dataset,
            scaler,
            trained,
            score,
            session.device,
        ),
        golden: golden(network, &parts.validation, scaler),
        model: export::to_onnx(&network.shape(), &weights, scaler, network.output())?,
        weights: Some(weights.to_safetensors()?),
        report: None,
        scaler: scaler.clone(),
        interval: Some(interval.clone()),
        component: session.component.entry.clone(),
    };
    let agreement = Agreement::measure(&draft.golden, &draft.model, &session.sandbox)?;
    console.line(format!("golden vectors: {} windows; {agreement}", draft.golden.expected.len()));
    anyhow::ensure!(
        agreement.holds(),
        "the exported model does not agree with the trained one: {agreement}; not published"
    );

    let several = arguments.model.architectures().len() > 1;
    let folder = several.then(|| settings.architecture.flag());
    let render = |version| page::render(page.clone(), version).map(Some);
    let logged = session.tracking.log(session, best);
    let run_id = session.tracking.id_at_registry(logged.as_ref());
    let written = session.destination.deliver(draft, &session.component.path, folder, &render, run_id);
    if written.as_ref().err().is_none_or(anyhow::Error::is::<Unpublished>) {
        forget_checkpoint(trained);
    }
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            session.tracking.end(session, logged, None);
            return Err(error);
        }
    };
    let manifest = written.bundle.manifest();
    let bundle = written.kept.then(|| written.bundle.directory().to_owned());
    match manifest.version {
        Some(version) => console.line(format!("published: {} version {version}", manifest.name)),
        None => console.line("not published: no registry was named"),
    }
    if let Some(bundle) = &bundle {
        console.line(format!("bundle: {}", bundle.display()));
    }
    let report = page::render(page, manifest.version)?;
    session.tracking.end(session, logged, Some((manifest, &report)));
    let candidate = manifest.version.map(|version| Candidate {
        version,
        model_type: settings.architecture.name().to_owned(),
        validation_rmse: trained.validation_rmse,
    });
    let summary = Summary {
        name: manifest.name.clone(),
        version: manifest.version,
        model_type: settings.architecture.name(),
        bundle,
        bundle_sha256: written.bundle.digest(),
        training_seconds: best.seconds,
        best_epoch: trained.best_epoch,
        validation_rmse: trained.validation_rmse,
        parameters: network.shape().parameter_count(),
        beats_ridge: score.beats_ridge(),
        metrics: *score,
        seeds,
        agreement,
    };
    Ok(Delivered { summary, candidate })
}

/// The checkpoint of a run whose bundle is written is of no more use.
fn forget_checkpoint(trained: &Trained) {
    if let Some(checkpoint) = &trained.checkpoint
        && let Err(error) = std::fs::remove_file(checkpoint)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        eprintln!("warning: cannot remove the checkpoint {}: {error}", checkpoint.display());
    }
}
