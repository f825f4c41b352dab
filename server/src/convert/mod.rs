//! A version that MLflow's client logged becomes a bundle that gateways run.
//!
//! The files are foreign: they are read, loaded and run by a process of its own with little memory and time
//! (`overhaul-server make-bundle`), so that a hostile one costs a refusal and not the registry.
//!
//! | module | holds |
//! | --- | --- |
//! | [`descriptor`] | `MLmodel`: where the graph and the input example lie, and what its author said of it |
//! | [`external`] | weights that ONNX keeps in files of their own, put into the graph |
//! | [`example`] | windows out of the input example |
//! | [`facts`] | what the registry knows: number, metrics, parameters |
//! | `weights` | how many numbers training gave the graph |
//! | `wire` | Protocol Buffers, field by field |
//! | [`job`] | one conversion from the files to the bundle, and those that a restart left undone |
//! | [`mod@make`] | all of it together: a bundle, or why there can be none |

pub mod descriptor;
pub mod example;
pub mod external;
pub mod facts;
pub mod job;
pub mod make;
mod weights;
mod wire;

pub use facts::Facts;
pub use job::Workshop;
pub use make::make;
