//! All models on all subsets, over three seeds, each with a split of its own.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Result, anyhow};
use serde_json::Value;

use super::aims;
use super::training::{CPU, Place, Training};
use crate::statistics::mean_and_deviation;

/// Each decides the weights and the split.
const SEEDS: [u64; 3] = [1, 2, 3];
const SUBSETS: [&str; 3] = ["FD001", "FD002", "FD004"];

/// Where a model is measured: an epoch of the larger subsets takes a recurrent network ten times as long.
#[derive(Clone, Copy, PartialEq)]
enum Measured {
    /// On all subsets, and in a quick run.
    Everywhere,
    /// On the first subset.
    First,
}

/// A `--model`, with a window if not its own.
struct Model {
    name: &'static str,
    flag: &'static str,
    window: Option<usize>,
    measured: Measured,
}

/// The slow ones first, so that none of them is waited for alone in the end.
const MODELS: [Model; 6] = [
    Model { name: "BiLSTM", flag: "bilstm", window: None, measured: Measured::First },
    Model { name: "GRU", flag: "gru", window: Some(50), measured: Measured::First },
    Model { name: "LSTM", flag: "lstm", window: None, measured: Measured::First },
    Model { name: "GRU", flag: "gru", window: Some(30), measured: Measured::Everywhere },
    Model { name: "Transformer", flag: "transformer", window: None, measured: Measured::First },
    Model { name: "trend", flag: "trend", window: None, measured: Measured::Everywhere },
];

/// One model on one subset, over the seeds.
pub(super) struct Row {
    pub(super) subset: &'static str,
    pub(super) name: &'static str,
    pub(super) window: usize,
    parameters: u64,
    trainings: Vec<Training>,
}

/// The subsets that are measured.
pub(super) fn subsets(quick: bool) -> &'static [&'static str] {
    if quick { &SUBSETS[..1] } else { &SUBSETS }
}

/// Measures, and prints tables of each subset as soon as it is done.
pub(super) fn run(place: &Place, quick: bool) -> Result<()> {
    let mut all = Vec::new();
    for subset in subsets(quick) {
        let rows = measure(place, subset, quick)?;
        print(subset, &rows);
        all.extend(rows);
    }
    aims::print(&all);
    Ok(())
}

/// The rows of one subset, best validation RMSE first.
fn measure(place: &Place, subset: &'static str, quick: bool) -> Result<Vec<Row>> {
    let models: Vec<&Model> = MODELS
        .iter()
        .filter(|model| model.measured == Measured::Everywhere || (!quick && subset == SUBSETS[0]))
        .collect();
    let jobs: Vec<(&Model, u64)> = models.iter().flat_map(|model| SEEDS.map(|seed| (*model, seed))).collect();
    let mut trainings = in_parallel(&jobs, |(model, seed)| {
        let training = train(place, subset, model, *seed)?;
        eprintln!(
            "{subset}, {}, window {}, seed {seed}: validation RMSE {:.2}, {:.0} s",
            model.name,
            training.metadata.sequence_length,
            number(&training.answer, "/validation_rmse"),
            number(&training.answer, "/training_seconds"),
        );
        Ok(training)
    })?
    .into_iter();
    let row = |model: &&Model| {
        let trainings: Vec<Training> = trainings.by_ref().take(SEEDS.len()).collect();
        let metadata = &trainings.first().ok_or_else(|| anyhow!("no training"))?.metadata;
        let (window, parameters) = (metadata.sequence_length, metadata.parameters);
        Ok(Row { subset, name: model.name, window, parameters, trainings })
    };
    let mut rows = models.iter().map(row).collect::<Result<Vec<Row>>>()?;
    rows.sort_by(|a, b| a.validation_rmse().total_cmp(&b.validation_rmse()));
    Ok(rows)
}

fn train(place: &Place, subset: &str, model: &Model, seed: u64) -> Result<Training> {
    let seed = seed.to_string();
    let flags =
        ["--subset", subset, "--model", model.flag, "--device", CPU, "--seed", &seed, "--split-seed", &seed];
    let mut arguments = flags.map(str::to_owned).to_vec();
    arguments
        .extend(model.window.iter().flat_map(|window| ["--sequence-length".to_owned(), window.to_string()]));
    place.train(&arguments, None)
}

/// Does jobs on all processors, each with one thread; the first that fails keeps the rest from being begun.
fn in_parallel<J: Sync, T: Send>(jobs: &[J], work: impl Fn(&J) -> Result<T> + Sync) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else { return Ok(done) };
            let result = work(job).inspect_err(|_| next.store(jobs.len(), Ordering::Relaxed))?;
            done.push((place, result));
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        let results =
            workers.into_iter().map(|worker| worker.join().map_err(|_| anyhow!("a thread panicked"))?);
        results.collect::<Result<Vec<_>>>()
    })?
    .into_iter()
    .flatten()
    .collect();
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

fn print(subset: &str, rows: &[Row]) {
    println!(
        "| {subset}, seeds {SEEDS:?} | window | RMSE on validation units | RMSE | ridge's RMSE | NASA score | MAE | RMSE near failure | RMSE, raw labels | MAE, raw labels |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in rows {
        let test = [
            ("/validation_rmse", 2),
            ("/metrics/capped/rmse", 2),
            ("/metrics/ridge/capped/rmse", 2),
            ("/metrics/capped/nasa_score", 0),
            ("/metrics/capped/mae", 2),
            ("/metrics/near_failure/rmse", 2),
            ("/metrics/raw/rmse", 2),
            ("/metrics/raw/mae", 2),
        ];
        println!(
            "| {} | {} | {} |",
            row.name,
            row.window,
            test.map(|(of, digits)| row.shown(of, digits)).join(" | ")
        );
    }
    println!(
        "\n| {subset} | window | interval holds, capped labels | interval holds, raw labels | its mean width | parameters | an epoch |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in rows {
        let seconds: Vec<f64> = row.trainings.iter().map(Training::epoch_seconds).collect();
        println!(
            "| {} | {} | {} | {} | {} cycles | {} | {:.1} s |",
            row.name,
            row.window,
            row.percent("/metrics/coverage/capped"),
            row.percent("/metrics/coverage/raw"),
            row.shown("/metrics/coverage/mean_width", 1),
            row.parameters,
            mean_and_deviation(&seconds).0
        );
    }
    println!();
}

impl Row {
    /// What models are chosen by.
    pub(super) fn validation_rmse(&self) -> f64 {
        self.statistics("/validation_rmse").0
    }

    /// Mean and deviation over the seeds of a number in the trainer's answer.
    pub(super) fn statistics(&self, pointer: &str) -> (f64, f64) {
        let values: Vec<f64> =
            self.trainings.iter().map(|training| number(&training.answer, pointer)).collect();
        mean_and_deviation(&values)
    }

    pub(super) fn shown(&self, pointer: &str, digits: usize) -> String {
        let (mean, deviation) = self.statistics(pointer);
        format!("{mean:.digits$} ± {deviation:.digits$}")
    }

    pub(super) fn percent(&self, pointer: &str) -> String {
        let (mean, deviation) = self.statistics(pointer);
        format!("{:.1} ± {:.1} %", 100.0 * mean, 100.0 * deviation)
    }
}

/// A number in an answer; one that is not there is none.
fn number(answer: &Value, pointer: &str) -> f64 {
    answer.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_done_in_parallel_keep_their_order_and_the_first_failure_ends_them() {
        let jobs: Vec<u32> = (0..50).collect();
        assert_eq!(
            in_parallel(&jobs, |job| Ok(job * 2)).unwrap(),
            jobs.iter().map(|job| job * 2).collect::<Vec<_>>()
        );
        let begun = AtomicUsize::new(0);
        let failed = in_parallel(&jobs, |_| -> Result<()> {
            begun.fetch_add(1, Ordering::Relaxed);
            Err(anyhow!("no memory"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no memory");
        assert!(begun.into_inner() <= thread::available_parallelism().map_or(1, NonZero::get));
    }
}
