//! What commands tell people, line by line, and programs at the end.

use anyhow::Context as _;
use serde::Serialize;

use crate::evaluate::score::Both;
use crate::evaluate::{Errors, LEVEL, NEAR_FAILURE, TestScore};

/// Where the lines for people go: standard output, or standard error when that is a program's.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    /// True when standard output holds one JSON value and nothing else.
    pub json: bool,
}

impl Console {
    /// A line for people.
    pub fn line(self, line: impl AsRef<str>) {
        if self.json {
            eprintln!("{}", line.as_ref());
        } else {
            println!("{}", line.as_ref());
        }
    }

    /// The answer for programs, if one asked.
    pub fn answer(self, answer: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            println!("{}", serde_json::to_string(answer).context("cannot write the answer")?);
        }
        Ok(())
    }

    /// The table of a test score.
    pub fn score(self, score: &TestScore, rul_cap: Option<f64>) {
        self.line(format!("test: {} units, one window each (its last), scored once", score.units));
        self.line(format!("  {:28} {:>8} {:>8} {:>12}", "", "RMSE", "MAE", "NASA score"));
        let row = |name: &str, errors: &Errors| {
            self.line(format!(
                "  {name:28} {:8.2} {:8.2} {:12.0}",
                errors.rmse, errors.mae, errors.nasa_score
            ));
        };
        let rows = |name: &str, errors: &Both| {
            row(&format!("{name}, capped RUL"), &errors.capped);
            row(&format!("{name}, RUL as it is"), &errors.raw);
        };
        rows("the model", &score.errors);
        for (name, errors) in [("ridge baseline", &score.ridge), ("constant", &score.constant)] {
            if let Some(errors) = errors {
                rows(name, errors);
            }
        }
        if let Some(cap) = rul_cap {
            self.line(format!("  capped RUL: at most {cap} cycles"));
        }
        match score.beats_ridge() {
            Some(true) => self.line("  it beats the ridge baseline"),
            Some(false) => self.line(
                "  it does NOT beat the ridge baseline: a linear model on window statistics does as well",
            ),
            None => {}
        }
        let near = &score.near_failure;
        if let (Some(rmse), Some(mae)) = (near.rmse, near.mae) {
            self.line(format!(
                "  near failure (RUL at most {NEAR_FAILURE}): RMSE {rmse:.2}, MAE {mae:.2} over {} units",
                near.units
            ));
        }
        let coverages = [("", &score.coverage), (", near failure", &near.coverage)];
        for (slice, coverage) in coverages.iter().filter_map(|(slice, each)| Some((slice, each.as_ref()?))) {
            self.line(format!(
                "  {:.0} % interval{slice}: holds {:.0} % of capped RUL, {:.0} % of RUL as it is; {:.0} cycles wide on average",
                100.0 * LEVEL,
                100.0 * coverage.capped,
                100.0 * coverage.raw,
                coverage.mean_width
            ));
        }
    }
}
