//! What asks the gateway: batches, single windows, and readings of units; every answer is judged.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use overhaul_tests::MODEL;
use serde_json::{Value, json};

use super::models::Models;
use crate::load::{Connection, Sent};

/// Connections that ask for batches, for single windows and for units' answers.
const BATCHES: usize = 3;
const SINGLES: usize = 2;
const READINGS: usize = 1;
/// Units that send readings.
const UNITS: u64 = 500;

/// What asks the gateway.
pub(super) struct Traffic<'a> {
    address: &'a str,
    models: &'a Models,
    most: u64,
    predictions: AtomicU64,
    batch: Bytes,
    singles: Vec<Bytes>,
    readings: Vec<Vec<f32>>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answered {
    pub(super) predictions: u64,
    pub(super) requests: u64,
    /// Requests that were not answered, or with an error.
    pub(super) lost: u64,
    /// Answers that are not what the version that they name says.
    pub(super) wrong: u64,
}

/// The same while it is counted, by one thread.
#[derive(Default)]
struct Counts {
    requests: Cell<u64>,
    lost: Cell<u64>,
    wrong: Cell<u64>,
}

impl<'a> Traffic<'a> {
    /// Traffic of so many predictions.
    pub(super) fn new(address: &'a str, models: &'a Models, most: u64) -> Self {
        let size = models.length * models.features;
        let count = models.windows.len() / size;
        let shape = [count, models.length, models.features];
        let input = json!({ "name": "window", "shape": shape, "datatype": "FP32", "data": models.windows });
        let windows = models.windows.chunks(size);
        let single = |window: &[f32]| {
            let rows: Vec<&[f32]> = window.chunks(models.features).collect();
            Bytes::from(json!({ "sensor_data": rows }).to_string())
        };
        Self {
            address,
            models,
            most,
            predictions: AtomicU64::new(0),
            batch: Bytes::from(json!({ "inputs": [input] }).to_string()),
            singles: windows.map(single).collect(),
            readings: models.windows.chunks(models.features).map(<[f32]>::to_vec).collect(),
        }
    }

    /// Predictions that were answered until now.
    pub(super) fn predictions(&self) -> u64 {
        self.predictions.load(Ordering::Relaxed)
    }

    /// Asks until there were enough predictions.
    pub(super) fn run(&self) -> Result<Answered> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let counts = Counts::default();
        let counted = &counts;
        runtime.block_on(async {
            let batches = (0..BATCHES).map(|_| self.ask(counted, |_| self.batch(), |a, _| self.of_batch(a)));
            let singles = (0..SINGLES)
                .map(|_| self.ask(counted, |n| self.single(n), |a, n| Some((1, self.of_single(a, n)?))));
            let readings =
                (0..READINGS).map(|_| self.ask(counted, |n| self.reading(n), |a, _| of_reading(a)));
            futures::future::try_join3(
                futures::future::try_join_all(batches),
                futures::future::try_join_all(singles),
                futures::future::try_join_all(readings),
            )
            .await
        })?;
        Ok(Answered {
            predictions: self.predictions(),
            requests: counts.requests.get(),
            lost: counts.lost.get(),
            wrong: counts.wrong.get(),
        })
    }

    /// One connection. `judge` says of an answer how many predictions it holds and whether they are right.
    async fn ask(
        &self,
        counts: &Counts,
        request: impl Fn(u64) -> Result<Sent>,
        judge: impl Fn(&Value, u64) -> Option<(u64, bool)>,
    ) -> Result<()> {
        let mut connection = Connection::open(self.address).await?;
        for n in 0.. {
            if self.predictions() >= self.most {
                return Ok(());
            }
            counts.requests.set(counts.requests.get() + 1);
            let answer = match connection.ask(request(n)?).await {
                Ok(answer) => answer,
                Err(error) => {
                    counts.lost.set(counts.lost.get() + 1);
                    eprintln!("a request was lost: {error:#}");
                    connection = Connection::open(self.address).await?;
                    continue;
                }
            };
            let answer: Value = serde_json::from_slice(&answer).context("an answer that is no JSON")?;
            let (count, right) = judge(&answer, n).unwrap_or((0, false));
            self.predictions.fetch_add(count, Ordering::Relaxed);
            if !right {
                counts.wrong.set(counts.wrong.get() + 1);
                eprintln!("a wrong answer: {answer}");
            }
        }
        Ok(())
    }

    fn post(&self, path: &str, body: Bytes) -> Result<Sent> {
        let request = Request::post(path).header(HOST, self.address).header(CONTENT_TYPE, "application/json");
        Ok(request.body(Full::from(body))?)
    }

    fn batch(&self) -> Result<Sent> {
        self.post(&format!("/v2/models/{MODEL}/infer"), self.batch.clone())
    }

    fn of_batch(&self, answer: &Value) -> Option<(u64, bool)> {
        let version: u64 = answer["model_version"].as_str()?.parse().ok()?;
        let outputs = answer["outputs"].as_array()?;
        let ruls = outputs.iter().find(|output| output["name"] == "rul")?["data"].as_array()?;
        let right = ruls
            .iter()
            .enumerate()
            .all(|(place, rul)| rul.as_f64().is_some_and(|rul| self.models.is_right(version, place, rul)));
        Some((
            ruls.len() as u64,
            right && ruls.len() * self.models.length * self.models.features == self.models.windows.len(),
        ))
    }

    fn single(&self, n: u64) -> Result<Sent> {
        self.post("/predict/simple", self.singles[n as usize % self.singles.len()].clone())
    }

    fn of_single(&self, answer: &Value, n: u64) -> Option<bool> {
        let (version, rul) = (answer["model_version"].as_u64()?, answer["predicted_rul"].as_f64()?);
        Some(self.models.is_right(version, n as usize % self.singles.len(), rul))
    }

    /// Each unit in its turn gets its next cycle.
    fn reading(&self, n: u64) -> Result<Sent> {
        let (unit, cycle) = (n % UNITS, n / UNITS + 1);
        let values = &self.readings[cycle as usize % self.readings.len()];
        let body = json!({ "cycle": cycle, "values": values });
        self.post(&format!("/units/unit-{unit}/readings"), Bytes::from(body.to_string()))
    }
}

/// What a unit is answered depends on its window, so that only its form is judged.
fn of_reading(answer: &Value) -> Option<(u64, bool)> {
    Some((1, answer["predicted_rul"].as_f64()?.is_finite() && answer["accepted"] == 1))
}
