//! What a training run tells people, stage by stage, and programs at its end.

use std::path::PathBuf;

use overhaul_bundle::{ModelName, VersionNumber};
use serde::Serialize;

use crate::check::Agreement;
use crate::evaluate::{Errors, TestScore};

/// Where the lines for people go: standard output, or standard error when that is a program's.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// True when standard output holds one JSON object and nothing else.
    pub json: bool,
}

impl Report {
    /// A line for people.
    pub fn line(self, line: impl AsRef<str>) {
        if self.json {
            eprintln!("{}", line.as_ref());
        } else {
            println!("{}", line.as_ref());
        }
    }

    /// The table of the test score.
    pub fn score(self, score: &TestScore, rul_cap: f64) {
        self.line(format!("test: {} units, one window each (its last), scored once", score.units));
        self.line(format!("  {:28} {:>8} {:>8} {:>12}", "", "RMSE", "MAE", "NASA score"));
        let row = |name: &str, errors: &Errors| {
            self.line(format!(
                "  {name:28} {:8.2} {:8.2} {:12.0}",
                errors.rmse, errors.mae, errors.nasa_score
            ));
        };
        row(&format!("RUL capped at {rul_cap}"), &score.capped);
        row("RUL as it is", &score.raw);
        row("constant, capped", &score.constant_capped);
        row("constant, as it is", &score.constant_raw);
        if let Some(rmse) = score.near_failure_rmse {
            let limit = crate::evaluate::NEAR_FAILURE;
            self.line(format!(
                "  near failure (RUL at most {limit}): RMSE {rmse:.2} over {} units",
                score.near_failure_units
            ));
        }
        self.line(format!(
            "  90 % interval: holds {:.0} % of capped RUL, {:.0} % of RUL as it is; {:.0} cycles wide on average",
            100.0 * score.coverage_capped,
            100.0 * score.coverage_raw,
            score.mean_width
        ));
    }
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The registered model's name.
    pub name: ModelName,
    /// The version's number, `null` if it was not published.
    pub version: Option<VersionNumber>,
    /// The architecture.
    pub model_type: &'static str,
    /// The bundle's directory, `null` if it was not to stay.
    pub bundle: Option<PathBuf>,
    /// Digest of the bundle's manifest.
    pub bundle_sha256: overhaul_bundle::Sha256Digest,
    /// Seconds that training took.
    pub training_seconds: f64,
    /// The epoch whose weights these are.
    pub best_epoch: u32,
    /// RMSE on the validation units, in cycles.
    pub validation_rmse: f64,
    /// The test score.
    pub metrics: TestScore,
    /// The golden vectors' differences, in cycles.
    pub agreement: Agreement,
}
