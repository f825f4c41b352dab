//! The start: what ran last runs again, without the registry; what does not start gives way to what ran before it.

use std::sync::Arc;
use std::time::Duration;

use overhaul_bundle::{Bundle, Sha256Digest};
use overhaul_client::api::Cause;

use super::{FollowError, Follower};
use crate::load;
use crate::model::Model;
use crate::pull::PullError;
use crate::store::{Active, Previous};

/// An agent that lives this long with a version on probation did not end because of it.
pub(super) const LONG_LIFE: Duration = Duration::from_mins(1);
/// So many short lives in a row, and the version on probation is to blame.
const SHORT_LIVES: u32 = 3;

impl Follower {
    /// Runs the version that ran last, without the registry.
    pub(super) async fn resume(&self) {
        let Some(last) = self.upstream.store.active() else { return };
        if last.name != self.upstream.name || last.alias != self.upstream.alias {
            tracing::info!("what ran last is {}@{}, not what is asked for now", last.name, last.alias);
            return;
        }
        let previous = last.previous.clone().filter(|_| !last.proven);
        if let Some(previous) = &previous {
            if last.short_lives >= SHORT_LIVES {
                let why = FollowError::ShortLives(last.short_lives);
                let why = super::one_line(&why);
                self.report_refusal(last.version, last.bundle_sha256, &why, true);
                self.take_back(last.version, last.bundle_sha256, why);
                return self.resume_previous(&last, previous).await;
            }
            // Written before the version is touched: whatever it does to this process counts.
            self.record(&Active { short_lives: last.short_lives + 1, ..last.clone() });
        }
        match self.load_from_disk(&last.bundle_sha256).await {
            Ok(model) => {
                let before = match &previous {
                    Some(previous) => self.standby(previous).await,
                    None => None,
                };
                tracing::info!("version {} of {} runs again", last.version, last.name);
                self.report_activation(&model, None, Cause::Resume);
                self.upstream.agent.activate_after(model, before);
            }
            Err(e) => {
                self.refuse(last.version, last.bundle_sha256, &e);
                if let Some(previous) = &last.previous {
                    self.resume_previous(&last, previous).await;
                }
            }
        }
    }

    /// The agent has lived long enough with the version on probation.
    pub(super) fn note_long_life(&self) {
        if let Some(last) = self.upstream.store.active().filter(|last| last.short_lives > 0) {
            self.record(&Active { short_lives: 0, ..last });
        }
    }

    async fn resume_previous(&self, last: &Active, previous: &Previous) {
        match self.load_from_disk(&previous.bundle_sha256).await {
            Ok(model) => {
                tracing::warn!("version {} of {}, which ran before, runs again", previous.version, last.name);
                self.report_activation(&model, None, Cause::Fallback);
                let refused = self.upstream.agent.status().refused;
                self.upstream.agent.activate_after(model, None);
                // Why it is not the version that ran last stays told.
                self.upstream.agent.update(|status| status.refused = refused);
                self.record(&last.fallen_back(previous));
            }
            Err(e) => self.refuse(previous.version, previous.bundle_sha256, &e),
        }
    }

    /// The version to fall back to; without it, the one that runs is not watched.
    async fn standby(&self, previous: &Previous) -> Option<Arc<Model>> {
        let loaded = self.load_from_disk(&previous.bundle_sha256).await;
        let version = previous.version;
        loaded
            .inspect_err(|e| tracing::warn!("version {version} cannot stand by: {}", super::one_line(e)))
            .ok()
    }

    async fn load_from_disk(&self, digest: &Sha256Digest) -> Result<Arc<Model>, FollowError> {
        let directory = self.upstream.store.bundle(digest);
        let opened = tokio::task::spawn_blocking(move || Bundle::open(&directory)).await;
        let bundle = opened.map_err(|_| FollowError::Ending)?.map_err(PullError::from)?;
        if bundle.digest() != *digest {
            return Err(PullError::OtherManifest("the bundle on disk is another".to_owned()).into());
        }
        let component = bundle.manifest().component.sha256;
        let own = load::own_with_digest(self.upstream.component.as_deref(), &component);
        let place = own.unwrap_or_else(|| self.upstream.store.component(&component));
        self.upstream.load(bundle, place).await
    }
}
