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
//! | `upstream` | what is followed |

mod backoff;
mod error;
mod probation;
mod report;
mod resume;
mod upstream;

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use overhaul_bundle::{Sha256Digest, VersionNumber};
use overhaul_client::api::Cause;
use overhaul_client::{AliasAnswer, AliasTarget, ClientError};
use tokio::sync::mpsc;

use crate::agent::{Refusal, RegistryStatus, Verdict};
use crate::store::{Active, Previous};
use backoff::Backoff;
pub(crate) use error::FollowError;
use error::one_line;
pub use upstream::Upstream;

/// Follows an alias, and runs the version that it names.
pub struct Follower {
    /// What is followed.
    pub upstream: Upstream,
}

impl Follower {
    /// Runs what ran last, then follows the alias for ever and writes down how probations end.
    pub async fn run(self, mut verdicts: mpsc::UnboundedReceiver<Verdict>) {
        let url = self.upstream.registry.url().to_owned();
        self.upstream.agent.update(|status| {
            status.registry = Some(RegistryStatus { url, reachable: None, last_answer: None, error: None });
        });
        self.report_start();
        self.resume().await;
        let mut poll = self.upstream.poll.clone();
        let mut etag = None;
        let mut backoff = Backoff::new(*self.upstream.poll.borrow());
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
        let answer =
            self.upstream.registry.alias(&self.upstream.name, &self.upstream.alias, etag.as_deref()).await;
        self.note(&answer);
        let Ok(AliasAnswer::Current { target, etag: new }) = answer else { return };
        let digest = target.bundle_sha256;
        let running = self.upstream.agent.active();
        if running.as_ref().is_some_and(|model| model.digest() == digest) {
            *etag = new;
            self.upstream.agent.update(|status| status.refused = None);
            return;
        }
        // The alias moved, or the last try failed: until one succeeds, the answer must come in full.
        *etag = None;
        if let Some(refusal) = self.upstream.agent.refusals().find(&digest) {
            self.upstream.agent.update(|status| status.refused = Some(refusal));
            return;
        }
        if !backoff.allows(&digest, Instant::now()) {
            return;
        }
        match self.switch(&target).await {
            Ok(()) => {
                tracing::info!("version {} of {} runs now", target.version, self.upstream.name);
                *etag = new;
                backoff.forget();
            }
            Err(FollowError::Ending) => {}
            Err(e) => {
                backoff.failed(digest, e.is_lasting(), Instant::now());
                self.refuse(target.version, digest, &e);
                self.upstream.agent.tidy(&self.upstream.store);
            }
        }
    }

    /// Pulls, verifies, loads and activates a version.
    async fn switch(&self, target: &AliasTarget) -> Result<(), FollowError> {
        let model = self.upstream.version(target).await?;
        let previous = self.upstream.agent.active().and_then(|model| {
            let version = model.metadata().version?;
            Some(Previous { version, bundle_sha256: model.digest() })
        });
        let active = Active {
            name: self.upstream.name.clone(),
            alias: self.upstream.alias.clone(),
            version: target.version,
            bundle_sha256: target.bundle_sha256,
            proven: previous.is_none(),
            short_lives: 0,
            previous,
        };
        self.upstream.store.record_active(&active).map_err(FollowError::Record)?;
        let before = self.upstream.agent.activate(Arc::clone(&model));
        self.report_activation(&model, before.as_deref(), Cause::Alias);
        self.upstream.agent.tidy(&self.upstream.store);
        Ok(())
    }

    /// Notes how it stands with the registry; logs when that changes.
    fn note(&self, answer: &Result<AliasAnswer, ClientError>) {
        let error = answer.as_ref().err().map(|e| one_line(e));
        // A refusal is an answer, too.
        let reachable = answer.as_ref().err().is_none_or(|e| !e.is_unreachable());
        self.upstream.agent.update(|status| {
            let Some(registry) = status.registry.as_mut() else { return };
            match &error {
                Some(error) if registry.error.as_ref() != Some(error) => tracing::warn!("{error}"),
                None if registry.error.is_some() => {
                    tracing::info!("the registry answers again");
                    self.upstream.agent.reports().link_is_back();
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
        let known = self.upstream.agent.status().refused;
        if known.is_none_or(|known| known.bundle_sha256 != bundle_sha256 || known.reason != reason) {
            tracing::error!("version {version} of {} does not run here: {reason}", self.upstream.name);
            self.report_refusal(version, bundle_sha256, &reason, error.is_lasting());
        }
        let refusal = Refusal { version: Some(version), bundle_sha256, reason, at: Timestamp::now() };
        self.upstream.agent.update(|status| status.refused = Some(refusal));
    }
}
