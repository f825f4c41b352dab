//! How good a model is: errors and scores over all test units at once, its baseline and its interval.
//!
//! | module | holds |
//! | --- | --- |
//! | `rmse`, `nasa` | errors of predictions against truths |
//! | [`score`] | what one scoring of the test set says |
//! | [`ridge`] | the baseline |
//! | `interval` | from points to intervals |
//! | [`bootstrap`] | how sure a difference of two models is |

pub mod bootstrap;
mod interval;
mod nasa;
pub mod ridge;
mod rmse;
pub mod score;

pub use interval::{LEVEL, Residual, calibrate, units_needed};
pub use nasa::nasa_score;
pub use ridge::Ridge;
pub use rmse::{mae, rmse};
pub use score::{Errors, NEAR_FAILURE, TestScore};

/// Labels with the ceiling of training.
pub fn capped(labels: &[f32], rul_cap: f64) -> Vec<f32> {
    labels.iter().map(|&left| left.min(rul_cap as f32)).collect()
}

#[cfg(test)]
mod tests;
