//! How probations end: recorded, so that the next start knows it; a version that failed is refused for good.

use jiff::Timestamp;
use overhaul_bundle::{Sha256Digest, VersionNumber};

use super::Follower;
use crate::agent::{FallBack, Refusal, Verdict};
use crate::store::{Active, Previous};

impl Follower {
    /// Writes down what the agent has already done.
    pub(super) fn settle(&self, verdict: &Verdict) {
        match verdict {
            Verdict::Proven(model) => {
                let Some(last) =
                    self.upstream.store.active().filter(|last| last.bundle_sha256 == model.digest())
                else {
                    return;
                };
                tracing::info!("version {} of {} has proven itself", last.version, last.name);
                self.record(&Active { proven: true, short_lives: 0, ..last });
            }
            Verdict::FellBack(fall_back) => self.settle_fall_back(fall_back),
        }
    }

    fn settle_fall_back(&self, fall_back: &FallBack) {
        self.report_fall_back(fall_back);
        let FallBack { from, to, reason, predictions, failures } = fall_back;
        // Versions from a registry have a number.
        let (Some(version), Some(before)) = (from.metadata().version, to.metadata().version) else { return };
        let reason =
            format!("{failures} of its first {predictions} predictions failed, the last one: {reason}");
        self.take_back(version, from.digest(), reason);
        tracing::warn!("version {before} of {}, which ran before, answers again", self.upstream.name);
        if let Some(last) = self.upstream.store.active() {
            let previous = Previous { version: before, bundle_sha256: to.digest() };
            self.record(&last.fallen_back(&previous));
        }
    }

    /// Refuses a version that ran here until a person allows it again.
    pub(super) fn take_back(&self, version: VersionNumber, bundle_sha256: Sha256Digest, reason: String) {
        tracing::error!(
            "version {version} of {} is taken back: {reason}; DELETE /refused/{bundle_sha256} allows it again",
            self.upstream.name
        );
        let refusal = Refusal { version: Some(version), bundle_sha256, reason, at: Timestamp::now() };
        if let Err(e) = self.upstream.agent.refusals().add(refusal.clone()) {
            tracing::warn!("that it is refused is forgotten at the next start: {e}");
        }
        self.upstream.agent.update(|status| status.refused = Some(refusal));
    }

    /// Records what runs. What cannot be written costs the next start a question to the registry, nothing now.
    pub(super) fn record(&self, active: &Active) {
        if let Err(e) = self.upstream.store.record_active(active) {
            tracing::warn!("what runs cannot be recorded: {e}");
        }
    }
}
