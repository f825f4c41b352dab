//! The small model for gateways: trends of each column over several horizons, and a perceptron on them.
//!
//! Each column's window is projected on a few functions of time, the same for all columns, which start as
//! means and slopes over the last 5 to all readings and are trained with the rest. No step waits for the one
//! before: a window costs a few small matrix products, where a recurrent network walks through it.

use tch::Tensor;

use super::Shape;
use super::network::{Mode, Parameters};
use super::parameter::{Specification, Start, linear};

/// Functions of time: one mean over the shortest horizon, then a mean and a slope over each of the others.
pub(crate) const BASES: usize = 9;
/// The shortest horizon, in readings.
const SHORTEST: usize = 5;
/// The other horizons, in sixths of the window: 10, 20, 40 and 60 readings of 60.
const SIXTHS: [usize; 4] = [1, 2, 4, 6];

/// The name of a hidden layer, as in a PyTorch `Sequential` of linear layer, activation and dropout.
pub(crate) fn layer_name(layer: usize) -> String {
    format!("mlp.{}", 3 * layer)
}

/// The first hidden layer is twice as wide as the others.
fn width(shape: &Shape, layer: usize) -> usize {
    if layer == 0 { 2 * shape.hidden } else { shape.hidden }
}

pub(super) fn parameters(shape: &Shape) -> Vec<Specification> {
    let mut parameters = vec![Specification::new(
        "bases.weight",
        &[BASES, shape.sequence_length],
        Start::Values(bases(shape.sequence_length)),
    )];
    let mut inputs = BASES * shape.features;
    for layer in 0..shape.layers {
        parameters.extend(linear(&layer_name(layer), width(shape, layer), inputs));
        inputs = width(shape, layer);
    }
    parameters.extend(linear("fc", 1, inputs));
    parameters
}

/// The functions of time that training starts with, `[BASES, length]`: means over the last readings, and slopes
/// by least squares, in change over half the horizon.
fn bases(length: usize) -> Vec<f32> {
    let mut rows = Vec::with_capacity(BASES * length);
    let mut row = |horizon: usize, value: &dyn Fn(f64) -> f64| {
        rows.extend((0..length).map(|step| match (step + horizon).checked_sub(length) {
            Some(within) => value(within as f64) as f32,
            None => 0.0,
        }));
    };
    let shortest = SHORTEST.min(length);
    row(shortest, &|_| 1.0 / shortest as f64);
    for sixths in SIXTHS {
        let horizon = (length * sixths / 6).max(2).min(length);
        let (count, middle) = (horizon as f64, (horizon as f64 - 1.0) / 2.0);
        let spread: f64 = (0..horizon).map(|step| (step as f64 - middle).powi(2)).sum();
        row(horizon, &|_| 1.0 / count);
        row(horizon, &|step| if spread > 0.0 { (step - middle) / spread * count / 2.0 } else { 0.0 });
    }
    rows
}

/// From normalised windows `[batch, sequence_length, features]` to `[batch, 1]`. Dropout follows each hidden layer.
pub(super) fn forward(shape: &Shape, parameters: &Parameters, windows: &Tensor, mode: Mode) -> Tensor {
    let affine = |input: &Tensor, name: &str| {
        input.linear(parameters.get(&format!("{name}.weight")), Some(parameters.get(&format!("{name}.bias"))))
    };
    let trends = windows.transpose(1, 2).linear::<&Tensor>(parameters.get("bases.weight"), None);
    let mut stream = trends.flatten(1, -1);
    for layer in 0..shape.layers {
        stream = affine(&stream, &layer_name(layer)).relu().dropout(mode.dropout, mode.train);
    }
    affine(&stream, "fc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_starts_with_means_and_slopes_over_the_last_readings() {
        let rows = bases(60);
        let of = |row: usize, series: &dyn Fn(f32) -> f32| -> f32 {
            (0..60).map(|step| rows[row * 60 + step] * series(step as f32)).sum()
        };
        // The last five of 0 to 59, then the last ten and all sixty.
        assert!((of(0, &|step| step) - 57.0).abs() < 1e-3);
        assert!((of(1, &|step| step) - 54.5).abs() < 1e-3 && (of(7, &|step| step) - 29.5).abs() < 1e-3);
        // A rise of 1 a reading is 5 over half of ten readings.
        assert!((of(2, &|step| step) - 5.0).abs() < 1e-3 && (of(8, &|step| step) - 30.0).abs() < 1e-2);
        assert!(of(8, &|_| 1.0).abs() < 1e-4);
        assert!(bases(1).iter().all(|value| value.is_finite()) && bases(1).len() == BASES);
    }
}
