//! What Prometheus is told.
//!
//! | module | holds |
//! | --- | --- |
//! | `requests` | requests by route, method and status, counted and timed |
//! | `process` | what the system says of this process |
//!
//! Labels have few values: routes are templates such as `/api/v1/models/{name}`, never paths, and a method or a path
//! that is none counts as `other`.

use std::sync::Arc;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::store::Store;

mod process;
mod requests;

pub(crate) use requests::measure;

/// The registry's metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: requests::Requests,
    received: Counter,
    served: Counter,
    reports: Counter,
    models: Gauge,
    versions: Gauge,
    queue: Gauge,
    memory: Gauge,
    files: Gauge,
}

/// What is counted in the database when somebody asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) models: i64,
    pub(crate) versions: i64,
}

impl Metrics {
    /// The metrics of a registry that starts now.
    pub fn new(store: &Store) -> Self {
        let mut registry = Registry::default();
        let requests = requests::Requests::register(registry.sub_registry_with_prefix("overhaul_http"));
        let own = registry.sub_registry_with_prefix("overhaul");
        let release = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        own.register("build", "The release of this registry", release);
        let gauge = |registry: &mut Registry, name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let models = gauge(own, "registered_models", "Registered models");
        let versions = gauge(own, "model_versions", "Versions of registered models");
        let queue = gauge(own, "database_waiting_changes", "Changes that wait to be made in the database");
        let batches = store.batches();
        own.register(
            "database_batch_changes",
            "Changes that shared one transaction",
            batches.changes.clone(),
        );
        own.register_with_unit(
            "database_batch_duration",
            "How long a transaction took until it was durable",
            Unit::Seconds,
            batches.duration.clone(),
        );
        let (received, served) = (Counter::default(), Counter::default());
        own.register_with_unit(
            "files_received",
            "Files that came, whole or not",
            Unit::Bytes,
            received.clone(),
        );
        own.register_with_unit("files_served", "Files that went, whole or not", Unit::Bytes, served.clone());
        let reports = Counter::default();
        own.register("gateway_reports", "Reports of gateways that were kept", reports.clone());
        let start =
            gauge(&mut registry, "process_start_time_seconds", "When this process started, since 1970");
        start.set(process::start());
        let memory = gauge(&mut registry, "process_resident_memory_bytes", "Memory of this process");
        let files = gauge(&mut registry, "process_open_fds", "Open files of this process");
        Self(Arc::new(Inner {
            registry,
            requests,
            received,
            served,
            reports,
            models,
            versions,
            queue,
            memory,
            files,
        }))
    }

    /// Bytes of files that came.
    pub(crate) fn received(&self) -> &Counter {
        &self.0.received
    }

    /// Bytes of files that went.
    pub(crate) fn served(&self) -> &Counter {
        &self.0.served
    }

    /// Reports of gateways that were kept.
    pub(crate) fn reports(&self) -> &Counter {
        &self.0.reports
    }

    /// All of them as text (openmetrics.io).
    pub(crate) fn text(&self, counts: Counts, store: &Store) -> anyhow::Result<String> {
        self.0.models.set(counts.models);
        self.0.versions.set(counts.versions);
        self.0.queue.set(store.waiting_changes() as i64);
        self.0.memory.set(process::resident_memory());
        self.0.files.set(process::open_files());
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}
