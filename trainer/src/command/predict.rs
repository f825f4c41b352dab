//! `predict`: a published version on a CSV file of readings.

use overhaul_client::Registry;
use overhaul_edge::readings::table;
use serde::Serialize;

use crate::cli::PredictArguments;
use crate::console::Console;
use crate::data::Unit;
use crate::pulled::{Pulled, runtime, told};

#[derive(Serialize)]
struct Answer {
    /// Absent when the file has no column `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    cycles: usize,
    predicted_rul: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<f64>,
}

pub(super) fn predict_command(arguments: &PredictArguments) -> anyhow::Result<()> {
    let console = Console { json: arguments.json };
    let registry = Registry::with_env(&arguments.registry.registry).map_err(told)?;
    let pulled = Pulled::fetch(&registry, &runtime()?, &arguments.registry.name, arguments.version)?;
    let columns = &pulled.metadata.feature_columns;
    let read = table::read(&arguments.input, columns)?;
    let units: Vec<Unit> = (1..)
        .zip(&read)
        .map(|(id, unit)| Unit {
            id,
            name: unit.unit.clone().unwrap_or_default(),
            features: columns.len(),
            readings: unit.readings.clone(),
        })
        .collect();
    let predicted = pulled.predict_last(&units)?;
    let interval = pulled.bundle.interval()?;
    let answers: Vec<Answer> = read
        .into_iter()
        .zip(&units)
        .zip(predicted)
        .map(|((read, unit), rul)| {
            let ends = interval.as_ref().map(|interval| interval.around(f64::from(rul)));
            Answer {
                unit: read.unit,
                cycles: unit.cycles(),
                predicted_rul: rul.max(0.0),
                lower: ends.map(|(lower, _)| lower),
                upper: ends.map(|(_, upper)| upper),
            }
        })
        .collect();
    for answer in &answers {
        let unit = answer.unit.as_ref().map(|unit| format!("unit {unit}: ")).unwrap_or_default();
        let interval = answer.lower.zip(answer.upper).zip(interval.as_ref());
        let interval = interval.map(|((lower, upper), interval)| {
            format!(", {:.0} % interval {lower:.1} to {upper:.1}", 100.0 * interval.level)
        });
        console.line(format!("{unit}RUL {:.1} cycles{}", answer.predicted_rul, interval.unwrap_or_default()));
    }
    console.answer(&answers)
}
