//! What a page is made of: the run, its measurements, how to repeat it.

use super::measured::{Epoch, Interval, Life, Run, Score, TestUnit};

/// Everything that a page shows. All RULs and errors are in cycles; all numbers are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What was trained, where and when.
    pub header: Header,
    /// The ceiling on training targets, in cycles, above 0.
    pub rul_cap: f64,
    /// Units with at most this many cycles left are near failure.
    pub near_failure: f64,
    /// The run whose weights this model has.
    pub run: Run,
    /// Runs with the same settings and other seeds, whose weights were thrown away.
    pub other_runs: Vec<Run>,
    /// The ridge regression on window statistics; `None` if it was not fitted.
    pub ridge: Option<Score>,
    /// The constant that is best on the training labels.
    pub constant: Score,
    /// The epochs of the run, from the first.
    pub epochs: Vec<Epoch>,
    /// The epoch whose weights these are, from 1.
    pub best_epoch: u32,
    /// The last window of each test unit.
    pub test: Vec<TestUnit>,
    /// The interval's level and bins; `None` if the model was not calibrated.
    pub interval: Option<Interval>,
    /// Validation units; the page shows at most twelve of them.
    pub lives: Vec<Life>,
    /// How to get the same model again.
    pub reproduce: Reproduce,
}

/// What was trained, where and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The registered model's name.
    pub name: String,
    /// The number that the registry handed out; `None` while there is none.
    pub version: Option<u64>,
    /// The architecture, such as `GRU`.
    pub architecture: String,
    /// The data set, such as `FD001`.
    pub dataset: String,
    /// Readings in one window.
    pub window: usize,
    /// Numbers in one reading.
    pub features: usize,
    /// Trained parameters.
    pub parameters: u64,
    /// Where it was trained, such as `cpu` or `cuda:0`.
    pub device: String,
    /// Seconds that training took.
    pub training_seconds: f64,
    /// When training ended, as the reader shall see it, such as `2026-03-21 14:05 UTC`.
    pub timestamp: String,
    /// The trainer's version, such as `overhaul-trainer 0.1.0`.
    pub trainer: String,
}

/// How to get the same model again.
#[derive(Debug, Clone, PartialEq)]
pub struct Reproduce {
    /// The command line.
    pub command: String,
    /// Settings by name, in the order in which to show them.
    pub settings: Vec<(String, String)>,
    /// SHA-256 of the data set's files, in hexadecimal.
    pub dataset_sha256: String,
    /// The commit that the trainer was built from, if known.
    pub git_commit: Option<String>,
    /// Units that the weights were trained on.
    pub training_units: usize,
    /// Units that chose the epoch.
    pub validation_units: usize,
    /// Units that the interval was calibrated on.
    pub calibration_units: usize,
}

impl Report {
    /// All runs, this model's first.
    pub(super) fn runs(&self) -> impl Iterator<Item = &Run> {
        std::iter::once(&self.run).chain(&self.other_runs)
    }

    /// The test units that are near failure.
    pub(super) fn near_failure_units(&self) -> impl Iterator<Item = &TestUnit> {
        self.test.iter().filter(|unit| unit.last.truth <= self.near_failure)
    }
}
