//! The registry's HTTP API as typed calls.
//!
//! | module | holds |
//! | --- | --- |
//! | [`api`] | the bodies of requests and answers, the same types the registry uses |
//! | [`error`] | what can go wrong, with the URL, the status and the mend |
//! | [`registry`] | [`Registry`]: one registry by its URL, and how requests are sent |
//! | [`access`] | who a program is to a server, and whose certificates it trusts |
//! | `connection` | what URL is a server's, and HTTP clients |
//! | [`mlflow`] | a training run, logged to MLflow's tracking API |
//! | `models` | registered models, their versions and manifests |
//! | `aliases` | aliases, and the history of their moves |
//! | `gateways` | what gateways report |
//! | `upload` | files into the registry, by digest |
//! | `download` | files out of the registry: resumed, verified, whole or not at all |
//! | `pace` | a limit on how fast files come |
//! | `publish` | a bundle into the registry, as one version |
#![forbid(unsafe_code)]

pub mod access;
mod aliases;
pub mod api;
mod connection;
mod download;
pub mod error;
mod gateways;
pub mod mlflow;
mod models;
mod pace;
mod publish;
pub mod registry;
mod upload;

pub use access::Access;
pub use aliases::AliasAnswer;
pub use api::{AliasTarget, Health, HistoryEntry, MoveAlias, PublishedVersion, RegisteredModel};
pub use error::ClientError;
pub use registry::Registry;
