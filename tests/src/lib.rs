//! Whole-system tests: real processes, real sockets on the loopback interface, real files.
//!
//! Each file under `tests/` keeps one promise; what they share is here.
//!
//! | module | holds |
//! | --- | --- |
//! | [`programs`] | the programs under test, as they were built |
//! | [`process`] | a running server, which dies with the test |
//! | [`registry`] | a registry with versions in it |
//! | [`gateway`] | a gateway, asked over HTTP |
//! | [`trainer`] | the trainer's program, and what it says |
//! | [`trained`] | one model of each kind, trained once for all tests |
//! | [`versions`] | small real bundles to publish, made from `models/v1` |
//! | [`python`] | programs in Python that ask the registry through MLflow's own client |
//! | [`judge`] | what MLflow's own client sees, held against what MLflow's own server answered |
//! | [`disk`] | a disk that is full |
//! | [`load`] | requests that keep flowing |
//! | [`wait`] | waiting for what must come |
//!
//! The programs must have been built before: `cargo build --workspace`, as `cargo xtask test` does.
#![forbid(unsafe_code)]

pub mod disk;
pub mod gateway;
pub mod judge;
pub mod load;
pub mod process;
pub mod programs;
pub mod python;
pub mod registry;
pub mod trained;
pub mod trainer;
pub mod versions;
pub mod wait;

/// The registered model of all tests.
pub const MODEL: &str = "RUL-Prediction-Model";
