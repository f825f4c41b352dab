//! Training: settings, schedule, epochs, checkpoints, progress.
//!
//! | module | holds |
//! | --- | --- |
//! | [`settings`] | what a run is told, checked before anything starts |
//! | `epochs` | one run, from its first epoch or a checkpoint to its best |
//! | `run` | the run between two epochs |
//! | `validation` | the windows that choose the epoch |
//! | `optimiser` | `AdamW` over all parameters at once |
//! | `schedule` | the learning rate of each step |
//! | [`checkpoint`] | a run on disk after each epoch, to go on from |
//! | [`interrupt`] | Ctrl-C as a question that training asks |
//! | [`progress`] | a bar, or one line an epoch |
//! | [`memory`] | memory that ran out, as one line with the mend |

pub mod checkpoint;
mod epochs;
pub mod interrupt;
pub mod memory;
mod optimiser;
pub mod progress;
mod run;
mod schedule;
pub mod settings;
mod validation;

pub use checkpoint::Checkpoints;
pub use epochs::{Data, Epoch, Trained, train};
pub use interrupt::Interrupt;
pub use progress::Progress;
pub use settings::Settings;
pub(crate) use validation::{predict_all, validation_labels_and_ends, validation_windows};

#[cfg(test)]
mod tests;
