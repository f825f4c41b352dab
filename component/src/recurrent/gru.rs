//! The GRU cells, with the reset gate after the state's product (`linear_before_reset`) and before it.
//! Equations: ONNX operator GRU (set 14), default activations.

use super::Weights;
use super::activation::{Quotient, sigmoid_of_twice, tanh};
use super::cell::{Inputs, State};
use super::lanes::{Lanes, add, div, madd, mul, splat, sub};
use super::panels::{Gate, Panels, packed};
use super::product::{From, Gates, Rows, product};

/// Update and reset gate, halved for [`sigmoid_of_twice`]; and the state's new value.
const UPDATE: Gate = (0, 0.5);
const RESET: Gate = (1, 0.5);
const NEW: Gate = (2, 1.0);
/// The sums, in this order: the inputs' part of the new value, the gates, the state's part of the new value.
const INPUTS: [Gate; 3] = [NEW, UPDATE, RESET];

/// A GRU whose reset gate scales the state's product.
pub(super) struct LinearGru {
    pub(super) inputs: Inputs<3>,
    state: Panels<3>,
}

impl LinearGru {
    pub(super) fn new(weights: &Weights<'_>) -> Self {
        let hidden = weights.hidden;
        let gates = packed(&weights.both_biases(), hidden, [UPDATE, RESET]);
        let [input, state] = [weights.input_bias, weights.state_bias].map(|bias| packed(bias, hidden, [NEW]));
        let bias = gates.iter().zip(input.iter().zip(&state));
        Self {
            inputs: Inputs {
                panels: Panels::new(weights.inputs, hidden, weights.columns, INPUTS),
                bias: bias.map(|(gates, (input, state))| [input[0], gates[0], gates[1], state[0]]).collect(),
            },
            state: Panels::new(weights.state, hidden, hidden, [UPDATE, RESET, NEW]),
        }
    }

    /// One step of all rows from their products with the inputs.
    pub(super) fn step(&self, sums: &mut [Gates], state: &mut State, upwards: bool) {
        product(&self.state, Rows { values: &state.hidden, count: state.rows }, upwards, From::Sums, 1, sums);
        close_linear(sums, &mut state.hidden);
    }
}

/// From the sums to the next state.
#[inline(never)]
fn close_linear(sums: &[Gates], hidden: &mut [Lanes]) {
    for (&[input, update, reset, state], hidden) in sums.iter().zip(hidden) {
        let reset = sigmoid_of_twice(reset);
        let new = madd(div(reset.over, reset.under), state, input);
        *hidden = mixed(tanh(update), tanh(new), *hidden);
    }
}

/// `(1 - z) * new + z * old` with `z` the sigmoid whose tanh is `update`: one division.
#[inline(always)]
fn mixed(update: Quotient, new: Quotient, old: Lanes) -> Lanes {
    let fresh = mul(sub(update.under, update.over), new.over);
    let kept = mul(mul(add(update.under, update.over), new.under), old);
    div(mul(splat(0.5), add(fresh, kept)), mul(update.under, new.under))
}

/// A GRU whose reset gate scales the state before its product.
pub(super) struct Gru {
    pub(super) inputs: Inputs<3>,
    gates: Panels<2>,
    new: Panels<1>,
}

impl Gru {
    pub(super) fn new(weights: &Weights<'_>) -> Self {
        let hidden = weights.hidden;
        let bias = packed(&weights.both_biases(), hidden, INPUTS);
        Self {
            inputs: Inputs {
                panels: Panels::new(weights.inputs, hidden, weights.columns, INPUTS),
                bias: bias.iter().map(|&[new, update, reset]| [new, update, reset, splat(0.0)]).collect(),
            },
            gates: Panels::new(weights.state, hidden, hidden, [UPDATE, RESET]),
            new: Panels::new(weights.state, hidden, hidden, [NEW]),
        }
    }

    /// One step of all rows from their products with the inputs.
    pub(super) fn step(&self, sums: &mut [Gates], state: &mut State, upwards: bool) {
        product(&self.gates, Rows { values: &state.hidden, count: state.rows }, upwards, From::Sums, 1, sums);
        reset(sums, &state.hidden, &mut state.other);
        product(&self.new, Rows { values: &state.other, count: state.rows }, upwards, From::Sums, 0, sums);
        close(sums, &mut state.hidden);
    }
}

/// The part of the state that the reset gate lets through.
#[inline(never)]
fn reset(sums: &[Gates], hidden: &[Lanes], kept: &mut [Lanes]) {
    for ((&[_, _, reset, _], hidden), kept) in sums.iter().zip(hidden).zip(kept) {
        let reset = sigmoid_of_twice(reset);
        *kept = div(mul(reset.over, *hidden), reset.under);
    }
}

/// From the sums to the next state.
#[inline(never)]
fn close(sums: &[Gates], hidden: &mut [Lanes]) {
    for (&[new, update, _, _], hidden) in sums.iter().zip(hidden) {
        *hidden = mixed(tanh(update), tanh(new), *hidden);
    }
}
