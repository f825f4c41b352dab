//! A trained model as an ONNX file: raw readings in, RUL in cycles out.
//!
//! ```text
//! window [batch, sequence_length, features]
//!   Sub mean, Div scale                normalisation, per feature
//!   Transpose                          to [sequence_length, batch, features]
//!   GRU or LSTM, Squeeze               one for each layer
//!   Gemm                               the head, RUL as a share of the cap
//!   Mul rul_cap, Relu                  to cycles, never below 0
//! rul [batch, 1]
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | `build` | tensors, nodes and values as protobuf |
//! | `gates` | PyTorch's order of gates to ONNX's |
//! | `graph` | the graph above |

mod build;
mod gates;
mod graph;

pub use graph::to_onnx;
