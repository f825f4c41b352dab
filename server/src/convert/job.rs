//! One conversion: the files out, the helper process, the bundle in. And those that a restart left undone.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use futures::StreamExt as _;
use overhaul_bundle::Bundle;
use overhaul_bundle::component::{self, INTERFACE};
use overhaul_bundle::manifest::{self, ComponentEntry};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;

use super::Facts;
use crate::api::App;
use crate::blobs::{BlobError, Blobs};
use crate::manifests;
use crate::store::artifacts::Artifact;
use crate::store::audit::By;
use crate::store::bundles::PublishedBundle;
use crate::store::candidates::Candidate;
use crate::store::{artifacts, bundle_refusals, bundles, candidates, latest_metrics, params, runs};

/// The most files of one logged model.
const MAX_FILES: usize = 1000;
/// The most bytes of one logged model.
const MAX_BYTES: u64 = 2 << 30;
/// How long the helper may take.
const TIME: Duration = Duration::from_secs(90);
/// Whom the audit trail names.
const ACTOR: &str = "overhaul-server";

/// What conversions need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// This program, which has the command `make-bundle`.
    program: PathBuf,
    /// The component that new bundles are made for; `None` takes that of the newest bundle.
    component: Option<PathBuf>,
    /// One at a time: the helper may use gigabytes.
    turn: Arc<Semaphore>,
}

/// What came of a conversion.
enum Outcome {
    Made(Box<Bundle>),
    Refused(String),
}

impl Workshop {
    /// A workshop whose helper is `program` with the command `make-bundle`.
    pub fn new(program: PathBuf, component: Option<PathBuf>) -> Self {
        Self { program, component, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Converts one version and keeps what came of it: a bundle, or why there is none.
    pub async fn convert(&self, app: &App, candidate: Candidate) -> anyhow::Result<()> {
        let _turn = self.turn.acquire().await.context("the workshop is closed")?;
        let Some(component) = self.component(app).await? else {
            tracing::warn!(
                model = %candidate.name,
                version = %candidate.version,
                "no bundle can be made: name a component with --component, or publish a bundle once"
            );
            return Ok(());
        };
        let folder = tempfile::tempdir().context("cannot make a folder to work in")?;
        match self.make(app, &candidate, component, folder.path()).await? {
            Outcome::Made(bundle) => keep(app, &candidate, &bundle).await,
            Outcome::Refused(reason) => refuse(app, &candidate, reason).await,
        }
    }

    /// Converts what was logged and not converted when the server stopped.
    pub async fn catch_up(self, app: App) {
        let pending = match app.store.read(candidates::pending).await {
            Ok(pending) => pending,
            Err::<_, anyhow::Error>(error) => {
                return tracing::error!("cannot look for unconverted models: {error:#}");
            }
        };
        for candidate in pending {
            let (name, version) = (candidate.name.clone(), candidate.version);
            if let Err(error) = self.convert(&app, candidate).await {
                tracing::error!(model = %name, %version, "no bundle was made: {error:#}");
            }
        }
    }

    async fn component(&self, app: &App) -> anyhow::Result<Option<ComponentEntry>> {
        // Stored again or refreshed: it may have lain here unneeded for long, and then `gc` deletes it.
        if let Some(component) = &self.component {
            return store_component(&app.blobs, component).await.map(Some);
        }
        let Some(newest) = app.store.read(bundles::newest).await? else { return Ok(None) };
        let component = manifests::read(&app.blobs, &newest).await?.0.component;
        let there = app.blobs.refresh(&component.sha256).await?;
        there
            .with_context(|| format!("the component {} of a published version is gone", component.sha256))?;
        Ok(Some(component).filter(|component| component.interface == INTERFACE))
    }

    async fn make(
        &self,
        app: &App,
        candidate: &Candidate,
        component: ComponentEntry,
        folder: &Path,
    ) -> anyhow::Result<Outcome> {
        let root = candidate.folder.clone();
        let files = app.store.read(move |tx| artifacts::under(tx, &root, MAX_FILES + 1)).await?;
        if let Some(reason) = too_much(&files) {
            return Ok(Outcome::Refused(reason));
        }
        let from = folder.join("logged");
        for (path, file) in &files {
            let to = path.split('/').fold(from.clone(), |to, name| to.join(name));
            write(app, file, &to).await?;
        }
        let facts = folder.join("facts.json");
        let known = known(app, candidate, component).await?;
        tokio::fs::write(&facts, serde_json::to_vec(&known)?).await.context("cannot write the facts")?;
        let to = folder.join("bundle");
        let mut helper = Command::new(&self.program);
        helper.arg("make-bundle").arg("--from").arg(&from).arg("--facts").arg(&facts).arg("--to").arg(&to);
        helper
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let running = helper.spawn().context("cannot start the helper process")?.wait_with_output();
        let Ok(ended) = tokio::time::timeout(TIME, running).await else {
            let seconds = TIME.as_secs();
            return Ok(Outcome::Refused(format!(
                "loading the graph and running its example took over {seconds} s"
            )));
        };
        let ended = ended.context("cannot wait for the helper process")?;
        Ok(match said(ended.status, &ended.stderr)? {
            None => Outcome::Made(Box::new(Bundle::open(&to)?)),
            Some(reason) => Outcome::Refused(reason),
        })
    }
}

/// Stores the component, which gateways pull as any other blob.
async fn store_component(blobs: &Blobs, component: &Path) -> anyhow::Result<ComponentEntry> {
    let (bytes, entry) = component::read(component)?;
    blobs.put(bytes.into()).await.context("cannot store the component")?;
    Ok(entry)
}

/// What the registry knows of a version.
async fn known(app: &App, candidate: &Candidate, component: ComponentEntry) -> anyhow::Result<Facts> {
    let run = candidate.run_id.clone();
    let logged = move |tx: &rusqlite::Connection| {
        let run = run.map(|run| runs::key(tx, &run)).transpose()?.flatten();
        let Some(run) = run.map(|run| run.id) else { return anyhow::Ok(Default::default()) };
        let metrics = latest_metrics::of(tx, &[run])?.remove(&run).unwrap_or_default();
        let metrics = metrics.into_iter().filter(|metric| metric.value.is_finite());
        let params = params::of(tx, &[run])?.remove(&run).unwrap_or_default();
        Ok((
            metrics.map(|metric| (metric.key, metric.value)).collect(),
            params.into_iter().map(|param| (param.key, param.value)).collect(),
        ))
    };
    let (metrics, params) = app.store.read(logged).await?;
    let (name, version, at) = (candidate.name.clone(), candidate.version, candidate.at);
    Ok(Facts { name, version, at, metrics, params, component })
}

fn too_much(files: &[(String, Artifact)]) -> Option<String> {
    let bytes: u64 = files.iter().map(|(_, file)| file.size).sum();
    if files.len() > MAX_FILES || bytes > MAX_BYTES {
        return Some(format!("the model has more than {MAX_FILES} files or {MAX_BYTES} bytes"));
    }
    None
}

/// Why the helper refused, if it did.
fn said(status: ExitStatus, stderr: &[u8]) -> anyhow::Result<Option<String>> {
    let text = String::from_utf8_lossy(stderr);
    let reason = text.lines().find_map(|line| line.strip_prefix("error: "));
    match (status.code(), reason) {
        (Some(0), _) => Ok(None),
        (Some(2), Some(reason)) => Ok(Some(reason.to_owned())),
        // Out of memory ends it with an abort, out of time with a signal.
        (None, _) => {
            Ok(Some("loading the graph and running its example took too much memory or time".to_owned()))
        }
        _ => Err(anyhow!("the helper process ended with {status}: {text}")),
    }
}

/// Writes a blob to a file.
async fn write(app: &App, file: &Artifact, to: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", to.display());
    if let Some(folder) = to.parent() {
        tokio::fs::create_dir_all(folder).await.with_context(cannot)?;
    }
    let mut out = File::create(to).await.with_context(cannot)?;
    let mut pieces = app.blobs.stream(&file.sha256, 0..file.size).await?;
    while let Some(piece) = pieces.next().await {
        out.write_all(&piece?).await.with_context(cannot)?;
    }
    out.flush().await.with_context(cannot)
}

/// Stores a bundle's files and publishes it.
async fn keep(app: &App, candidate: &Candidate, bundle: &Bundle) -> anyhow::Result<()> {
    for entry in &bundle.manifest().files {
        let path = entry.path.under(bundle.directory());
        let file = File::open(&path).await.with_context(|| format!("cannot read {}", path.display()))?;
        let body = ReaderStream::new(file).map(|piece| piece.map_err(|e| BlobError::Broken(e.to_string())));
        app.blobs.receive(&entry.sha256, Box::pin(body)).await?;
    }
    let bytes = std::fs::read(bundle.directory().join(manifest::FILE)).context("cannot read the manifest")?;
    let sha256 = app.blobs.put(Bytes::from(bytes)).await?;
    let by = By { actor: ACTOR.to_owned(), at: app.clock.now() };
    let (version, metadata) = (candidate.version, bundle.metadata()?);
    let published = PublishedBundle { version, sha256, published_at: by.at, metadata };
    let candidate = candidate.clone();
    app.store
        .write(move |tx| {
            // It may have been deleted meanwhile, or converted.
            if candidates::find(tx, candidate.id)?.is_some() {
                bundles::insert(tx, candidate.id, &published)?;
                let change = by.did("publish_bundle", "version", &version);
                change.of_model(candidate.model_id, &candidate.name).to(Some(&sha256)).record(tx)?;
            }
            Ok(())
        })
        .await
}

async fn refuse(app: &App, candidate: &Candidate, reason: String) -> anyhow::Result<()> {
    tracing::info!(model = %candidate.name, version = %candidate.version, reason, "no bundle for gateways");
    let by = By { actor: ACTOR.to_owned(), at: app.clock.now() };
    let candidate = candidate.clone();
    app.store
        .write(move |tx| {
            if candidates::find(tx, candidate.id)?.is_some() {
                bundle_refusals::insert(tx, candidate.id, by.at, &reason)?;
                let change = by.did("refuse_bundle", "version", &candidate.version);
                change.of_model(candidate.model_id, &candidate.name).because(Some(&reason)).record(tx)?;
            }
            Ok(())
        })
        .await
}
