//! `register`: a model that PyTorch trained elsewhere, as a version.

use std::path::Path;

use overhaul_bundle::{Draft, Metadata, Mistake, ModelName, Sha256Digest, VersionNumber};
use serde::Serialize;
use tch::Device;

use super::evaluate::USUAL_CAP;
use super::{assess, metadata};
use crate::check::{Agreement, Component};
use crate::cli::RegisterArguments;
use crate::console::Console;
use crate::data::{Dataset, Unit};
use crate::evaluate::TestScore;
use crate::export;
use crate::golden::golden;
use crate::import::{GuidesMetadata, Imported, OUTPUT, Source, import};
use crate::model::{Architecture, Network};
use crate::publish::Destination;

#[derive(Serialize)]
struct Answer {
    name: ModelName,
    version: Option<VersionNumber>,
    model_type: String,
    imported: bool,
    rmse: f64,
    mae: f64,
    /// The test score, when there was data.
    metrics: Option<TestScore>,
    bundle: Option<std::path::PathBuf>,
    bundle_sha256: Sha256Digest,
    agreement: Agreement,
}

pub(super) fn register_command(arguments: &RegisterArguments) -> anyhow::Result<()> {
    let console = Console { json: arguments.json };
    let guides = match &arguments.dir {
        Some(dir) => GuidesMetadata::read(&dir.join("metadata.json"))?,
        None => GuidesMetadata::default(),
    };
    let source = source(arguments, &guides)?;
    let imported = import(&source)?;
    let destination = Destination::new(arguments.out.clone(), arguments.registry.as_deref())?;
    let component = Component::find(arguments.component.as_deref())?;
    let Imported { shape, weights, scaler } = &imported;
    let network = Network::with_weights(*shape, scaler, OUTPUT, weights, Device::Cpu)?;
    console.line(format!(
        "read {}: {}, {} layers of {}, {} parameters, window {}; nothing in it was executed",
        source.model.display(),
        source.architecture.name(),
        shape.layers,
        shape.hidden,
        shape.parameter_count(),
        shape.sequence_length
    ));
    let dataset =
        arguments.data.as_ref().map(|data| dataset(data, &arguments.subset, shape.features)).transpose()?;
    let score = dataset.as_ref().map(|dataset| {
        let predicted = assess::test_predictions(&network, dataset);
        TestScore::new(&predicted, &dataset.test_remaining, USUAL_CAP, None, None)
    });
    if let Some(score) = &score {
        console.score(score, Some(USUAL_CAP));
    }
    let quality = quality(arguments, &guides, score.as_ref())?;
    let units: &[Unit] = dataset.as_ref().map_or(&[], |dataset| &dataset.train[..dataset.train.len().min(8)]);
    let draft = Draft {
        metadata: describe(arguments, &guides, &source, &imported, dataset.as_ref(), score.as_ref(), quality),
        golden: golden(&network, units, scaler),
        model: export::to_onnx(shape, weights, scaler, OUTPUT)?,
        weights: Some(weights.to_safetensors()?),
        report: None,
        scaler: scaler.clone(),
        interval: None,
        component: component.entry.clone(),
    };
    let sandbox = component.compile()?;
    let agreement = Agreement::measure(&draft.golden, &draft.model, &sandbox)?;
    console.line(format!("golden vectors: {} windows; {agreement}", draft.golden.expected.len()));
    anyhow::ensure!(
        agreement.holds(),
        "the exported model does not agree with the imported one: {agreement}; not published"
    );
    console.line(
        "no interval: it needs units that the model was not trained on, and which those are is not known",
    );
    let written = destination.deliver(draft, &component.path, None, &|_| Ok(None), None)?;
    let manifest = written.bundle.manifest();
    match manifest.version {
        Some(version) => console.line(format!("published: {} version {version}, imported", manifest.name)),
        None => console.line("not published: no registry was named"),
    }
    let bundle = written.kept.then(|| written.bundle.directory().to_owned());
    if let Some(bundle) = &bundle {
        console.line(format!("bundle: {}", bundle.display()));
    }
    console.answer(&Answer {
        name: manifest.name.clone(),
        version: manifest.version,
        model_type: source.architecture.name().to_owned(),
        imported: true,
        rmse: quality.0,
        mae: quality.1,
        metrics: score,
        bundle,
        bundle_sha256: written.bundle.digest(),
        agreement,
    })
}

/// The files, from the flags or the guide's folder.
fn source(arguments: &RegisterArguments, guides: &GuidesMetadata) -> Result<Source, Mistake> {
    let file = |named: &Option<std::path::PathBuf>, name: &str| {
        named.clone().or_else(|| Some(arguments.dir.as_ref()?.join(name))).unwrap_or_default()
    };
    let architecture = arguments.model_type.or_else(|| guides.architecture()).ok_or_else(|| {
        Mistake::new(format!(
            "metadata.json names the model type {:?}, which is none of lstm, bilstm, gru and transformer; name it with --model-type",
            guides.model_type.as_deref().unwrap_or("")
        ))
    })?;
    Ok(Source {
        model: file(&arguments.model_path, "model.pth"),
        scaler: file(&arguments.scaler_path, "scaler.pkl"),
        architecture,
        sequence_length: arguments.sequence_length.or(guides.sequence_length),
        heads: arguments.heads,
        columns: guides.feature_columns.clone(),
    })
}

/// The data to evaluate on; its columns are the model's by their places, whatever the scaler calls them.
fn dataset(data: &Path, subset: &str, features: usize) -> anyhow::Result<Dataset> {
    let dataset = Dataset::load(data, subset, None)?;
    let count = dataset.schema.features.len();
    if count != features {
        return Err(Mistake::new(format!(
            "the model reads {features} columns, {} has {count}; give --rmse and --mae instead of --data",
            data.display()
        ))
        .into());
    }
    Ok(dataset)
}

/// RMSE and MAE: measured here if there is data, else as they were measured there.
fn quality(
    arguments: &RegisterArguments,
    guides: &GuidesMetadata,
    score: Option<&TestScore>,
) -> Result<(f64, f64), Mistake> {
    let measured = score.map(|score| (score.errors.raw.rmse, score.errors.raw.mae));
    let said = arguments.rmse.zip(arguments.mae).or(guides.rmse.zip(guides.mae));
    let (rmse, mae) = measured.or(said).ok_or_else(|| {
        Mistake::new("how good the model is is not known; give --rmse and --mae, or --data to evaluate it on")
    })?;
    for (name, error) in [("RMSE", rmse), ("MAE", mae)] {
        if !(error.is_finite() && error >= 0.0) {
            return Err(Mistake::new(format!("{name} {error} is no number of cycles from 0; give it again")));
        }
    }
    Ok((rmse, mae))
}

fn describe(
    arguments: &RegisterArguments,
    guides: &GuidesMetadata,
    source: &Source,
    imported: &Imported,
    dataset: Option<&Dataset>,
    score: Option<&TestScore>,
    (rmse, mae): (f64, f64),
) -> Metadata {
    let Imported { shape, scaler, .. } = imported;
    Metadata {
        name: arguments.name.clone(),
        version: None,
        model_type: source.architecture.name().to_owned(),
        rmse: Some(rmse),
        mae: Some(mae),
        timestamp: guides.time().unwrap_or_else(jiff::Timestamp::now),
        sequence_length: shape.sequence_length,
        input_features: shape.features,
        feature_columns: scaler.features.iter().map(|feature| feature.name.clone()).collect(),
        epochs: guides.epochs,
        batch_size: guides.batch_size,
        learning_rate: guides.learning_rate,
        final_loss: guides.final_loss,
        rmse_raw: Some(rmse),
        mae_raw: Some(mae),
        nasa_score: score.map(|score| score.errors.raw.nasa_score),
        validation_rmse: None,
        best_epoch: None,
        rul_cap: None,
        dataset: dataset.map_or_else(|| "unknown".to_owned(), |dataset| dataset.subset.clone()),
        dataset_sha256: dataset.map(|dataset| dataset.sha256),
        test_units: score.map(|score| score.units as u32),
        seed: None,
        split_seed: None,
        dropout: None,
        conditions: None,
        ridge_rmse: None,
        imported: true,
        hidden_size: Some(shape.hidden as u32),
        layers: Some(shape.layers as u32),
        heads: (shape.architecture == Architecture::Transformer).then_some(shape.heads as u32),
        parameters: shape.parameter_count() as u64,
        device: "unknown".to_owned(),
        trainer: format!("{} register", metadata::trainer()),
        git_commit: None,
    }
}
