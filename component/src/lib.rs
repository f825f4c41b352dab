//! tract behind `wit/inference.wit`: loads one RUL model from ONNX bytes and predicts windows.
//!
//! Built for `wasm32-unknown-unknown` this is the component that a gateway runs, and it imports
//! nothing. Built for any other target it is a library with the same [`Model`], "native tract".
//!
//! tract's own ONNX importer is not used for the graph: it skips attributes that it does not know
//! (`direction = reverse`, `activations`, `clip`, ...), so that a model computes something else
//! than its author meant. Here every node is read strictly and wired into tract's typed graph by
//! `operators`; an operator, attribute, type or shape that is not on the list is refused by name.
//!
//! | module | holds |
//! | --- | --- |
//! | `onnx` | ONNX's protobuf schema, as far as it is read |
//! | `network` | ONNX bytes, decoded and checked as a whole |
//! | `tensor` | constants: `TensorProto` to a tensor |
//! | `node` | one node's attributes and inputs, each asked for or refused |
//! | `translate` | the walk over the nodes, for one batch size |
//! | `operators` | what each operator becomes |
//! | `recurrent` | recurrent layers over whole windows, as one operator of tract's |
//! | `plan` | runnable plans by batch size |
//! | `model` | [`Model`]: load and predict |

mod error;
mod model;
mod network;
mod node;
mod onnx;
mod operators;
mod plan;
mod recurrent;
mod tensor;
mod translate;

#[cfg(target_arch = "wasm32")]
mod guest;

pub use error::Error;
pub use model::{Model, Specification};
pub use operators::SUPPORTED;
