//! What a bundle is: everything one version of a model needs to run, as one directory.
//!
//! | module | holds |
//! | --- | --- |
//! | [`names`] | names of models, versions, gateways and units: parsed once, valid ever after |
//! | [`path`] | paths inside a bundle, which cannot climb out of it |
//! | [`digest`] | SHA-256 digests of bytes, files and streams |
//! | [`manifest`] | `manifest.json`: every file's path, size and digest, in canonical JSON |
//! | [`metadata`] | `metadata.json`: what was trained, how, and how good it is |
//! | [`scaler`] | `scaler.json`: the normalisation that `model.onnx` contains |
//! | [`distribution`] | how a feature's values are spread over the training data |
//! | [`expectations`] | what training saw of each feature in a reading's operating condition |
//! | [`interval`] | `interval.json`: from a point to an interval |
//! | [`golden`] | `golden.safetensors`: windows with their expected outputs |
//! | [`mlmodel`] | `MLmodel`: MLflow's descriptor of the same directory |
//! | [`window`] | from a unit's last readings to one window |
//! | [`directory`] | a bundle on disk, verified: [`Bundle`] |
//! | [`draft`] | a bundle in the making: [`Draft`] |
//! | [`component`] | the component that bundles are made for: where it lies, its bytes |
//! | [`mistake`] | a user's mistake against a fault, and the exit code of each |
//!
//! The crate does no input or output beyond one directory and the component's file, and nothing asynchronous.
#![forbid(unsafe_code)]

pub mod component;
pub mod digest;
pub mod directory;
pub mod distribution;
pub mod draft;
mod error;
pub mod expectations;
pub mod golden;
pub mod interval;
pub mod manifest;
pub mod metadata;
pub mod mistake;
pub mod mlmodel;
pub mod names;
pub mod path;
pub mod scaler;
pub mod window;

pub use digest::Sha256Digest;
pub use directory::Bundle;
pub use distribution::Distribution;
pub use draft::Draft;
pub use error::BundleError;
pub use expectations::Expectations;
pub use manifest::Manifest;
pub use metadata::Metadata;
pub use mistake::Mistake;
pub use names::{Alias, GatewayId, ModelName, QueueId, TokenName, UnitId, VersionNumber};
pub use path::BundlePath;
