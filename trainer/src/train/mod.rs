//! Training: settings, schedule, epochs, progress.

mod epochs;
mod progress;
mod schedule;
mod settings;

pub(crate) use epochs::predict_all;
pub use epochs::{Trained, train};
pub use progress::Progress;
pub use settings::Settings;

#[cfg(test)]
mod tests;
