//! Training: settings, schedule, epochs, checkpoints, progress.
//!
//! | module | holds |
//! | --- | --- |
//! | [`settings`] | what a run is told, checked before anything starts |
//! | `epochs` | the epochs of one run, and the choice among them |
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
mod schedule;
pub mod settings;

pub use checkpoint::Checkpoints;
pub use epochs::{Data, Epoch, Trained, train};
pub(crate) use epochs::{predict_all, validation_labels_and_ends, validation_windows};
pub use interrupt::Interrupt;
pub use progress::Progress;
pub use settings::Settings;

#[cfg(test)]
mod tests;
