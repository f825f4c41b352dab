//! Follows the alias that names the candidate.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use overhaul_bundle::{Alias, ModelName, Sha256Digest};
use overhaul_client::{AliasAnswer, AliasTarget, Registry};
use tokio::sync::watch;

use super::Shadow;
use crate::agent::Agent;
use crate::model::Model;
use crate::store::Store;
use crate::{load, pull};

/// What names the candidate, and with what it is loaded.
pub struct Shadowing {
    /// Where versions come from.
    pub registry: Registry,
    /// The registered model.
    pub name: ModelName,
    /// The alias that names the candidate; while there is no such alias, or it names the version that answers, there
    /// is no candidate.
    pub alias: Alias,
    /// Where versions are kept.
    pub store: Arc<Store>,
    /// Where the candidate runs.
    pub agent: Arc<Agent>,
    /// How often to ask; a change counts at once.
    pub poll: watch::Receiver<Duration>,
    /// The agent's own component, if it was named.
    pub component: Option<PathBuf>,
}

impl Shadowing {
    /// Follows the alias for ever. Whatever fails leaves the candidate as it is, and is logged once.
    pub async fn run(self) {
        let mut poll = self.poll.clone();
        let mut etag = None;
        let mut failed: Option<(Option<Sha256Digest>, String)> = None;
        loop {
            let mut digest = None;
            match self.ask(&mut etag, &mut digest).await {
                Ok(()) => failed = None,
                Err(error) => {
                    let line = format!("{error:#}");
                    if failed.as_ref().is_none_or(|known| *known != (digest, line.clone())) {
                        tracing::warn!("{}@{} does not shadow: {line}", self.name, self.alias);
                        failed = Some((digest, line));
                    }
                }
            }
            let pause = *poll.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                Ok(()) = poll.changed() => {}
            }
        }
    }

    async fn ask(&self, etag: &mut Option<String>, digest: &mut Option<Sha256Digest>) -> anyhow::Result<()> {
        let (target, new) = match self.registry.alias(&self.name, &self.alias, etag.as_deref()).await {
            Ok(AliasAnswer::Current { target, etag }) => (target, etag),
            Ok(AliasAnswer::Unchanged) => {
                // What answers may have become what shadows.
                if let (Some(shadow), Some(active)) = (self.agent.shadow(), self.agent.active())
                    && shadow.candidate().digest() == active.digest()
                {
                    self.agent.set_shadow(None);
                }
                return Ok(());
            }
            Err(error) if error.is_not_found() => {
                self.agent.set_shadow(None);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        *digest = Some(target.bundle_sha256);
        if self.agent.active().is_some_and(|active| active.digest() == target.bundle_sha256) {
            self.agent.set_shadow(None);
        } else if self.agent.refusals().find(&target.bundle_sha256).is_some() {
            anyhow::bail!("version {} was taken back by this gateway; GET /refused says why", target.version);
        } else if self.agent.shadow().is_none_or(|shadow| shadow.candidate().digest() != target.bundle_sha256)
        {
            self.store.want(&self.alias, target.bundle_sha256);
            let candidate = self.load(&target).await;
            self.agent.tidy(&self.store);
            let candidate = candidate?;
            tracing::info!("version {} of {} shadows what answers", target.version, self.name);
            self.agent.set_shadow(Some(Shadow::start(candidate)));
        }
        *etag = new;
        Ok(())
    }

    async fn load(&self, target: &AliasTarget) -> anyhow::Result<Arc<Model>> {
        let running = self.agent.active();
        let like = running.as_ref().map(|model| model.digest());
        let bundle = pull::bundle(&self.registry, &self.store, &self.name, target, like.as_ref()).await?;
        let component = bundle.manifest().component.sha256;
        let place = match load::own_with_digest(self.component.as_deref(), &component) {
            Some(place) => place,
            None => pull::component(&self.registry, &self.store, bundle.manifest()).await?,
        };
        let store = Arc::clone(&self.store);
        let work = tokio::task::spawn_blocking(move || {
            load::pinned(&bundle, &place, store.cache(), running.as_deref())
        });
        Ok(Arc::new(work.await??))
    }
}
