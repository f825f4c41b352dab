//! What a registry does beside answering requests, until it stops.

use std::future::Future;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::api::App;
use crate::mlflow::artifacts::expiry;
use crate::webhooks::Worker;
use overhaul_http::Tls;

/// The tasks of a running registry.
pub(crate) struct Background {
    /// These may be cut off anywhere.
    watching: Vec<JoinHandle<()>>,
    /// This one ends by itself once told, with what it was sending.
    telling: JoinHandle<()>,
}

impl Background {
    /// Starts them; `stop` is over when the registry is told to stop.
    pub(crate) fn start(
        app: &App,
        tls: Option<Arc<Tls>>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let mut watching = vec![
            tokio::spawn(expiry::watch(app.clone())),
            tokio::spawn(app.workshop.clone().catch_up(app.clone())),
        ];
        if let Some(tls) = tls {
            let hangup = signal(SignalKind::hangup()).context("cannot wait for signals")?;
            watching.push(tokio::spawn(reload(tls, hangup)));
        }
        let worker = Worker::new(app.store.clone(), app.clock.clone(), app.webhooks.clone());
        Ok(Self { watching, telling: tokio::spawn(worker.run(stop)) })
    }

    /// Ends them.
    pub(crate) async fn end(self) {
        for task in &self.watching {
            task.abort();
        }
        if let Err(error) = self.telling.await {
            tracing::error!("the worker of webhooks failed: {error}");
        }
    }
}

/// Reads the certificate again whenever the process gets SIGHUP.
async fn reload(tls: Arc<Tls>, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!("the certificate stays the one it was: {error:#}"),
        }
    }
}
