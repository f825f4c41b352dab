//! What all parts of a running agent share: the active model, and what is known for `/health`.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use overhaul_bundle::{Sha256Digest, VersionNumber};
use serde::Serialize;

use crate::model::Model;

/// What all parts of a running agent share.
#[derive(Default)]
pub struct Agent {
    active: RwLock<Option<Arc<Model>>>,
    status: Mutex<Status>,
}

/// What is known beside the active model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The registry, if one is followed.
    pub registry: Option<RegistryStatus>,
    /// The version that was refused last, until another one is activated.
    pub refused: Option<Refusal>,
}

/// How it stands with the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegistryStatus {
    /// Its URL.
    pub url: String,
    /// Whether the last question was answered; `None` before the first.
    pub reachable: Option<bool>,
    /// When it last answered.
    pub last_answer: Option<Timestamp>,
    /// What went wrong with the last question, if anything did.
    pub error: Option<String>,
}

/// A version that does not run here, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Its number.
    pub version: Option<VersionNumber>,
    /// Its bundle.
    pub bundle_sha256: Sha256Digest,
    /// Why, in one line.
    pub reason: String,
    /// When it was tried last.
    pub at: Timestamp,
}

impl Agent {
    /// The model that answers now. Who holds it goes on with it, whatever is activated meanwhile.
    pub fn active(&self) -> Option<Arc<Model>> {
        self.active.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From the next request on, this model answers. The answer is the one before it.
    pub fn activate(&self, model: Arc<Model>) -> Option<Arc<Model>> {
        let before = self.active.write().unwrap_or_else(PoisonError::into_inner).replace(model);
        self.update(|status| status.refused = None);
        before
    }

    /// What is known beside the active model.
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known.
    pub fn update(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
