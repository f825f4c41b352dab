//! From run-to-failure files to a published version: data, models on libtorch, training, evaluation,
//! ONNX export, publishing.
//!
//! | module | holds |
//! | --- | --- |
//! | [`data`] | run-to-failure files, units, splits, windows |
//! | [`simulate`] | such files from a documented degradation model |
//! | [`model`] | networks on libtorch and their weights |
//! | [`train`] | settings, epochs, progress |
//! | [`evaluate`] | errors, scores and the interval |
//! | [`export`] | the ONNX file |
//! | [`golden`] | the golden vectors |
//! | [`check`] | libtorch against native tract against the component |
//! | [`publish`] | the bundle, on disk and in the registry |
//! | [`report`] | what people and programs are told |
//! | [`cli`], [`command`] | the command line and what its commands do |
//! | [`random`] | everything random, from one seed |
#![forbid(unsafe_code)]

pub mod check;
pub mod cli;
pub mod command;
pub mod data;
pub mod evaluate;
pub mod export;
pub mod golden;
pub mod model;
pub mod publish;
pub mod random;
pub mod report;
pub mod simulate;
pub mod train;
