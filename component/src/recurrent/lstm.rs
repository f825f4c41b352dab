//! The LSTM cell without peepholes. Equations: ONNX operator LSTM (set 14), default activations.

use super::Weights;
use super::activation::{Quotient, sigmoid_of_twice, tanh};
use super::cell::{Inputs, State};
use super::lanes::{Lanes, add, div, mul};
use super::panels::{Gate, Panels, packed};
use super::product::{From, Gates, Rows, product};

/// Input, output and forget gate, halved for [`sigmoid_of_twice`]; and the cell's new value.
const GATES: [Gate; 4] = [(0, 0.5), (1, 0.5), (2, 0.5), (3, 1.0)];

/// An LSTM's packed weights.
pub(super) struct Lstm {
    pub(super) inputs: Inputs<4>,
    state: Panels<4>,
}

impl Lstm {
    pub(super) fn new(weights: &Weights<'_>) -> Self {
        let hidden = weights.hidden;
        Self {
            inputs: Inputs {
                panels: Panels::new(weights.inputs, hidden, weights.columns, GATES),
                bias: packed(&weights.both_biases(), hidden, GATES),
            },
            state: Panels::new(weights.state, hidden, hidden, GATES),
        }
    }

    /// One step of all rows from their products with the inputs.
    pub(super) fn step(&self, sums: &mut [Gates], state: &mut State, upwards: bool) {
        product(&self.state, Rows { values: &state.hidden, count: state.rows }, upwards, From::Sums, 0, sums);
        close(sums, &mut state.other, &mut state.hidden);
    }
}

/// From the gates' sums to the next states.
#[inline(never)]
fn close(sums: &[Gates], cell: &mut [Lanes], hidden: &mut [Lanes]) {
    for ((&[input, output, forget, new], cell), hidden) in sums.iter().zip(cell).zip(hidden) {
        let forget = sigmoid_of_twice(forget);
        let kept = div(mul(forget.over, *cell), forget.under);
        let new = product_of(sigmoid_of_twice(input), tanh(new));
        *cell = add(kept, new);
        *hidden = product_of(sigmoid_of_twice(output), tanh(*cell));
    }
}

/// The product of two quotients, with one division.
#[inline(always)]
fn product_of(left: Quotient, right: Quotient) -> Lanes {
    div(mul(left.over, right.over), mul(left.under, right.under))
}
