//! A bundle of a folder that MLflow's client logged, or why there can be none.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use overhaul_bundle::golden::Golden;
use overhaul_bundle::scaler::{FeatureScale, Scaler};
use overhaul_bundle::{Bundle, BundlePath, Draft, Metadata, Mistake};
use overhaul_component::Model;

use super::descriptor::{Descriptor, Said};
use super::external::{self, MAX_GRAPH};
use super::{Facts, example, weights};

/// The least tolerance of golden vectors, in cycles: the trainer's.
const TOLERANCE: f32 = 1e-3;
/// The tolerance relative to the largest answer, for models that answer in thousands.
const RELATIVE: f32 = 1e-5;

/// Makes the bundle of the files in `from` as the directory `to`. What the files lack is a [`Mistake`].
///
/// The golden vectors are the input example and what tract answers for it, built for this machine: the same code
/// as the component's. Features have the scale 1, because the graph takes readings as they are.
pub fn make(from: &Path, facts: &Facts, to: &Path) -> anyhow::Result<Bundle> {
    let descriptor = Descriptor::from_bytes(&read(from, &"MLmodel".parse()?, 1 << 20)?)?;
    let graph = read(from, &descriptor.graph, MAX_GRAPH)?;
    let graph = external::inline(&graph, &mut |beside| {
        let path = beside_graph(&descriptor.graph, beside)?;
        read(from, &path, MAX_GRAPH)
    })?;
    let mut model = Model::load(&graph).map_err(|e| {
        Mistake::new(format!("the component cannot run the graph: {e}; export it without that"))
    })?;
    let specification = model.specification();
    if specification.outputs != 1 {
        let outputs = specification.outputs;
        return Err(Mistake::new(format!(
            "the graph answers {outputs} numbers a window; a RUL model answers 1"
        ))
        .into());
    }
    let (length, features) = (specification.window_length, specification.features);
    let example = descriptor.example.as_ref().ok_or_else(|| {
        Mistake::new(format!(
            "the model has no input example; log it with input_example=<array of shape [n, {length}, {features}]>"
        ))
    })?;
    let windows = example::windows(&read(from, example, 64 << 20)?, length, features)?;
    let expected = model
        .predict(&windows)
        .map_err(|e| Mistake::new(format!("the component cannot run the input example: {e}")))?;
    let largest = expected.iter().fold(0.0_f32, |largest, answer| largest.max(answer.abs()));
    let metadata = metadata(&descriptor.said, facts, length, features, &graph)?;
    let names = metadata.feature_columns.iter();
    let scale = |name: &String| FeatureScale {
        name: name.clone(),
        mean: 0.0,
        scale: 1.0,
        distribution: None,
        ignored: false,
    };
    let draft = Draft {
        scaler: Scaler { features: names.map(scale).collect(), conditions: None },
        metadata,
        interval: None,
        golden: Golden {
            sequence_length: length,
            features,
            windows,
            expected,
            tolerance: TOLERANCE.max(RELATIVE * largest),
        },
        model: graph,
        weights: None,
        report: None,
        component: facts.component.clone(),
    };
    Ok(draft.write(to)?)
}

fn metadata(
    said: &Said,
    facts: &Facts,
    length: usize,
    features: usize,
    graph: &[u8],
) -> Result<Metadata, Mistake> {
    let numbered = || (1..=features).map(|number| format!("feature_{number}")).collect();
    let columns = said.feature_columns.clone().unwrap_or_else(numbered);
    if columns.len() != features {
        return Err(Mistake::new(format!(
            "feature_columns in the model's metadata names {} columns, the graph takes {features}; name them all",
            columns.len()
        )));
    }
    let text = |names: &[&str]| facts.param::<String>(names);
    Ok(Metadata {
        name: facts.name.clone(),
        version: Some(facts.version),
        model_type: said
            .model_type
            .clone()
            .or_else(|| text(&["model_type", "architecture"]))
            .unwrap_or_else(|| "ONNX".to_owned()),
        rmse: facts.metric(&["rmse", "test_rmse", "rmse_capped"]),
        mae: facts.metric(&["mae", "test_mae", "mae_capped"]),
        timestamp: facts.at,
        sequence_length: length,
        input_features: features,
        feature_columns: columns,
        epochs: facts.param(&["epochs", "num_epochs"]),
        batch_size: facts.param(&["batch_size"]),
        learning_rate: facts.param(&["learning_rate", "lr"]).filter(|rate: &f64| rate.is_finite()),
        final_loss: facts.metric(&["final_loss", "train_loss", "loss"]),
        rmse_raw: facts.metric(&["rmse_raw"]),
        mae_raw: facts.metric(&["mae_raw"]),
        nasa_score: facts.metric(&["nasa_score"]),
        validation_rmse: facts.metric(&["validation_rmse", "val_rmse"]),
        best_epoch: facts.param(&["best_epoch"]),
        rul_cap: said.rul_cap.or_else(|| facts.param(&["rul_cap"])).filter(|cap| cap.is_finite()),
        dataset: said.dataset.clone().or_else(|| text(&["dataset"])).unwrap_or_else(|| "unknown".to_owned()),
        dataset_sha256: None,
        test_units: facts.param(&["test_units"]),
        seed: facts.param(&["seed"]),
        split_seed: None,
        dropout: facts.param(&["dropout"]).filter(|share: &f64| share.is_finite()),
        conditions: None,
        ridge_rmse: None,
        imported: true,
        hidden_size: facts.param(&["hidden_size"]),
        layers: facts.param(&["layers", "num_layers"]),
        heads: None,
        parameters: weights::count(graph)?,
        device: "unknown".to_owned(),
        trainer: concat!("mlflow.onnx, by overhaul-server ", env!("CARGO_PKG_VERSION")).to_owned(),
        git_commit: None,
    })
}

/// A file that the graph names lies beside the graph.
fn beside_graph(graph: &BundlePath, file: &BundlePath) -> Result<BundlePath, Mistake> {
    let folder = graph.as_str().rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    format!("{folder}{file}")
        .parse()
        .map_err(|e| Mistake::new(format!("the graph keeps weights elsewhere: {e}")))
}

/// A whole file of the folder.
fn read(folder: &Path, path: &BundlePath, limit: usize) -> Result<Vec<u8>, Mistake> {
    let file = path.under(folder);
    let size = fs::symlink_metadata(&file).ok().filter(fs::Metadata::is_file).map(|found| found.len());
    match size {
        None => Err(Mistake::new(format!("the model's files lack {path}; log it again"))),
        Some(size) if size > limit as u64 => {
            Err(Mistake::new(format!("{path} has {size} bytes; at most {limit} are read")))
        }
        Some(_) => fs::read(&file)
            .with_context(|| format!("cannot read {path}"))
            .map_err(|e| Mistake::new(format!("{e:#}"))),
    }
}

#[cfg(test)]
mod tests;
