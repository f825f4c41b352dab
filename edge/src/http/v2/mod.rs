//! The Open Inference Protocol, version 2, over HTTP, with its extension for binary tensors, so that clients such as
//! `tritonclient` work unchanged.
//!
//! | route | module |
//! | --- | --- |
//! | `GET /v2`, `GET /v2/health/live`, `GET /v2/health/ready` | `server` |
//! | `GET /v2/models/{name}[/versions/{version}][/ready]` | `model` |
//! | `POST /v2/models/{name}[/versions/{version}]/infer` | `infer` |
//!
//! | module | holds |
//! | --- | --- |
//! | `request` | a request's tensors, checked |
//! | `numbers` | a tensor's numbers as JSON |
//! | `binary` | tensors behind the JSON of a body |
//! | `answer` | an answer's tensors |
//! | `error` | `{"error": "one line"}` |

mod answer;
mod binary;
mod error;
mod infer;
mod model;
mod numbers;
mod request;
mod server;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::agent::Agent;

/// The model's input: raw readings, `[batch, sequence_length, input_features]`.
const INPUT: &str = "window";
/// The model's output: cycles, at least 0, `[batch, 1]`.
const OUTPUT: &str = "rul";
/// The ends of the interval around it, `[batch, 2]`; only of versions that have one.
const INTERVAL: &str = "interval";
/// The one type of all tensors.
const FLOAT: &str = "FP32";

pub(super) fn routes() -> OpenApiRouter<Arc<Agent>> {
    OpenApiRouter::default()
        .routes(routes!(server::metadata))
        .routes(routes!(server::live))
        .routes(routes!(server::ready))
        .routes(routes!(model::metadata))
        .routes(routes!(model::version_metadata))
        .routes(routes!(model::ready))
        .routes(routes!(model::version_ready))
        .routes(routes!(infer::infer))
        .routes(routes!(infer::infer_version))
}
