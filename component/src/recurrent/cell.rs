//! What the cells have in common: packed weights of the inputs, a state, one step at a time.

use super::lanes::Lanes;
use super::panels::Panels;
use super::product::{From, Gates, Rows, product};

/// The part of a cell that does not depend on its state.
pub(super) struct Inputs<const PRODUCTS: usize> {
    pub(super) panels: Panels<PRODUCTS>,
    /// Where the sums of each group start.
    pub(super) bias: Vec<Gates>,
}

impl<const PRODUCTS: usize> Inputs<PRODUCTS> {
    /// Multiplies rows of inputs, into `[rows, groups]`.
    pub(super) fn project(&self, rows: Rows<'_>, sums: &mut [Gates]) {
        product(&self.panels, rows, true, From::Bias(&self.bias), 0, sums);
    }
}

/// What a cell keeps from step to step, each `[rows, groups]`.
pub(super) struct State {
    pub(super) rows: usize,
    /// The hidden state.
    pub(super) hidden: Vec<Lanes>,
    /// The cell state of an LSTM; the part of the state that a GRU's reset gate lets through.
    pub(super) other: Vec<Lanes>,
}
