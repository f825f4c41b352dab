//! The registry: models, versions and aliases in `SQLite`, files by digest, over HTTP.
//!
//! | module | holds |
//! | --- | --- |
//! | [`serve`] | one running registry, from its data directory to its last request |
//! | `background` | what it does beside answering requests |
//! | [`directory`] | the data directory, held by one server at a time |
//! | [`store`] | the database: one writer, a pool of readers, one file for each table |
//! | [`artifact_path`] | paths of artifacts, which lead nowhere but downwards |
//! | [`blobs`] | files by digest: streamed, visible only when whole and durable |
//! | [`access`] | who may do what: tokens, roles, and what each route asks for |
//! | [`api`] | the project's own HTTP API, one file for each resource |
//! | [`metrics`] | what Prometheus is told |
//! | [`mlflow`] | `MLflow`'s protocol, one file for each resource |
//! | [`webhooks`] | what is told to whoever subscribed |
//! | [`file_registry`] | the registry guide's folders `v{N}`, in and out |
//! | [`operations`] | tending a registry from the command line: verify, gc, backup, restore |
//! | [`convert`] | what MLflow's client logged, as bundles that gateways run |
//! | `manifests` | manifests of published bundles, out of the blobs |
//! | [`filter`] | the grammar of every filter and order of a search |
//! | `alias` | moving an alias, the one way to do it |
//! | [`signer`] | signatures for URLs that work without credentials |
//! | [`public_url`] | the address by which clients reach a server behind something else |
//! | [`clock`] | where every timestamp comes from |
#![forbid(unsafe_code)]

pub mod access;
mod alias;
pub mod api;
pub mod artifact_path;
mod background;
pub mod blobs;
pub mod clock;
pub mod convert;
pub mod directory;
pub mod file_registry;
pub mod filter;
mod manifests;
pub mod metrics;
pub mod mlflow;
pub mod operations;
pub mod public_url;
pub mod serve;
pub mod signer;
pub mod store;
pub mod webhooks;

pub use clock::Clock;
pub use serve::{Options, Server};
