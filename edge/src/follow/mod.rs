//! Follows an alias: asks what to run, pulls it, and swaps it in between two predictions.
//!
//! Whatever fails leaves the version that runs running, is logged once in one line and told in
//! `/health`. A version that is itself to blame is left alone until the alias moves or an hour has
//! passed; everything else is tried again, less and less often.

mod backoff;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use overhaul_bundle::{Alias, Bundle, ModelName, Sha256Digest, VersionNumber};
use overhaul_client::{AliasAnswer, AliasTarget, ClientError, Registry};

use crate::agent::{Agent, Refusal, RegistryStatus};
use crate::load::{self, RunError};
use crate::model::Model;
use crate::pull::{self, PullError};
use crate::store::{LastActive, Store};
use backoff::Backoff;

/// What to follow, and with what.
pub struct Follower {
    /// Where versions come from.
    pub registry: Registry,
    /// The registered model.
    pub name: ModelName,
    /// The alias that names the version to run.
    pub alias: Alias,
    /// Where versions are kept; no other agent uses it.
    pub store: Arc<Store>,
    /// Where the version that runs is swapped.
    pub agent: Arc<Agent>,
    /// How often to ask.
    pub poll: Duration,
    /// The agent's own component, if it was named.
    pub component: Option<PathBuf>,
}

/// Why a version is not run.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Pull(#[from] PullError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("cannot record what runs")]
    Record(#[source] std::io::Error),
    #[error("the agent is shutting down")]
    Ending,
}

impl FollowError {
    fn is_lasting(&self) -> bool {
        match self {
            Self::Pull(error) => error.is_lasting(),
            Self::Run(error) => error.is_lasting(),
            Self::Record(_) | Self::Ending => false,
        }
    }
}

impl Follower {
    /// Runs what ran last, then follows the alias for ever.
    pub async fn run(self) {
        let url = self.registry.url().to_owned();
        self.agent.update(|status| {
            status.registry = Some(RegistryStatus { url, reachable: None, last_answer: None, error: None });
        });
        self.resume().await;
        let mut etag = None;
        let mut backoff = Backoff::new(self.poll);
        loop {
            self.ask(&mut etag, &mut backoff).await;
            tokio::time::sleep(self.poll).await;
        }
    }

    /// Runs the version that ran last, without the registry.
    async fn resume(&self) {
        let Some(last) = self.store.last_active() else { return };
        if last.name != self.name || last.alias != self.alias {
            tracing::info!("what ran last is {}@{}, not what is asked for now", last.name, last.alias);
            return;
        }
        let directory = self.store.bundle(&last.bundle_sha256);
        let opened = tokio::task::spawn_blocking(move || Bundle::open(&directory)).await;
        let outcome = match opened {
            Ok(Ok(bundle)) if bundle.digest() == last.bundle_sha256 => {
                let component = bundle.manifest().component.sha256;
                let own = load::own_with_digest(self.component.as_deref(), &component);
                let place = own.unwrap_or_else(|| self.store.component(&component));
                self.load(bundle, place).await.map(|model| self.agent.activate(model))
            }
            Ok(Ok(_)) => Err(PullError::OtherManifest("the bundle on disk is another".to_owned()).into()),
            Ok(Err(e)) => Err(PullError::from(e).into()),
            Err(_) => Err(FollowError::Ending),
        };
        match outcome {
            Ok(_) => tracing::info!("version {} of {} runs again", last.version, last.name),
            Err(e) => self.refuse(last.version, last.bundle_sha256, &e),
        }
    }

    /// Asks once, and does what the answer asks for.
    async fn ask(&self, etag: &mut Option<String>, backoff: &mut Backoff) {
        let answer = self.registry.alias(&self.name, &self.alias, etag.as_deref()).await;
        self.note(&answer);
        let Ok(AliasAnswer::Current { target, etag: new }) = answer else { return };
        let digest = target.bundle_sha256;
        let running = self.agent.active();
        if running.as_ref().is_some_and(|model| model.digest() == digest) {
            *etag = new;
            self.agent.update(|status| status.refused = None);
            return;
        }
        // The alias moved, or the last try failed: until one succeeds, the answer must come in full.
        *etag = None;
        if !backoff.allows(&digest, Instant::now()) {
            return;
        }
        match self.switch(&target, running.as_deref()).await {
            Ok(()) => {
                tracing::info!("version {} of {} runs now", target.version, self.name);
                *etag = new;
                backoff.forget();
            }
            Err(FollowError::Ending) => {}
            Err(e) => {
                backoff.failed(digest, e.is_lasting(), Instant::now());
                self.refuse(target.version, digest, &e);
            }
        }
    }

    /// Pulls, verifies, loads and activates a version.
    async fn switch(&self, target: &AliasTarget, running: Option<&Model>) -> Result<(), FollowError> {
        let like = running.map(Model::digest);
        let bundle = pull::bundle(&self.registry, &self.store, &self.name, target, like.as_ref()).await?;
        let component = bundle.manifest().component.sha256;
        let own = load::own_with_digest(self.component.as_deref(), &component);
        let place = match own {
            Some(place) => place,
            None => pull::component(&self.registry, &self.store, bundle.manifest()).await?,
        };
        let model = self.load(bundle, place).await?;
        let last = LastActive {
            name: self.name.clone(),
            alias: self.alias.clone(),
            version: target.version,
            bundle_sha256: target.bundle_sha256,
        };
        self.store.record_active(&last).map_err(FollowError::Record)?;
        let before = self.agent.activate(Arc::clone(&model));
        // The version before stays, so that going back to it needs no network.
        let kept: Vec<&Model> =
            [Some(&model), before.as_ref()].into_iter().flatten().map(AsRef::as_ref).collect();
        let bundles: Vec<Sha256Digest> = kept.iter().map(|model| model.digest()).collect();
        let components: Vec<Sha256Digest> = kept.iter().map(|model| model.component()).collect();
        if let Err(e) = self.store.prune(&bundles, &components) {
            tracing::warn!("old versions could not be removed from disk: {e}");
        }
        Ok(())
    }

    /// Loads a bundle off the async threads.
    async fn load(&self, bundle: Bundle, place: PathBuf) -> Result<Arc<Model>, FollowError> {
        let (store, running) = (Arc::clone(&self.store), self.agent.active());
        let work = tokio::task::spawn_blocking(move || {
            load::pinned(&bundle, &place, store.cache(), running.as_deref())
        });
        Ok(Arc::new(work.await.map_err(|_| FollowError::Ending)??))
    }

    /// Notes how it stands with the registry; logs when that changes.
    fn note(&self, answer: &Result<AliasAnswer, ClientError>) {
        let error = answer.as_ref().err().map(|e| one_line(e));
        // A refusal is an answer, too.
        let reachable = answer.as_ref().err().is_none_or(|e| !e.is_unreachable());
        self.agent.update(|status| {
            let Some(registry) = status.registry.as_mut() else { return };
            match &error {
                Some(error) if registry.error.as_ref() != Some(error) => tracing::warn!("{error}"),
                None if registry.error.is_some() => tracing::info!("the registry answers again"),
                _ => {}
            }
            registry.reachable = Some(reachable);
            if reachable {
                registry.last_answer = Some(Timestamp::now());
            }
            registry.error = error;
        });
    }

    fn refuse(&self, version: VersionNumber, bundle_sha256: Sha256Digest, error: &FollowError) {
        let reason = one_line(error);
        let known = self.agent.status().refused.is_some_and(|refused| refused.reason == reason);
        if !known {
            tracing::error!("version {version} of {} does not run here: {reason}", self.name);
        }
        let refusal = Refusal { version: Some(version), bundle_sha256, reason, at: Timestamp::now() };
        self.agent.update(|status| status.refused = Some(refusal));
    }
}

/// An error with its causes in one line.
fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    for cause in std::iter::successors(error.source(), |e| e.source()) {
        let cause = cause.to_string();
        // Transparent errors repeat their cause.
        if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}
