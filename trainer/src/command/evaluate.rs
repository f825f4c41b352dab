//! `evaluate`: a published version on a test set.

use overhaul_bundle::Metadata;
use overhaul_bundle::{ModelName, Sha256Digest, VersionNumber};
use overhaul_client::Registry;
use serde::Serialize;

use crate::cli::EvaluateArguments;
use crate::console::Console;
use crate::evaluate::TestScore;
use crate::pulled::{Pulled, runtime, told};

/// The ceiling on labels for models whose targets had none, so that their figures can stand beside others.
pub(super) const USUAL_CAP: f64 = 125.0;

#[derive(Serialize)]
struct Answer {
    name: ModelName,
    version: VersionNumber,
    model_type: String,
    dataset: String,
    dataset_sha256: Sha256Digest,
    rul_cap: f64,
    /// Whether these are the files that the version was trained and scored on.
    same_data: bool,
    metrics: TestScore,
}

pub(super) fn evaluate_command(arguments: &EvaluateArguments) -> anyhow::Result<()> {
    let console = Console { json: arguments.json };
    let dataset = arguments.data.load()?;
    let registry = Registry::with_env(&arguments.registry.registry).map_err(told)?;
    let pulled = Pulled::fetch(&registry, &runtime()?, &arguments.registry.name, arguments.version)?;
    pulled.check(&dataset.schema)?;
    let Metadata { name, model_type, rul_cap, dataset_sha256, .. } = &pulled.metadata;
    let cap = rul_cap.unwrap_or(USUAL_CAP);
    let interval = pulled.bundle.interval()?;
    let predicted = pulled.predict_last(&dataset.test)?;
    let score = TestScore::new(&predicted, &dataset.test_remaining, cap, interval.as_ref(), None);
    console.line(format!(
        "{name} version {} ({model_type}) on {}, verified and run by tract as on a gateway",
        arguments.version, dataset.subset
    ));
    console.score(&score, Some(cap));
    console.answer(&Answer {
        name: name.clone(),
        version: arguments.version,
        model_type: model_type.clone(),
        dataset: dataset.subset,
        dataset_sha256: dataset.sha256,
        rul_cap: cap,
        same_data: *dataset_sha256 == Some(dataset.sha256),
        metrics: score,
    })
}
