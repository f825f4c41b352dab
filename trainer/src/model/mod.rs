//! Models: what they are, their network on libtorch, their weights as plain numbers.
//!
//! | module | holds |
//! | --- | --- |
//! | [`architecture`] | the kinds of model |
//! | [`shape`] | a model's sizes |
//! | [`parameter`] | every parameter's name, dimensions and start |
//! | `recurrent`, `transformer`, `trend` | each family's parameters and its way from window to share |
//! | `normaliser` | raw readings to normalised ones |
//! | [`network`] | all of it together, with its weights |
//! | [`infer`] | a model's sizes from its weights |
//! | [`weights`] | the weights as plain numbers, and their file |

pub mod architecture;
pub mod infer;
pub mod network;
mod normaliser;
pub mod parameter;
pub(crate) mod recurrent;
pub mod shape;
pub(crate) mod transformer;
pub(crate) mod trend;
pub mod weights;

pub use architecture::Architecture;
pub use infer::from_metadata;
pub use network::{Mode, Network, Output};
pub(crate) use normaliser::{ConditionConstants, single_condition};
pub use shape::{Head, Shape};
pub use weights::{Parameter, Weights};
