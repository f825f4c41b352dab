//! Test error of the demo's models on C-MAPSS FD001, over three seeds.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use overhaul_tests::programs;
use serde_json::Value;

use crate::statistics::mean_and_deviation;

const SEEDS: [u32; 3] = [1, 2, 3];
const MODELS: [&str; 2] = ["GRU", "LSTM"];

/// What was trained.
pub(crate) struct Trained {
    /// One bundle a kind of model, by its name.
    pub(crate) bundles: Vec<(String, PathBuf)>,
    /// Kind of model and the trainer's summaries by seed; empty without data.
    summaries: Vec<(String, Vec<Value>)>,
}

/// Trains both kinds of model: on `data` over all seeds, else on simulated data for one epoch.
pub(crate) fn train(folder: &Path, data: Option<&Path>) -> Result<Trained> {
    let mut trained = Trained { bundles: Vec::new(), summaries: Vec::new() };
    let simulated = folder.join("data");
    if data.is_none() {
        let mut simulate = programs::program("overhaul-trainer")?;
        programs::run(simulate.args(["simulate", "--units", "20", "--out"]).arg(&simulated))?;
    }
    let seeds = if data.is_some() { &SEEDS[..] } else { &SEEDS[..1] };
    for model in MODELS {
        let mut summaries = Vec::new();
        for seed in seeds {
            eprintln!("training {model}, seed {seed}");
            let out = folder.join(format!("{model}-{seed}"));
            let mut train = programs::program("overhaul-trainer")?;
            train.args([
                "train",
                "--json",
                "--model",
                &model.to_lowercase(),
                "--seed",
                &seed.to_string(),
                "--data",
            ]);
            train.arg(data.unwrap_or(&simulated)).arg("--out").arg(&out);
            if data.is_none() {
                train.args(["--epochs", "1"]);
            }
            summaries.push(
                serde_json::from_str(&programs::run(&mut train)?).context("the trainer printed no JSON")?,
            );
            if trained.bundles.iter().all(|(name, _)| name != model) {
                trained.bundles.push((model.to_owned(), out));
            }
        }
        if data.is_some() {
            trained.summaries.push((model.to_owned(), summaries));
        }
    }
    Ok(trained)
}

impl Trained {
    /// Prints the table, if there is data.
    pub(crate) fn print(&self) {
        if self.summaries.is_empty() {
            return;
        }
        println!(
            "| FD001, window 30, seeds {SEEDS:?} | RMSE, capped labels | NASA score, capped | RMSE, raw labels | NASA score, raw | training |"
        );
        println!("| --- | ---: | ---: | ---: | ---: | ---: |");
        for (model, summaries) in &self.summaries {
            let column = |pointer: &str, digits: usize| {
                let values: Vec<f64> =
                    summaries.iter().filter_map(|summary| summary.pointer(pointer)?.as_f64()).collect();
                let (mean, deviation) = mean_and_deviation(&values);
                format!("{mean:.digits$} ± {deviation:.digits$}")
            };
            println!(
                "| {model} | {} | {} | {} | {} | {} s |",
                column("/metrics/capped/rmse", 2),
                column("/metrics/capped/nasa_score", 0),
                column("/metrics/raw/rmse", 2),
                column("/metrics/raw/nasa_score", 0),
                column("/training_seconds", 0)
            );
        }
        println!(
            "\nEach test unit's last window, scored once; the aim for the GRU is at most 14.5 against capped labels."
        );
    }
}
