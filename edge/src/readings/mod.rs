//! Readings from outside, checked at the door.
//!
//! | module | reads |
//! | --- | --- |
//! | [`json`] | the body of `POST /predict/simple` |
//! | [`named`] | the body of `POST /predict` |
//! | [`table`] | a CSV file of readings |

pub mod json;
pub mod named;
pub mod table;

/// A reading's value as the model takes it; `None` if it is not finite there.
pub(crate) fn as_model_value(value: f64) -> Option<f32> {
    // Beyond the range of `f32`, the cast gives infinity.
    let value = value as f32;
    value.is_finite().then_some(value)
}
