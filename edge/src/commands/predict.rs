//! `overhaul-edge predict`: from a CSV file of readings to RUL, once.

use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use overhaul_bundle::{Bundle, Mistake};
use overhaul_edge::load;
use overhaul_edge::model::{ConfidenceInterval, Prediction};
use overhaul_edge::readings::table;
use overhaul_edge::sandbox::CompiledCache;
use serde::Serialize;

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
    let cache = arguments.data_dir.as_deref().map(compiled).transpose()?;
    let model = load::own(&bundle, arguments.component.as_deref(), cache.as_ref())?;
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

/// The compiled components of an agent's directory.
pub(super) fn compiled(directory: &Path) -> anyhow::Result<CompiledCache> {
    if !directory.is_dir() {
        let line = format!("the data directory {} is not there; name an agent's", directory.display());
        return Err(Mistake::new(line).into());
    }
    CompiledCache::open(directory)
        .with_context(|| format!("cannot use the compiled components in {}", directory.display()))
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
