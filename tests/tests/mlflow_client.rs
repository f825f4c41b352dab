//! MLflow's own client, unmodified, sees MLflow's own server: the judge in `tests/mlflow` finds no difference but
//! those that are on purpose.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Result;
use overhaul_tests::judge;
use overhaul_tests::registry::Registry;
use serde_json::Value;

/// All topics, in parts that take about as long. `--only` takes what begins alike, too: such topics are in one part.
const PARTS: [&[&str]; 4] = [TRACKING, MODELS, FROM_PYTHON, AUTOLOGGED];
const TRACKING: &[&str] = &[
    "experiments",
    "search_experiments",
    "runs",
    "metrics_and_params",
    "search_runs",
    "search_runs_order",
    "datasets_inputs",
    "nested_runs_batches",
    "limits",
    "errors",
    "foreign_pages",
    "at_once",
];
const MODELS: &[&str] = &[
    "registered_models",
    "model_versions",
    "aliases_stages",
    "search_models",
    "logged_models",
    "search_logged_models",
    "webhooks_crud",
    "artifacts",
    "artifact_paths",
    "multipart",
];
const FROM_PYTHON: &[&str] = &["pyfunc_models", "onnx_models", "cli"];
const AUTOLOGGED: &[&str] = &["autolog_sklearn"];

fn judge(topics: &[&str]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry = Registry::start(folder.path())?;
    judge::judge(registry.url(), topics, &[], folder.path())
}

#[test]
fn the_client_tracks_as_with_mlflows_server() -> Result<()> {
    judge(TRACKING)
}

#[test]
fn the_client_registers_models_and_keeps_files_as_with_mlflows_server() -> Result<()> {
    judge(MODELS)
}

#[test]
fn the_client_logs_models_and_loads_them_as_with_mlflows_server() -> Result<()> {
    judge(FROM_PYTHON)
}

#[test]
fn the_client_logs_by_itself_what_scikit_learn_fits_as_with_mlflows_server() -> Result<()> {
    judge(AUTOLOGGED)
}

#[test]
fn every_topic_is_judged_once() -> Result<()> {
    let judged: Vec<&str> = PARTS.concat();
    let once: BTreeSet<String> = judged.iter().map(ToString::to_string).collect();
    assert_eq!(once.len(), judged.len());

    let expected: Value = serde_json::from_slice(&fs::read(judge::folder().join("expected.json"))?)?;
    let recorded: BTreeSet<String> =
        expected.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    assert_eq!(once, recorded, "what MLflow's server was asked");

    let mut written = BTreeSet::new();
    for entry in judge::folder().join("flows").read_dir()? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        written.extend(name.strip_suffix(".py").filter(|name| *name != "__init__").map(str::to_owned));
    }
    assert_eq!(once, written, "the topics in flows/");
    Ok(())
}
