//! `train`: from data to a bundle, published if there is a registry.

use std::time::Instant;

use anyhow::Context as _;
use overhaul_bundle::{Draft, Mistake};
use overhaul_edge::sandbox::{Limits, Sandbox};
use tch::Device;

use super::assess::{interval, score};
use super::metadata::{device_name, metadata};
use crate::check::Agreement;
use crate::cli::TrainArguments;
use crate::data::{Dataset, Split, Unit, scaler, split};
use crate::evaluate;
use crate::export;
use crate::golden::golden;
use crate::publish::Destination;
use crate::report::{Report, Summary};
use crate::train::{Progress, train};

/// Threads of libtorch on a CPU: these networks gain little from more, lose much when another program wants the
/// same core, and the order of a sum, so its last bit, must not depend on the machine's number of cores.
const THREADS: i32 = 1;

/// Trains, evaluates, checks, writes and publishes one version.
pub(super) fn train_command(arguments: &TrainArguments) -> anyhow::Result<()> {
    let report = Report { json: arguments.json };
    let settings = arguments.settings();
    settings.check()?;
    let dataset = Dataset::load(&arguments.data, &arguments.subset)?;
    let parts = split::split(dataset.train.clone(), settings.seed)?;
    let destination = Destination::new(arguments.out.clone(), arguments.registry.as_deref())?;
    let component_path = overhaul_edge::component::locate(arguments.component.as_deref())?;
    let (component_bytes, component) = overhaul_edge::component::read(&component_path)?;
    let sandbox = Sandbox::compile(&component_bytes, Limits::default()).map_err(|e| {
        let path = component_path.display();
        Mistake::new(format!("{path} does not serve as component: {e}; build it with `cargo xtask setup`"))
    })?;
    describe(report, arguments, &dataset, &parts);

    let scaler = scaler::fit(&parts.train);
    let device = Device::cuda_if_available();
    tch::set_num_threads(THREADS);
    let started = Instant::now();
    report.line(format!(
        "training: {} on {}, {} layers of {}, {} parameters, {} epochs, batch {}, peak rate {}, seed {}",
        settings.architecture.name(),
        device_name(device),
        settings.layers,
        settings.hidden_size,
        settings.shape().parameter_count(),
        settings.epochs,
        settings.batch_size,
        settings.learning_rate,
        settings.seed
    ));
    let trained = train(&settings, &parts, &scaler, device, &Progress::new())?;
    let training_seconds = started.elapsed().as_secs_f64();
    report.line(format!(
        "  best epoch {} of {} by validation RMSE {:.2}, in {training_seconds:.0} s",
        trained.best_epoch, settings.epochs, trained.validation_rmse
    ));

    let network = &trained.network;
    let interval = interval(network, &parts, settings.rul_cap);
    report.line(format!(
        "interval: {:.0} %, {} bins from {} units and {} windows",
        100.0 * interval.level,
        interval.bins.len(),
        interval.calibration.units,
        interval.calibration.windows
    ));
    let score = score(network, &dataset, &parts, &interval, settings.rul_cap);
    report.score(&score, settings.rul_cap);

    let weights = network.weights();
    let draft = Draft {
        metadata: metadata(arguments, &settings, &dataset, &trained, &score, device),
        golden: golden(network, &parts.validation, &scaler),
        model: export::to_onnx(&settings.shape(), &weights, &scaler, settings.rul_cap)?,
        weights: Some(weights.to_safetensors()?),
        scaler,
        interval,
        component,
    };
    let agreement = Agreement::measure(&draft.golden, &draft.model, &sandbox)?;
    report.line(format!("golden vectors: {} windows; {agreement}", draft.golden.expected.len()));
    anyhow::ensure!(
        agreement.holds(),
        "the exported model does not agree with the trained one: {agreement}; not published"
    );

    let written = destination.deliver(draft, &component_path)?;
    let manifest = written.bundle.manifest();
    let bundle = written.kept.then(|| written.bundle.directory().to_owned());
    match manifest.version {
        Some(version) => report.line(format!("published: {} version {version}", manifest.name)),
        None => report.line("not published: no registry was named"),
    }
    if let Some(bundle) = &bundle {
        report.line(format!("bundle: {}", bundle.display()));
    }
    if arguments.json {
        let summary = Summary {
            name: manifest.name.clone(),
            version: manifest.version,
            model_type: settings.architecture.name(),
            bundle,
            bundle_sha256: written.bundle.digest(),
            training_seconds,
            best_epoch: trained.best_epoch,
            validation_rmse: trained.validation_rmse,
            metrics: score,
            agreement,
        };
        println!("{}", serde_json::to_string(&summary).context("cannot write the summary")?);
    }
    Ok(())
}

/// The data and its split.
fn describe(report: Report, arguments: &TrainArguments, dataset: &Dataset, parts: &Split) {
    let subset = &dataset.subset;
    let size = |units: &[Unit]| format!("{} units, {} cycles", units.len(), Dataset::cycles(units));
    report.line(format!("data: {} in {}", subset, arguments.data.display()));
    report.line(format!("  train_{subset}.txt: {}", size(&dataset.train)));
    report.line(format!("  test_{subset}.txt:  {}", size(&dataset.test)));
    report.line("split by unit:");
    report.line(format!("  training:    {}", size(&parts.train)));
    report.line(format!("  validation:  {} (choose the epoch)", size(&parts.validation)));
    report.line(format!("  calibration: {} (the interval, nothing else)", size(&parts.calibration)));
    let needed = evaluate::units_needed(evaluate::LEVEL);
    if parts.calibration.len() < needed {
        report.line(format!(
            "  note: a {:.0} % interval needs {needed} calibration units; with fewer it takes the widest residual and promises nothing",
            100.0 * evaluate::LEVEL
        ));
    }
}
