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
//! | [`import`] | a model from elsewhere as one of ours |
//! | [`legacy`] | models and scalers that Python pickled, read without executing any of it |
//! | [`page`] | the report of a run as one HTML page |
//! | [`golden`] | the golden vectors |
//! | [`check`] | libtorch against native tract against the component |
//! | [`publish`] | the bundle, on disk and in the registry |
//! | [`pulled`] | a published version on this machine |
//! | [`promote`] | promotion by validation units |
//! | [`console`] | what people and programs are told |
//! | [`device`] | where tensors live |
//! | [`launch`] | what training wants of its process |
//! | [`cli`], [`command`] | the command line and what its commands do |
//! | [`random`] | everything random, from one seed |
#![forbid(unsafe_code)]

pub mod check;
pub mod cli;
pub mod command;
pub mod console;
pub mod data;
pub mod device;
pub mod evaluate;
pub mod export;
pub mod golden;
pub mod import;
pub mod launch;
pub mod legacy;
pub mod model;
pub mod page;
pub mod promote;
pub mod publish;
pub mod pulled;
pub mod random;
pub mod simulate;
pub mod train;
