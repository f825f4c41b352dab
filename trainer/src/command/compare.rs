//! `compare`: two published versions on the same test units, with an interval around the difference.

use overhaul_bundle::{Mistake, ModelName, VersionNumber};
use overhaul_client::Registry;
use serde::Serialize;

use super::evaluate::USUAL_CAP;
use crate::cli::CompareArguments;
use crate::console::Console;
use crate::evaluate::bootstrap::PairedDifference;
use crate::evaluate::{TestScore, capped};
use crate::pulled::{Pulled, runtime, told};

#[derive(Serialize)]
struct Side {
    version: VersionNumber,
    model_type: String,
    metrics: TestScore,
}

#[derive(Serialize)]
struct Answer {
    name: ModelName,
    dataset: String,
    units: usize,
    rul_cap: f64,
    versions: [Side; 2],
    /// Second less first, against capped labels.
    capped: PairedDifference,
    /// Second less first, against labels as they are.
    raw: PairedDifference,
}

pub(super) fn compare_command(arguments: &CompareArguments) -> anyhow::Result<()> {
    let console = Console { json: arguments.json };
    let dataset = arguments.data.load()?;
    let registry = Registry::with_env(&arguments.registry.registry).map_err(told)?;
    let (runtime, name) = (runtime()?, &arguments.registry.name);
    let pull = |version| -> anyhow::Result<(Pulled, Vec<f32>)> {
        let pulled = Pulled::fetch(&registry, &runtime, name, version)?;
        pulled.check(&dataset.schema)?;
        let predicted = pulled.predict_last(&dataset.test)?;
        Ok((pulled, predicted))
    };
    let (first, second) = (pull(arguments.first)?, pull(arguments.second)?);
    let caps = [&first, &second].map(|(pulled, _)| pulled.metadata.rul_cap);
    let cap = match caps {
        [Some(a), Some(b)] if a.to_bits() != b.to_bits() => {
            return Err(Mistake::new(format!(
                "versions {} and {} were trained under RUL caps of {a} and {b} cycles; compare versions of one cap",
                arguments.first, arguments.second
            ))
            .into());
        }
        [a, b] => a.or(b).unwrap_or(USUAL_CAP),
    };
    let truth = &dataset.test_remaining;
    let side = |version, (pulled, predicted): &(Pulled, Vec<f32>)| -> anyhow::Result<Side> {
        let interval = pulled.bundle.interval()?;
        let metrics = TestScore::new(predicted, truth, cap, interval.as_ref(), None);
        Ok(Side { version, model_type: pulled.metadata.model_type.clone(), metrics })
    };
    let answer = Answer {
        name: name.clone(),
        dataset: dataset.subset.clone(),
        units: truth.len(),
        rul_cap: cap,
        versions: [side(arguments.first, &first)?, side(arguments.second, &second)?],
        capped: PairedDifference::new(&first.1, &second.1, &capped(truth, cap)),
        raw: PairedDifference::new(&first.1, &second.1, truth),
    };
    tell(console, &answer);
    console.answer(&answer)
}

/// A figure of one side.
type Figure = fn(&Side) -> f64;

fn tell(console: Console, answer: &Answer) {
    let [a, b] = &answer.versions;
    console.line(format!(
        "{} on {}: {} test units, their last windows",
        answer.name, answer.dataset, answer.units
    ));
    let header = |side: &Side| format!("version {}, {}", side.version, side.model_type);
    console.line(format!("  {:24} {:>24} {:>24}", "", header(a), header(b)));
    let figures: [(&str, Figure); 6] = [
        ("RMSE, capped RUL", |side| side.metrics.errors.capped.rmse),
        ("MAE, capped RUL", |side| side.metrics.errors.capped.mae),
        ("NASA score, capped RUL", |side| side.metrics.errors.capped.nasa_score),
        ("RMSE, RUL as it is", |side| side.metrics.errors.raw.rmse),
        ("MAE, RUL as it is", |side| side.metrics.errors.raw.mae),
        ("NASA score, as it is", |side| side.metrics.errors.raw.nasa_score),
    ];
    for (name, figure) in figures {
        console.line(format!("  {name:24} {:24.2} {:24.2}", figure(a), figure(b)));
    }
    for (name, difference) in [("capped RUL", &answer.capped), ("RUL as it is", &answer.raw)] {
        let PairedDifference { difference: by, lower, upper, second_better } = difference;
        let verdict = match (difference.is_sure(), *by < 0.0) {
            (true, true) => format!("version {} is better", b.version),
            (true, false) => format!("version {} is better", a.version),
            (false, _) => "neither is clearly better on these units".to_owned(),
        };
        console.line(format!(
            "  RMSE of version {} less version {}, {name}: {by:+.2} cycles, 95 % interval {lower:+.2} to {upper:+.2} (better in {:.0} % of draws): {verdict}",
            b.version,
            a.version,
            100.0 * second_better
        ));
    }
}
