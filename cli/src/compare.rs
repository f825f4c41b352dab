//! `overhaul models compare`: two versions side by side, and which is better by each figure.
//!
//! Figures are compared only where that means something: on the same test data and, for figures
//! against capped labels, under the same cap.

use overhaul_bundle::{Metadata, ModelName, VersionNumber};
use overhaul_client::{PublishedVersion, Registry};
use serde::Serialize;

use crate::output::{self, known, layers, plain, rounded, time};
use crate::told;

#[derive(Serialize)]
struct Answer {
    name: ModelName,
    versions: [PublishedVersion; 2],
    /// Why some or all figures are not compared.
    caveats: Vec<String>,
    figures: Vec<Figure>,
}

/// One figure of both versions; lower is better.
#[derive(Serialize)]
struct Figure {
    name: &'static str,
    /// `null` where it is not known.
    values: [Option<f64>; 2],
    /// The second less the first; absent where the comparison means nothing.
    difference: Option<f64>,
    /// The version with the lower value; absent when they are equal or not comparable.
    better: Option<VersionNumber>,
}

pub(crate) async fn run(
    registry: &Registry,
    name: &ModelName,
    first: VersionNumber,
    second: VersionNumber,
    json: bool,
) -> anyhow::Result<String> {
    let versions = [
        registry.version(name, first).await.map_err(told)?,
        registry.version(name, second).await.map_err(told)?,
    ];
    let answer = compare(name.clone(), versions);
    if json { output::json(&answer) } else { Ok(text(&answer)) }
}

fn compare(name: ModelName, versions: [PublishedVersion; 2]) -> Answer {
    let [a, b] = [&versions[0].metadata, &versions[1].metadata];
    let same_data = a.dataset_sha256.is_some() && a.dataset_sha256 == b.dataset_sha256;
    // Caps are settings, written down and never computed: equal ones are equal to the bit.
    let same_cap = a.rul_cap.map(f64::to_bits) == b.rul_cap.map(f64::to_bits);
    let split = |metadata: &Metadata| metadata.split_seed.or(metadata.seed);
    let same_split = split(a).is_some() && split(a) == split(b);
    let mut caveats = Vec::new();
    if !same_data {
        caveats.push(format!(
            "the versions were evaluated on different data ({} and {}, sha256 {:.8} and {:.8}): their figures do not say which is better",
            plain(&a.dataset),
            plain(&b.dataset),
            known(a.dataset_sha256),
            known(b.dataset_sha256)
        ));
    }
    if !same_cap {
        caveats.push(format!(
            "their labels were capped at {} and {} cycles: only figures against raw labels can be compared",
            known(a.rul_cap),
            known(b.rul_cap)
        ));
    }
    if !same_split {
        caveats.push(format!(
            "their units were split by seeds {} and {}, so their validation units may differ: validation RMSE is not compared",
            known(split(a)),
            known(split(b))
        ));
    }
    let figure = |name, comparable: bool, value: fn(&Metadata) -> Option<f64>| {
        let values = [value(a), value(b)];
        let difference = values[1].zip(values[0]).filter(|_| comparable).map(|(b, a)| b - a);
        let better = difference.and_then(|difference| match difference {
            d if d < 0.0 => Some(versions[1].version),
            d if d > 0.0 => Some(versions[0].version),
            _ => None,
        });
        Figure { name, values, difference, better }
    };
    let capped = same_data && same_cap;
    let figures = vec![
        figure("RMSE, capped labels", capped, |m| m.rmse),
        figure("MAE, capped labels", capped, |m| m.mae),
        figure("NASA score", capped, |m| m.nasa_score),
        figure("RMSE, raw labels", same_data, |m| m.rmse_raw),
        figure("MAE, raw labels", same_data, |m| m.mae_raw),
        figure("validation RMSE", capped && same_split, |m| m.validation_rmse),
    ];
    Answer { name, versions, caveats, figures }
}

fn text(answer: &Answer) -> String {
    let [a, b] = &answer.versions;
    let header = [format!("version {}", a.version), format!("version {}", b.version)];
    let same = |field: &str, value: fn(&PublishedVersion) -> String| {
        [field.to_owned(), value(a), value(b), String::new(), String::new()]
    };
    let mut rows = vec![
        same("type", |v| v.metadata.model_type.clone()),
        same("data set", |v| v.metadata.dataset.clone()),
        same("trained (UTC)", |v| time(v.metadata.timestamp)),
        same("window", |v| v.metadata.sequence_length.to_string()),
        same("layers", |v| layers(&v.metadata)),
        same("parameters", |v| v.metadata.parameters.to_string()),
        same("epochs", |v| known(v.metadata.epochs)),
        same("batch size", |v| known(v.metadata.batch_size)),
        same("learning rate", |v| known(v.metadata.learning_rate)),
        same("RUL cap", |v| known(v.metadata.rul_cap)),
        same("seed", |v| known(v.metadata.seed)),
    ];
    rows.extend(answer.figures.iter().map(|figure| {
        [
            figure.name.to_owned(),
            rounded(figure.values[0], 2),
            rounded(figure.values[1], 2),
            figure.difference.map_or_else(|| "-".to_owned(), |difference| format!("{difference:+.2}")),
            figure.better.map_or_else(|| "-".to_owned(), |better| format!("version {better}")),
        ]
    }));
    let table = output::table(["", &header[0], &header[1], "difference", "better (lower)"], rows);
    let mut lines = vec![plain(answer.name.as_str()), table];
    lines.extend(answer.caveats.iter().map(|caveat| format!("note: {caveat}")));
    let compared = answer.figures.iter().filter(|figure| figure.difference.is_some()).count();
    if compared > 0 {
        lines.extend([a, b].map(|version| {
            let wins = answer.figures.iter().filter(|figure| figure.better == Some(version.version)).count();
            format!("version {} is better by {wins} of {compared} compared figures", version.version)
        }));
    }
    lines.join("\n")
}
