//! Follows an alias: asks what to run, pulls it, and swaps it in between two predictions.
//!
//! Whatever fails leaves the version that runs running, is logged once in one line and told in
//! `/health`. A version that is itself to blame is left alone until the alias moves or an hour has
//! passed; everything else is tried again, less and less often. One that failed on probation is refused until a
//! person allows it again.
//!
//! | module | holds |
//! | --- | --- |
//! | `backoff` | when to try a version again that failed |
//! | `error` | why a version is not run |
//! | `probation` | how probations end |
//! | `report` | what the registry is told |
//! | `resume` | the start, without the registry |

mod backoff;
mod error;
mod probation;
mod report;
mod resume;

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use overhaul_bundle::{Alias, Bundle, ModelName, Sha256Digest, VersionNumber};
use overhaul_client::api::Cause;
use overhaul_client::{AliasAnswer, AliasTarget, ClientError, Registry};
use tokio::sync::{mpsc, watch};

use crate::agent::{Agent, Refusal, RegistryStatus, Verdict};
use crate::load;
use crate::model::Model;
use crate::pull;
use crate::store::{Active, Previous, Store};
use backoff::Backoff;
use error::{FollowError, one_line};

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
    /// How often to ask; a change counts at once.
    pub poll: watch::Receiver<Duration>,
    /// The agent's own component, if it was named.
    pub component: Option<PathBuf>,
}

impl Follower {
    /// Runs what ran last, then follows the alias for ever and writes down how probations end.
    pub async fn run(self, mut verdicts: mpsc::UnboundedReceiver<Verdict>) {
        let url = self.registry.url().to_owned();
        self.agent.update(|status| {
            status.registry = Some(RegistryStatus { url, reachable: None, last_answer: None, error: None });
        });
        self.report_start();
        self.resume().await;
        let mut poll = self.poll.clone();
        let mut etag = None;
        let mut backoff = Backoff::new(*self.poll.borrow());
        let mut long_life = pin!(tokio::time::sleep(resume::LONG_LIFE));
        let mut has_lived_long = false;
        loop {
            self.ask(&mut etag, &mut backoff).await;
            let mut next = pin!(tokio::time::sleep(*poll.borrow_and_update()));
            loop {
                tokio::select! {
                    () = &mut next => break,
                    Ok(()) = poll.changed() => break,
                    () = &mut long_life, if !has_lived_long => {
                        has_lived_long = true;
                        self.note_long_life();
                    }
                    // The agent, which holds the sender, lives as long as this.
                    Some(verdict) = verdicts.recv() => self.settle(&verdict),
                }
            }
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
        if let Some(refusal) = self.agent.refusals().find(&digest) {
            self.agent.update(|status| status.refused = Some(refusal));
            return;
        }
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
                self.agent.tidy(&self.store);
            }
        }
    }

    /// Pulls, verifies, loads and activates a version.
    async fn switch(&self, target: &AliasTarget, running: Option<&Model>) -> Result<(), FollowError> {
        self.store.want(&self.alias, target.bundle_sha256);
        let like = running.map(Model::digest);
        let bundle = pull::bundle(&self.registry, &self.store, &self.name, target, like.as_ref()).await?;
        let component = bundle.manifest().component.sha256;
        let own = load::own_with_digest(self.component.as_deref(), &component);
        let place = match own {
            Some(place) => place,
            None => pull::component(&self.registry, &self.store, bundle.manifest()).await?,
        };
        let model = self.load(bundle, place).await?;
        let previous = self.agent.active().and_then(|model| {
            let version = model.metadata().version?;
            Some(Previous { version, bundle_sha256: model.digest() })
        });
        let active = Active {
            name: self.name.clone(),
            alias: self.alias.clone(),
            version: target.version,
            bundle_sha256: target.bundle_sha256,
            proven: previous.is_none(),
            short_lives: 0,
            previous,
        };
        self.store.record_active(&active).map_err(FollowError::Record)?;
        let before = self.agent.activate(Arc::clone(&model));
        self.report_activation(&model, before.as_deref(), Cause::Alias);
        self.agent.tidy(&self.store);
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
                None if registry.error.is_some() => {
                    tracing::info!("the registry answers again");
                    self.agent.reports().link_is_back();
                }
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
        let known = self.agent.status().refused;
        if known.is_none_or(|known| known.bundle_sha256 != bundle_sha256 || known.reason != reason) {
            tracing::error!("version {version} of {} does not run here: {reason}", self.name);
            self.report_refusal(version, bundle_sha256, &reason, error.is_lasting());
        }
        let refusal = Refusal { version: Some(version), bundle_sha256, reason, at: Timestamp::now() };
        self.agent.update(|status| status.refused = Some(refusal));
    }
}
