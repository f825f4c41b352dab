//! Both ways: what the trainer publishes loads in Python, and what Python logs runs on gateways, through MLflow's own
//! client.

use anyhow::{Context as _, Result};
use overhaul_tests::gateway::Gateway;
use overhaul_tests::registry::Registry;
use overhaul_tests::trained::Trained;
use overhaul_tests::trainer::{Trainer, must_say};
use overhaul_tests::{MODEL, python, wait};
use serde_json::{Value, json};

/// Between libtorch, tract and ONNX Runtime, in cycles: about ten times what is seen of RULs up to a few hundred.
const TOLERANCE: f64 = 1e-3;
/// Of a gateway's answer, which is rounded to two places.
const ROUNDED: f64 = 5e-3 + TOLERANCE;

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
}

fn numbers(value: &Value) -> Result<Vec<f64>> {
    Ok(serde_json::from_value(value.clone())?)
}

/// Windows for the graphs of `log.py`: 4 of 5 readings of 3 sensors.
fn windows() -> Vec<Vec<Vec<f32>>> {
    let reading = |n: u8| (0..3).map(|sensor| 0.01 * f32::from(n * 3 + sensor + 1)).collect();
    (0..4).map(|window| (0..5).map(|row| reading(window * 5 + row)).collect()).collect()
}

/// What a gateway with a version answers for windows.
fn asked(gateway: &Gateway, version: u32, windows: &[Vec<Vec<f32>>]) -> Result<Vec<f64>> {
    let ask = |window: &Vec<Vec<f32>>| {
        let (said, rul) = gateway.client().predict(&json!({ "sensor_data": window }).to_string())?;
        assert_eq!(said, version);
        Ok(rul)
    };
    windows.iter().map(ask).collect()
}

#[test]
fn what_the_trainer_published_loads_in_python_and_predicts_what_the_gateway_predicts() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let registry = Registry::start(folder.path())?;
    let trainer = Trainer::new(folder.path()).at(registry.url());
    let version = models.publish("gru", &trainer, folder.path())?;
    registry.promote(version)?;

    let golden = models.bundle("gru")?.golden()?;
    let windows: Vec<Vec<Vec<f32>>> = golden
        .windows
        .chunks(golden.sequence_length * golden.features)
        .map(|window| window.chunks(golden.features).map(<[f32]>::to_vec).collect())
        .collect();
    let uri = format!("models:/{MODEL}@production");
    let predicted = numbers(&python::ask(registry.url(), &["load", &uri], &json!(windows))?)?;
    assert_eq!(predicted.len(), golden.expected.len());
    for (predicted, expected) in predicted.iter().zip(&golden.expected) {
        near(*predicted, f64::from(*expected), TOLERANCE);
    }

    models.agent(&folder.path().join("gateway"))?;
    let gateway = Gateway::start(registry.url(), folder.path())?;
    gateway.wait_for(version.get())?;
    for (rul, predicted) in asked(&gateway, version.get(), &windows)?.iter().zip(predicted) {
        near(*rul, predicted.max(0.0), ROUNDED);
    }
    Ok(())
}

#[test]
fn what_python_logged_runs_on_a_gateway_and_answers_what_onnx_runtime_computes() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let registry = Registry::start(folder.path())?;
    let windows = windows();
    let logged = python::ask(registry.url(), &["log", "plain", MODEL, "promote"], &json!(windows))?;
    assert_eq!((&logged["version"], &logged["status"]), (&1.into(), &"READY".into()), "{logged}");
    assert_eq!(logged["status_message"], Value::Null);
    let computed = numbers(&logged["computed"])?;

    let versions = registry.versions()?;
    let metadata = &versions.first().context("no bundle was made")?.metadata;
    assert_eq!(
        (metadata.rmse, metadata.epochs, metadata.model_type.as_str()),
        (Some(12.5), Some(20), "tanh")
    );
    models.agent(&folder.path().join("gateway"))?;
    let gateway = Gateway::start(registry.url(), folder.path())?;
    gateway.wait_for(1)?;
    for (rul, computed) in asked(&gateway, 1, &windows)?.iter().zip(&computed) {
        near(*rul, *computed, ROUNDED);
    }
    assert!(computed.windows(2).all(|pair| pair[1] - pair[0] > 1.0), "{computed:?} tells windows apart");
    Ok(())
}

#[test]
fn a_graph_that_gateways_cannot_run_is_registered_without_a_bundle_and_the_client_reads_why() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let registry = Registry::start(folder.path())?;
    let windows = windows();
    let good = python::ask(registry.url(), &["log", "plain", MODEL, "promote"], &json!(windows))?;
    models.agent(&folder.path().join("gateway"))?;
    let gateway = Gateway::start(registry.url(), folder.path())?;
    gateway.wait_for(1)?;

    let other = python::ask(registry.url(), &["log", "determinant", MODEL, "promote"], &json!(windows))?;
    assert_eq!((&other["version"], &other["status"]), (&2.into(), &"READY".into()), "{other}");
    let why = other["status_message"].as_str().context("the client reads no reason")?;
    must_say(why, &["no bundle for gateways: the component cannot run the graph", "Det"])?;
    let numbers_with_a_bundle: Vec<u32> = registry.versions()?.iter().map(|v| v.version.get()).collect();
    assert_eq!(numbers_with_a_bundle, [1]);

    // Production points at it: the gateway asks, is told why it gets nothing, and keeps what it had.
    wait::until("the gateway to ask", || {
        let health = gateway.health()?;
        let error = health["registry"]["error"].as_str().context("the gateway was told nothing")?;
        must_say(error, &["version 2", "no bundle for gateways: the component cannot run the graph"])
    })?;
    let kept = asked(&gateway, 1, &windows)?;
    for (rul, computed) in kept.iter().zip(numbers(&good["computed"])?) {
        near(*rul, computed, ROUNDED);
    }
    // In Python it is a model as any other.
    let uri = format!("models:/{MODEL}@production");
    let loaded = numbers(&python::ask(registry.url(), &["load", &uri], &json!(windows))?)?;
    for (loaded, computed) in loaded.iter().zip(numbers(&other["computed"])?) {
        near(*loaded, computed, TOLERANCE);
    }
    Ok(())
}

#[test]
fn a_training_is_a_run_with_its_params_its_epochs_and_its_report_and_its_version_leads_to_it() -> Result<()> {
    let (folder, models) = (tempfile::tempdir()?, Trained::find()?);
    let registry = Registry::start(folder.path())?;
    let trainer = Trainer::new(folder.path()).at(registry.url());
    let words = "train --model trend --epochs 3 --hidden-size 8 --seed 5 --seeds 2";
    let summary = trainer.answer(words, &[("--data", &models.data())])?;

    let version = summary["version"].to_string();
    let run = python::ask(registry.url(), &["run_of_version", MODEL, &version], &Value::Null)?;
    assert_eq!((&run["experiment"], &run["status"]), (&MODEL.into(), &"FINISHED".into()));
    assert_eq!(run["runs_of_the_experiment"], 2, "one for each seed");
    let best = &summary["seeds"].as_array().context("no seeds")?.iter().min_by(|a, b| {
        let rmse = |seed: &Value| seed["validation_rmse"].as_f64().unwrap_or(f64::NAN);
        rmse(a).total_cmp(&rmse(b))
    });
    let seed = &best.context("no seed")?["seed"];
    let params = &run["params"];
    assert_eq!((&params["epochs"], &params["hidden_size"]), (&"3".into(), &"8".into()), "{params}");
    assert_eq!(params["seed"], seed.to_string());
    assert_eq!(run["tags"]["overhaul.model.version"], version);

    for key in ["loss", "validation_rmse", "learning_rate"] {
        let history: Vec<(i64, f64)> = serde_json::from_value(run["metrics"][key].clone())?;
        let steps: Vec<i64> = history.iter().map(|(step, _)| *step).collect();
        assert_eq!(steps, [1, 2, 3], "{key}");
        assert!(history.iter().all(|(_, value)| *value > 0.0), "{key}: {history:?}");
    }
    let told = run["metrics"]["best_validation_rmse"][0][1].as_f64().context("no figure")?;
    near(told, summary["validation_rmse"].as_f64().context("no figure")?, 1e-9);
    assert_eq!(run["artifacts"], json!(["report.html"]));
    must_say(
        run["report"].as_str().unwrap_or_default(),
        &[&format!("<title>{MODEL} version {version}</title>")],
    )
}
