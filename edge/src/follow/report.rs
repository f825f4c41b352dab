//! What the registry is told of the versions that run here, and of those that do not.

use overhaul_bundle::{Sha256Digest, VersionNumber};
use overhaul_client::api::{Activated, Cause, Event, FellBack, Refused, Started, VersionId};

use super::Follower;
use crate::agent::FallBack;
use crate::model::Model;

/// The most characters of a reason.
const MAX_REASON: usize = 1000;

impl Follower {
    pub(super) fn report_start(&self) {
        self.upstream.agent.reports().record(Event::Started(Started {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            model: self.upstream.name.clone(),
            alias: self.upstream.alias.clone(),
        }));
    }

    pub(super) fn report_activation(&self, model: &Model, before: Option<&Model>, cause: Cause) {
        let (running, previous) = (id(model), before.map(id));
        self.upstream.agent.reports().record(Event::Activated(Activated { running, previous, cause }));
    }

    pub(super) fn report_refusal(
        &self,
        version: VersionNumber,
        bundle_sha256: Sha256Digest,
        reason: &str,
        lasting: bool,
    ) {
        let refused = VersionId { version: Some(version), bundle_sha256 };
        self.upstream.agent.reports().record(Event::Refused(Refused {
            refused,
            reason: short(reason),
            lasting,
        }));
    }

    pub(super) fn report_fall_back(&self, fall_back: &FallBack) {
        let FallBack { from, to, reason, predictions, failures } = fall_back;
        self.upstream.agent.reports().record(Event::FellBack(FellBack {
            from: id(from),
            to: id(to),
            reason: short(reason),
            predictions: *predictions,
            failures: *failures,
        }));
    }
}

fn id(model: &Model) -> VersionId {
    VersionId { version: model.metadata().version, bundle_sha256: model.digest() }
}

fn short(reason: &str) -> String {
    reason.chars().take(MAX_REASON).collect()
}
