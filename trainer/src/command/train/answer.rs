//! What programs are told of a training run, and the tables over several models and seeds.

use std::path::PathBuf;

use overhaul_bundle::{ModelName, Sha256Digest, VersionNumber};
use serde::Serialize;

use crate::check::Agreement;
use crate::console::Console;
use crate::evaluate::TestScore;
use crate::page::{Run, Score, mean_and_deviation};
use crate::promote::Verdict;
use crate::train::{Settings, Trained};

/// What `--json` prints: of one model its summary, of several a list, with the promotion beside it.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    only: Option<Summary>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promotion: Option<Verdict>,
}

impl Answer {
    pub(super) fn new(mut summaries: Vec<Summary>, promotion: Option<Verdict>) -> Self {
        let only = if summaries.len() == 1 { summaries.pop() } else { None };
        Self { only, models: summaries, promotion }
    }
}

/// One version.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// The registered model's name.
    pub(super) name: ModelName,
    /// The version's number, `null` if it was not published.
    pub(super) version: Option<VersionNumber>,
    /// The architecture.
    pub(super) model_type: &'static str,
    /// The bundle's directory, `null` if it was not to stay.
    pub(super) bundle: Option<PathBuf>,
    /// Digest of the bundle's manifest.
    pub(super) bundle_sha256: Sha256Digest,
    /// Seconds that training took.
    pub(super) training_seconds: f64,
    /// The epoch whose weights these are.
    pub(super) best_epoch: u32,
    /// RMSE on the validation units, in cycles.
    pub(super) validation_rmse: f64,
    /// Trained numbers.
    pub(super) parameters: usize,
    /// Whether its test RMSE is below the ridge baseline's.
    pub(super) beats_ridge: Option<bool>,
    /// The test score.
    pub(super) metrics: TestScore,
    /// All seeds that were trained; the version is the one with the lowest validation RMSE.
    pub(super) seeds: Vec<Seed>,
    /// The golden vectors' differences, in cycles.
    pub(super) agreement: Agreement,
}

/// One seed's figures.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Seed {
    #[serde(rename = "seed")]
    pub(super) number: u64,
    validation_rmse: f64,
    rmse: f64,
    mae: f64,
    nasa_score: f64,
    rmse_raw: f64,
    mae_raw: f64,
    coverage: Option<f64>,
    near_failure_rmse: Option<f64>,
    seconds: f64,
}

impl Seed {
    pub(super) fn of(settings: &Settings, trained: &Trained, score: &TestScore, seconds: f64) -> Self {
        let (capped, raw) = (score.errors.capped, score.errors.raw);
        Self {
            number: settings.seed,
            validation_rmse: trained.validation_rmse,
            rmse: capped.rmse,
            mae: capped.mae,
            nasa_score: capped.nasa_score,
            rmse_raw: raw.rmse,
            mae_raw: raw.mae,
            coverage: score.coverage.map(|coverage| coverage.capped),
            near_failure_rmse: score.near_failure.rmse,
            seconds,
        }
    }

    /// The seed's row in a report.
    pub(super) fn run(&self) -> Run {
        let score = Score {
            rmse_capped: self.rmse,
            mae_capped: self.mae,
            nasa_score: self.nasa_score,
            rmse_raw: self.rmse_raw,
            mae_raw: self.mae_raw,
            near_failure_rmse: self.near_failure_rmse,
            validation_rmse: Some(self.validation_rmse),
        };
        Run { seed: self.number, score }
    }

    /// One line a seed, then mean and standard deviation.
    pub(super) fn table(console: Console, seeds: &[Self], chosen: u64) {
        console.line(format!(
            "  {:10} {:>11} {:>8} {:>8} {:>8} {:>9} {:>9}",
            "seed", "validation", "RMSE", "MAE", "NASA", "RMSE raw", "MAE raw"
        ));
        let figures = |each: &Self| {
            [each.validation_rmse, each.rmse, each.mae, each.nasa_score, each.rmse_raw, each.mae_raw]
        };
        let line = |name: String, [v, r, m, n, rr, mr]: [f64; 6]| {
            console.line(format!("  {name:10} {v:11.2} {r:8.2} {m:8.2} {n:8.0} {rr:9.2} {mr:9.2}"));
        };
        for each in seeds {
            let mark = if each.number == chosen { " *" } else { "" };
            line(format!("{}{mark}", each.number), figures(each));
        }
        let column = |place: usize| -> (f64, f64) {
            let values: Vec<f64> = seeds.iter().map(|each| figures(each)[place]).collect();
            mean_and_deviation(&values).unwrap_or_default()
        };
        line("mean".to_owned(), std::array::from_fn(|place| column(place).0));
        line("sd".to_owned(), std::array::from_fn(|place| column(place).1));
        console.line("  * chosen by its validation RMSE; the test set chose nothing");
    }
}

/// One line a model.
pub(super) fn table(console: Console, summaries: &[Summary]) {
    console.line(format!(
        "{:12} {:>7} {:>11} {:>8} {:>8} {:>8} {:>9} {:>9}  {}",
        "model", "version", "validation", "RMSE", "MAE", "NASA", "RMSE raw", "MAE raw", "beats ridge"
    ));
    for each in summaries {
        let (capped, raw) = (each.metrics.errors.capped, each.metrics.errors.raw);
        console.line(format!(
            "{:12} {:>7} {:11.2} {:8.2} {:8.2} {:8.0} {:9.2} {:9.2}  {}",
            each.model_type,
            each.version.map_or_else(|| "-".to_owned(), |version| version.to_string()),
            each.validation_rmse,
            capped.rmse,
            capped.mae,
            capped.nasa_score,
            raw.rmse,
            raw.mae,
            each.beats_ridge.map_or("-", |beats| if beats { "yes" } else { "NO" })
        ));
    }
}
