//! The gateway as those see it who have readings and want a prediction.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::data::Unit;
use super::http::Connection;

/// How long a gateway may take until it has pulled, verified and compiled its first version.
const FIRST_VERSION: Duration = Duration::from_mins(5);

/// A connection to a gateway.
pub(super) struct Gateway(Connection);

/// One answer of a gateway.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// Cycles.
    pub(super) predicted_rul: f64,
    /// Cycles, from and to.
    pub(super) interval: (f64, f64),
    /// The version that answered, by its own word.
    pub(super) version: String,
    /// The version's model type.
    pub(super) model_type: String,
}

impl Gateway {
    /// A connection to the gateway at `url`.
    pub(super) fn new(url: &str) -> Self {
        Self(Connection::new(url))
    }

    /// Waits until the gateway has a version to predict with, and answers its first prediction.
    pub(super) fn first_prediction(&self, body: &str) -> Result<Answer> {
        let start = Instant::now();
        loop {
            match self.predict(body) {
                Ok(answer) => return Ok(answer),
                Err(error) if start.elapsed() > FIRST_VERSION => {
                    return Err(error.context("the gateway does not predict"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Predicts with a request that [`request`] made.
    pub(super) fn predict(&self, body: &str) -> Result<Answer> {
        read(&self.0.post_json("/predict/simple", body)?)
    }
}

/// The request for a unit's readings.
pub(super) fn request(unit: &Unit) -> String {
    json!({ "sensor_data": unit.readings }).to_string()
}

fn read(answer: &Value) -> Result<Answer> {
    let number = |name: &str| {
        answer.pointer(name).and_then(Value::as_f64).with_context(|| format!("no number {name} in {answer}"))
    };
    let version = match &answer["model_version"] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => bail!("no model_version in {answer}"),
    };
    Ok(Answer {
        predicted_rul: number("/predicted_rul")?,
        interval: (number("/confidence_interval/lower")?, number("/confidence_interval/upper")?),
        version,
        model_type: answer["model_type"].as_str().context("no model_type")?.to_owned(),
    })
}
