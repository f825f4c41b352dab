//! `overhaul-edge predict`: from a CSV file of readings to RUL, once.

use std::io::{Write as _, stdout};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use overhaul_bundle::Bundle;
use overhaul_edge::load;
use overhaul_edge::model::{ConfidenceInterval, Prediction};
use overhaul_edge::readings::table;
use overhaul_edge::sandbox::CompileLimits;
use serde::Serialize;

use super::compiled;

#[derive(Args)]
pub(crate) struct Predict {
    /// The bundle to predict with.
    #[arg(long, value_name = "DIR")]
    bundle: PathBuf,
    /// A CSV file whose header names the model's columns; with a `unit` column, one prediction a unit.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Print a JSON list instead of lines.
    #[arg(long)]
    json: bool,
    /// Use this agent directory's compiled component instead of compiling.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The component to run, instead of the one beside this program.
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
}

#[derive(Serialize)]
struct Answer {
    unit: Option<String>,
    cycles: usize,
    #[serde(flatten)]
    prediction: Prediction,
}

pub(crate) fn predict(arguments: &Predict) -> anyhow::Result<()> {
    let bundle = Bundle::open(&arguments.bundle)?;
    let columns = bundle.metadata()?.feature_columns;
    let units = table::read(&arguments.input, &columns)?;
    let cache = compiled(arguments.data_dir.as_deref(), CompileLimits::default())?;
    let model = load::own(&bundle, arguments.component.as_deref(), &cache)?;
    let mut answers = Vec::with_capacity(units.len());
    for unit in units {
        let window = model.window(&unit.readings)?;
        for prediction in model.predict_blocking(vec![window])? {
            let (unit, cycles) = (unit.unit.clone(), unit.readings.len() / columns.len());
            answers.push(Answer { unit, cycles, prediction });
        }
    }
    print(arguments.json, &answers, model.metadata().sequence_length).context("cannot print the predictions")
}

fn print(json: bool, answers: &[Answer], window: usize) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, answers)?;
        return writeln!(out);
    }
    for Answer { unit, cycles, prediction } in answers {
        let unit = unit.as_ref().map(|unit| format!("unit {unit}: ")).unwrap_or_default();
        write!(out, "{unit}RUL {:.1} cycles", prediction.predicted_rul)?;
        if let Some(ConfidenceInterval { lower, upper, level }) = &prediction.confidence_interval {
            write!(out, ", {:.0} % interval {lower:.1} to {upper:.1}", level * 100.0)?;
        }
        if prediction.padded_rows > 0 {
            write!(out, " (padded: {cycles} readings for a window of {window})")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
