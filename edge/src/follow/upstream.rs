//! What is followed: an alias at a registry, and where the versions that it names are kept and run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use overhaul_bundle::{Alias, Bundle, ModelName};
use overhaul_client::{AliasTarget, Registry};
use tokio::sync::watch;

use super::FollowError;
use crate::agent::Agent;
use crate::model::Model;
use crate::store::Store;
use crate::{load, pull};

/// What is followed, and with what.
#[derive(Clone)]
pub struct Upstream {
    /// Where versions come from.
    pub registry: Registry,
    /// The registered model.
    pub name: ModelName,
    /// The alias that names the version.
    pub alias: Alias,
    /// Where versions are kept; no other agent uses it.
    pub store: Arc<Store>,
    /// Where versions run.
    pub agent: Arc<Agent>,
    /// How often to ask; a change counts at once.
    pub poll: watch::Receiver<Duration>,
    /// The agent's own component, if it was named.
    pub component: Option<PathBuf>,
}

impl Upstream {
    /// The version that the alias names: pulled as far as it is not on disk, verified and loaded.
    pub(crate) async fn version(&self, target: &AliasTarget) -> Result<Arc<Model>, FollowError> {
        self.store.want(&self.alias, target.bundle_sha256);
        let like = self.agent.active().map(|model| model.digest());
        let bundle = pull::bundle(&self.registry, &self.store, &self.name, target, like.as_ref()).await?;
        let component = bundle.manifest().component.sha256;
        let place = match load::own_with_digest(self.component.as_deref(), &component) {
            Some(place) => place,
            None => pull::component(&self.registry, &self.store, bundle.manifest()).await?,
        };
        self.load(bundle, place).await
    }

    /// Loads a bundle off the async threads.
    pub(super) async fn load(&self, bundle: Bundle, place: PathBuf) -> Result<Arc<Model>, FollowError> {
        let (store, running) = (Arc::clone(&self.store), self.agent.active());
        let work = tokio::task::spawn_blocking(move || {
            load::pinned(&bundle, &place, store.cache(), running.as_deref())
        });
        Ok(Arc::new(work.await.map_err(|_| FollowError::Ending)??))
    }
}
