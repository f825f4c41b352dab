//! One window, and 64 at a time, on one thread: the component in its sandbox, tract as it comes, ONNX Runtime.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use overhaul_bundle::{Bundle, golden::Golden};
use overhaul_edge::sandbox::{Limits, Sandbox};
use overhaul_tests::programs;
use tract_onnx::prelude::*;

use super::onnxruntime;
use crate::statistics::{milliseconds, quantile};

/// Predictions of one window that are timed.
pub(crate) const ROUNDS: usize = 2000;
/// Predictions of a batch that are timed.
pub(crate) const BATCH_ROUNDS: usize = 100;
/// Windows in a batch.
const BATCH: usize = 64;

/// Windows to predict, row-major.
pub(crate) struct Windows {
    pub(crate) values: Vec<f32>,
    pub(crate) length: usize,
    pub(crate) features: usize,
}

/// What one engine took.
pub(crate) struct Samples {
    pub(crate) engine: String,
    pub(crate) single: Vec<Duration>,
    pub(crate) batch: Vec<Duration>,
    /// The batch's answers, so that nobody is fast by being wrong.
    pub(crate) answers: Vec<f32>,
}

/// Measures each model in each engine and prints the table.
pub(crate) fn run(bundles: &[(&str, &Path)], python: &Path, folder: &Path) -> Result<()> {
    let component = std::fs::read(programs::component()?)?;
    let sandbox = Sandbox::compile(&component, Limits::default())?;
    println!(
        "| model, window 30 × 24 | engine, one thread | one window, p50 | one window, p99 | windows a second, 64 at a time |"
    );
    println!("| --- | --- | ---: | ---: | ---: |");
    let mut ratios = String::new();
    for (name, directory) in bundles {
        let bundle = Bundle::open(directory)?;
        let (onnx, windows) = (bundle.model()?, windows(&bundle.golden()?));
        let mut predictor = sandbox.instantiate(&onnx)?;
        let (mut single, mut batch) = (tract(&onnx, &windows, 1)?, tract(&onnx, &windows, BATCH)?);
        let engines = [
            time("component", &windows, |values| Ok(predictor.predict(values)?))?,
            time("native tract", &windows, |values| {
                if values.len() == windows.values.len() { batch(values) } else { single(values) }
            })?,
            onnxruntime::time(python, &directory.join("model.onnx"), &windows, folder)?,
        ];
        for samples in &engines {
            must_agree(&engines[1], samples)?;
            let per_batch = quantile(&samples.batch, 0.5).as_secs_f64();
            println!(
                "| {name} 2 × 64 | {} | {} | {} | {:.0} |",
                samples.engine,
                milliseconds(quantile(&samples.single, 0.5)),
                milliseconds(quantile(&samples.single, 0.99)),
                BATCH as f64 / per_batch
            );
        }
        let median = |samples: &[Duration]| quantile(samples, 0.5).as_secs_f64();
        let [component, native, runtime] = &engines;
        for (peer, aim) in [(native, 1.3), (runtime, 1.5)] {
            for (at, p) in [("p50", 0.5), ("p99", 0.99)] {
                let of = |samples: &Samples| quantile(&samples.single, p).as_secs_f64();
                let ratio = of(component) / of(peer);
                let engine = &peer.engine;
                writeln!(
                    ratios,
                    "| {name}, one window, {at}, against {engine} | {ratio:.2} times | at most {aim} times |"
                )?;
            }
        }
        for (peer, aim) in [(native, ""), (runtime, "at least 0.7 times")] {
            let ratio = median(&peer.batch) / median(&component.batch);
            let engine = &peer.engine;
            writeln!(
                ratios,
                "| {name}, windows a second, {BATCH} at a time, against {engine} | {ratio:.2} times | {aim} |"
            )?;
        }
    }
    println!("\n| the component | measured | aim |");
    println!("| --- | ---: | ---: |");
    println!("{ratios}");
    Ok(())
}

/// tract as it comes: its own reading of the model, its own operators, compiled for this processor.
fn tract(
    onnx: &[u8],
    windows: &Windows,
    batch: usize,
) -> Result<impl FnMut(&[f32]) -> Result<Vec<f32>> + use<>> {
    let shape = [batch, windows.length, windows.features];
    let model = tract_onnx::onnx()
        .model_for_read(&mut &*onnx)?
        .with_input_fact(0, f32::fact(shape).into())?
        .into_optimized()?
        .into_runnable()?;
    Ok(move |values: &[f32]| {
        let answers = model.run(tvec!(Tensor::from_shape(&shape, values)?.into_tvalue()))?;
        let answers = answers.first().context("tract answered nothing")?;
        Ok(answers.try_as_plain_ram()?.as_slice::<f32>()?.to_vec())
    })
}

/// A batch out of golden windows, repeated as needed.
fn windows(golden: &Golden) -> Windows {
    let size = golden.sequence_length * golden.features;
    let values = golden.windows.iter().copied().cycle().take(BATCH * size).collect();
    Windows { values, length: golden.sequence_length, features: golden.features }
}

fn time(
    engine: &str,
    windows: &Windows,
    mut predict: impl FnMut(&[f32]) -> Result<Vec<f32>>,
) -> Result<Samples> {
    let size = windows.length * windows.features;
    let mut timed = |values: &[f32]| {
        let start = Instant::now();
        predict(values).map(|answers| (start.elapsed(), answers))
    };
    let mut singles = windows.values.chunks(size).cycle();
    let mut single = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS + ROUNDS / 10 {
        let (took, _) = timed(singles.next().context("no windows")?)?;
        if round >= ROUNDS / 10 {
            single.push(took);
        }
    }
    let mut batch = Vec::with_capacity(BATCH_ROUNDS);
    let mut answers = Vec::new();
    for round in 0..BATCH_ROUNDS + BATCH_ROUNDS / 10 {
        let (took, said) = timed(&windows.values)?;
        if round >= BATCH_ROUNDS / 10 {
            batch.push(took);
        }
        answers = said;
    }
    Ok(Samples { engine: engine.to_owned(), single, batch, answers })
}

fn must_agree(one: &Samples, other: &Samples) -> Result<()> {
    let differ = one.answers.iter().zip(&other.answers).map(|(a, b)| (a - b).abs()).fold(0.0_f32, f32::max);
    if one.answers.len() != other.answers.len() || differ.is_nan() || differ > 1e-2 {
        bail!("{} and {} differ by {differ} cycles", one.engine, other.engine);
    }
    Ok(())
}
