//! Recurrent layers over whole windows, as one operator of tract's.
//!
//! tract's own GRU and LSTM (`GruSeq`, `Scan` with `LstmEpilogue`) dispatch, pack and allocate in each
//! step; here a step is one pass over weights that were packed when the plan was made.
//!
//! | module | holds |
//! | --- | --- |
//! | `lanes` | four floats at a time |
//! | `activation` | sigmoid and tanh as quotients of polynomials |
//! | `panels` | weights in the order in which the products read them |
//! | `product` | row vectors times packed weights, sums in registers |
//! | `cell` | what the cells have in common |
//! | `lstm`, `gru` | the cells |
//! | `layer` | one direction of a layer over the whole window |
//! | `operator` | all directions as an operator of tract's |
#![expect(clippy::inline_always, reason = "a call in the kernels' loops would cost more than what is called")]

mod activation;
mod cell;
mod gru;
mod lanes;
mod layer;
mod lstm;
mod operator;
mod panels;
mod product;
#[cfg(test)]
mod tests;

pub(crate) use layer::{Kind, Layer, Weights};
pub(crate) use operator::{Outputs, Recurrent};
