//! A device: its metrics by name and alias, each with its last value.

use std::collections::HashSet;
use std::sync::Arc;

use super::payload::Metric;

/// The most metrics of a device.
const MAX_METRICS: usize = 2000;

/// The most names that are kept once for all devices.
const MAX_NAMES: usize = 50_000;

/// A device since its birth.
#[derive(Default)]
pub(super) struct Device {
    metrics: Vec<Known>,
}

struct Known {
    name: Arc<str>,
    alias: Option<u64>,
    datatype: Option<u32>,
    value: Option<f64>,
}

/// A metric that was not in the birth.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown;

impl Device {
    /// A device with the metrics of its birth; `names` are kept once for all devices.
    pub(super) fn born(metrics: &[Metric], names: &mut HashSet<Arc<str>>) -> Result<Self, String> {
        if metrics.len() > MAX_METRICS {
            return Err(format!("it has {} metrics; {MAX_METRICS} are taken at most", metrics.len()));
        }
        if names.len() >= MAX_NAMES {
            names.retain(|name| Arc::strong_count(name) > 1);
        }
        let mut device = Self { metrics: Vec::with_capacity(metrics.len()) };
        for metric in metrics {
            let Some(name) = &metric.name else {
                return Err("a metric of its birth has no name".to_owned());
            };
            let name = names.get(name.as_str()).cloned().unwrap_or_else(|| {
                let name: Arc<str> = name.as_str().into();
                if names.len() < MAX_NAMES {
                    names.insert(Arc::clone(&name));
                }
                name
            });
            let (alias, datatype, value) = (metric.alias, metric.datatype, metric.number(None));
            device.metrics.push(Known { name, alias, datatype, value });
        }
        Ok(device)
    }

    /// Takes the values of metrics that changed; all of them, or none.
    pub(super) fn update(&mut self, metrics: &[Metric]) -> Result<(), Unknown> {
        let places: Option<Vec<usize>> = metrics.iter().map(|metric| self.place(metric)).collect();
        for (place, metric) in places.ok_or(Unknown)?.into_iter().zip(metrics) {
            let known = &mut self.metrics[place];
            known.value = metric.number(known.datatype);
        }
        Ok(())
    }

    /// How many metrics it has.
    pub(super) fn len(&self) -> usize {
        self.metrics.len()
    }

    /// Whether it has a metric of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.metrics.iter().any(|known| *known.name == *name)
    }

    /// Whether one of these metrics is the one of this name.
    pub(super) fn is_among(&self, name: &str, metrics: &[Metric]) -> bool {
        metrics.iter().filter_map(|metric| self.place(metric)).any(|place| *self.metrics[place].name == *name)
    }

    /// The last value of a metric, if it has one and is a number.
    pub(super) fn value(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|known| *known.name == *name)?.value
    }

    /// All metrics with their last values.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, Option<f64>)> {
        self.metrics.iter().map(|known| (&*known.name, known.value))
    }

    /// Where a metric is that a message names, or has the alias of.
    fn place(&self, metric: &Metric) -> Option<usize> {
        self.metrics.iter().position(|known| match (&metric.name, metric.alias) {
            (Some(name), _) => *known.name == **name,
            (None, Some(alias)) => known.alias == Some(alias),
            (None, None) => false,
        })
    }
}
