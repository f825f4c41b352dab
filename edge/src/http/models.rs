//! `GET /models`: the version that answers, with all that is known of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use overhaul_bundle::{Metadata, Sha256Digest};
use serde::Serialize;

use crate::agent::Agent;

#[derive(Serialize)]
pub(super) struct Models {
    models: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    bundle_sha256: Sha256Digest,
    #[serde(flatten)]
    metadata: Metadata,
}

pub(super) async fn models(State(agent): State<Arc<Agent>>) -> Json<Models> {
    let active = agent.active();
    let models = active
        .iter()
        .map(|model| Entry { bundle_sha256: model.digest(), metadata: model.metadata().clone() })
        .collect();
    Json(Models { models })
}
