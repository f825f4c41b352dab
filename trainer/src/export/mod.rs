//! A trained model as an ONNX file: raw readings in, RUL in cycles out.
//!
//! ```text
//! window [batch, sequence_length, features]
//!   Sub mean, Mul 1/scale              normalisation; with operating conditions see `normalise`
//!   the architecture's own part        to [batch, size]
//!   Gemm                               the head, RUL as a share of the cap
//!   Mul rul_cap, Clip                  to cycles, from 0 to the cap
//! rul [batch, 1]
//! ```
//!
//! An imported model has 1 in the place of the cap and no `Clip`: it answers as it did where it comes from.
//!
//! | module | holds |
//! | --- | --- |
//! | `build` | tensors, nodes and values as protobuf |
//! | `gates` | PyTorch's order of gates to ONNX's |
//! | `graph` | nodes and constants in the making |
//! | `normalise`, `recurrent`, `transformer`, `trend` | the parts of the graph above |
//! | `model` | the file around them |

mod build;
mod gates;
mod graph;
mod model;
mod normalise;
mod recurrent;
mod transformer;
mod trend;

pub use model::to_onnx;
