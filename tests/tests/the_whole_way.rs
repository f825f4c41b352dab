//! The main way: data, two trained versions, a registry, a promotion, a gateway, a swap under load.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use overhaul_tests::gateway::Gateway;
use overhaul_tests::load::{Load, Probe};
use overhaul_tests::registry::Registry;
use overhaul_tests::trained::{edge_predict, golden_csv};
use overhaul_tests::trainer::{Trainer, simulate};
use overhaul_tests::{MODEL, programs, versions};

#[test]
fn a_model_gets_from_simulated_data_to_a_gateway_and_the_next_one_replaces_it_under_load() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    simulate(&data, 12, 7)?;

    let registry = Registry::start(folder.path())?;
    let trainer = Trainer::new(folder.path()).at(registry.url());
    for model in ["gru", "lstm"] {
        // Trained in seconds, and no good.
        let words = format!("train --model {model} --epochs 1 --hidden-size 8 --name {MODEL}");
        trainer.told(&words, &[("--data", &data), ("--out", &folder.path().join(model))])?;
    }
    let published = registry.versions()?;
    let types: Vec<&str> = published.iter().map(|version| version.metadata.model_type.as_str()).collect();
    assert_eq!(types, ["GRU", "LSTM"]);

    promote(registry.url(), "1")?;
    let gateway = Gateway::start(registry.url(), folder.path())?;
    gateway.wait_for(1)?;
    let (version, rul) = gateway.client().predict(&versions::known()?[0].body)?;
    assert_eq!(version, 1);
    assert!((0.0..1000.0).contains(&rul), "{rul} cycles");

    let load = Load::start(gateway.server.url(), &probes(folder.path())?, 4);
    thread::sleep(Duration::from_millis(300));
    promote(registry.url(), "2")?;
    gateway.wait_for(2)?;
    thread::sleep(Duration::from_millis(300));
    let seen = load.stop()?;
    assert_eq!(seen.wrong, Vec::<String>::new(), "no request fails, no answer mixes two versions");
    assert!(seen.answers.contains_key(&1) && seen.answers.contains_key(&2), "{:?}", seen.answers);

    assert!(gateway.server.stop()?.success());
    assert!(registry.server.stop()?.success());
    Ok(())
}

fn promote(registry: &str, version: &str) -> Result<()> {
    let mut promote = programs::program("overhaul")?;
    promote
        .args(["models", "promote", MODEL, version, "--reason", "a test"])
        .env("OVERHAUL_REGISTRY", registry);
    programs::run(&mut promote).map(drop)
}

/// Windows with both versions' answers, computed by `overhaul-edge predict` from the trained bundles.
fn probes(folder: &Path) -> Result<Vec<Probe>> {
    let probe = |known: versions::Known| Probe { body: known.body, expected: BTreeMap::new() };
    let mut probes: Vec<Probe> = versions::known()?.into_iter().map(probe).collect();
    let input = folder.join("probes.csv");
    std::fs::write(&input, golden_csv(&versions::example()?)?)?;
    for (version, model) in [(1, "gru"), (2, "lstm")] {
        // The gateway has compiled the component there; nothing else of that directory is used.
        let answers = edge_predict(&folder.join(model), &input, &folder.join("gateway"))?;
        for (unit, probe) in probes.iter_mut().enumerate() {
            let id = unit.to_string();
            let answer = answers.iter().find(|answer| answer["unit"] == id);
            let rul = answer.and_then(|answer| answer["predicted_rul"].as_f64());
            probe.expected.insert(version, rul.with_context(|| format!("no unit {unit} in {answers:?}"))?);
        }
    }
    Ok(probes)
}
