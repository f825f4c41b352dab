//! A run in MLflow's tracking API, when there is one: parameters, metrics by epoch, the report.

use jiff::Timestamp;
use overhaul_bundle::Manifest;
use overhaul_bundle::directory::REPORT_FILE;
use overhaul_client::Access;
use overhaul_client::mlflow::{Entry, Metric, Mlflow, MlflowError, NewRun, Outcome, Probe, Run};
use tokio::runtime::Runtime;

use super::one::Assessed;
use super::session::Session;

/// The experiment that a registered model's runs belong to is named like it.
pub(super) struct Tracking {
    server: Option<Mlflow>,
    /// The server is the registry, whose versions can name the runs that made them.
    at_registry: bool,
}

impl Tracking {
    /// Asks once whether there is a tracking server; a run goes on without one.
    pub(super) fn find(runtime: &Runtime, named: Option<&str>, registry: Option<&str>) -> Self {
        let nowhere = Self { server: None, at_registry: false };
        let Some(url) = named.or(registry) else { return nowhere };
        // The registry's own token goes to the registry only.
        let access = if registry == Some(url) { Access::from_env() } else { Access::of_mlflow_from_env() };
        let access = match access {
            Ok(access) => access,
            Err(error) => {
                eprintln!("warning: this run will not be logged to MLflow: {error}");
                return nowhere;
            }
        };
        let server = match runtime.block_on(Mlflow::probe(url, &access)) {
            Ok(Probe::There(server)) => Some(server),
            Ok(Probe::NotThere(_)) if named.is_none() => None,
            Ok(Probe::NotThere(problem)) => {
                eprintln!("warning: this run will not be logged to MLflow: {problem}");
                None
            }
            Err(error) => {
                eprintln!("warning: this run will not be logged to MLflow: {error}");
                None
            }
        };
        let same = |registry: &str| registry.trim_end_matches('/') == url.trim_end_matches('/');
        Self { server, at_registry: registry.is_some_and(same) }
    }

    /// Logs one trained seed, but for how it ended. What fails is told and costs the log only.
    pub(super) fn log(&self, session: &Session<'_>, run: &Assessed) -> Option<Run> {
        let logged = session.destination.runtime().block_on(log(self.server.as_ref()?, session, run));
        logged.inspect_err(not_logged).ok()
    }

    /// The id of a logged run, when the registry knows it.
    pub(super) fn id_at_registry<'a>(&self, logged: Option<&'a Run>) -> Option<&'a str> {
        logged.filter(|_| self.at_registry).map(Run::id)
    }

    /// Ends the log of a seed; of the one that became a bundle with its report, and the link to its version.
    pub(super) fn end(
        &self,
        session: &Session<'_>,
        logged: Option<Run>,
        version: Option<(&Manifest, &[u8])>,
    ) {
        let (Some(server), Some(logged)) = (&self.server, logged) else { return };
        match session.destination.runtime().block_on(end(&logged, version)) {
            Ok(()) => {
                session.console.line(format!("logged: MLflow run {} at {}", logged.id(), server.url()));
            }
            Err(error) => not_logged(&error),
        }
    }
}

fn not_logged(error: &MlflowError) {
    eprintln!("warning: the run is not, or not wholly, logged to MLflow: {error}");
}

async fn log(server: &Mlflow, session: &Session<'_>, run: &Assessed) -> Result<Run, MlflowError> {
    let Assessed { settings, trained, score, .. } = run;
    let experiment = server.experiment(session.arguments.name.as_str()).await?;
    let user = ["USER", "LOGNAME"].iter().find_map(|key| std::env::var(key).ok()).unwrap_or_default();
    let new = NewRun {
        name: format!("{} seed {}", settings.architecture.name(), settings.seed),
        user,
        source: crate::command::metadata::trainer(),
        started: run.started,
        tags: vec![Entry::new("dataset", &session.dataset.subset)],
    };
    let logged = server.start(&experiment, &new).await?;
    let fields = serde_json::json!(settings);
    let mut params: Vec<Entry> = fields
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            Entry::new(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    params.push(Entry::new("dataset", &session.dataset.subset));
    params.push(Entry::new("dataset_sha256", session.dataset.sha256));
    logged.log_params(&params).await?;

    let mut metrics = Vec::new();
    for (epoch, figures) in (1..).zip(&trained.epochs) {
        metrics.extend([
            Metric::now("loss", figures.loss, epoch),
            Metric::now("validation_rmse", figures.validation_rmse, epoch),
            Metric::now("learning_rate", figures.learning_rate, epoch),
        ]);
    }
    let last = trained.epochs.len() as i64;
    let (capped, raw) = (score.errors.capped, score.errors.raw);
    let coverage = score.coverage.map_or(f64::NAN, |coverage| coverage.capped);
    for (key, value) in [
        ("best_epoch", f64::from(trained.best_epoch)),
        ("best_validation_rmse", trained.validation_rmse),
        ("test_rmse", capped.rmse),
        ("test_mae", capped.mae),
        ("test_nasa_score", capped.nasa_score),
        ("test_rmse_raw", raw.rmse),
        ("test_mae_raw", raw.mae),
        ("test_interval_coverage", coverage),
        ("training_seconds", run.seconds),
    ] {
        metrics.push(Metric::now(key, value, last));
    }
    logged.log_metrics(&metrics).await?;
    Ok(logged)
}

async fn end(logged: &Run, version: Option<(&Manifest, &[u8])>) -> Result<(), MlflowError> {
    if let Some((manifest, report)) = version {
        if let Some(version) = manifest.version {
            logged.link_version(&manifest.name, version).await?;
        }
        logged.upload_bytes(REPORT_FILE, report.to_vec()).await?;
    }
    logged.end(Outcome::Finished, Timestamp::now()).await
}
