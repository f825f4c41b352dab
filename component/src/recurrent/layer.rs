//! One direction of a recurrent layer over the whole window.

use super::cell::State;
use super::gru::{Gru, LinearGru};
use super::lanes::{LANES, Lanes, splat};
use super::lstm::Lstm;
use super::panels::groups;
use super::product::{Gates, Rows};

/// Rows whose products with the inputs are taken at once, when a step has fewer: enough for full tiles,
/// few enough for the nearest cache.
const ROWS_AT_ONCE: usize = 32;

/// The cell of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// GRU, with the reset gate applied before the product with the state.
    Gru,
    /// GRU with `linear_before_reset = 1`: the reset gate applied after the product.
    LinearGru,
    /// LSTM without peepholes.
    Lstm,
}

impl Kind {
    /// Blocks of `hidden` rows in the weights.
    pub(crate) fn gates(self) -> usize {
        if self == Self::Lstm { 4 } else { 3 }
    }
}

/// One direction's weights as ONNX has them, row-major. All lengths are checked before.
pub(crate) struct Weights<'a> {
    /// Numbers in one input vector.
    pub(crate) columns: usize,
    /// Numbers in the hidden state.
    pub(crate) hidden: usize,
    /// `[gates * hidden, columns]`.
    pub(crate) inputs: &'a [f32],
    /// `[gates * hidden, hidden]`.
    pub(crate) state: &'a [f32],
    /// `[gates * hidden]`, of the inputs' product.
    pub(crate) input_bias: &'a [f32],
    /// `[gates * hidden]`, of the state's product.
    pub(crate) state_bias: &'a [f32],
}

impl Weights<'_> {
    /// Where both biases are added to the same sum, they can be added to each other first.
    pub(super) fn both_biases(&self) -> Vec<f32> {
        self.input_bias.iter().zip(self.state_bias).map(|(input, state)| input + state).collect()
    }
}

/// One direction of a layer.
pub(crate) struct Layer {
    columns: usize,
    hidden: usize,
    backward: bool,
    cell: Cell,
}

enum Cell {
    Gru(Gru),
    LinearGru(LinearGru),
    Lstm(Lstm),
}

/// What a layer reads.
pub(super) struct Window<'a> {
    pub(super) length: usize,
    pub(super) batch: usize,
    /// `[length, batch, columns]`, or `[batch, length, columns]` where `batch_first` says so.
    pub(super) values: &'a [f32],
    pub(super) batch_first: bool,
    /// The first states, `[batch, hidden]` each; 0 where absent.
    pub(super) hidden: Option<&'a [f32]>,
    pub(super) cell: Option<&'a [f32]>,
}

impl Layer {
    /// Packs the weights of a direction.
    pub(crate) fn new(kind: Kind, weights: &Weights<'_>, backward: bool) -> Self {
        let cell = match kind {
            Kind::Gru => Cell::Gru(Gru::new(weights)),
            Kind::LinearGru => Cell::LinearGru(LinearGru::new(weights)),
            Kind::Lstm => Cell::Lstm(Lstm::new(weights)),
        };
        Self { columns: weights.columns, hidden: weights.hidden, backward, cell }
    }

    /// Numbers in the hidden state.
    pub(super) fn hidden(&self) -> usize {
        self.hidden
    }

    /// Runs a window and hands each step's number with its hidden states, `[batch, hidden]`, to `each`, in the
    /// order in which the direction goes.
    pub(super) fn run(&self, window: &Window<'_>, mut each: impl FnMut(usize, StepStates<'_>)) {
        let Window { length, batch, .. } = *window;
        let size = batch * groups(self.hidden);
        let mut state = State {
            rows: batch,
            hidden: self.first(window.hidden, batch),
            other: self.first(window.cell, batch),
        };
        let at_once = (ROWS_AT_ONCE / batch).clamp(1, length);
        let mut sums = vec![[splat(0.0); 4]; at_once * size];
        let mut inputs = vec![splat(0.0); at_once * batch * groups(self.columns)];
        for turn in 0..length {
            let of_chunk = turn % at_once;
            let steps = at_once.min(length - (turn - of_chunk));
            if of_chunk == 0 {
                let first = if self.backward { length - turn - steps } else { turn };
                let count = steps * batch;
                window.copy(first, steps, self.columns, &mut inputs);
                self.project(Rows { values: &inputs[..count * groups(self.columns)], count }, &mut sums);
            }
            let place = if self.backward { steps - 1 - of_chunk } else { of_chunk };
            self.step(&mut sums[place * size..][..size], &mut state, turn % 2 == 0);
            let step = if self.backward { length - 1 - turn } else { turn };
            each(step, StepStates { lanes: &state.hidden, hidden: self.hidden, last: turn + 1 == length });
        }
    }

    fn project(&self, rows: Rows<'_>, sums: &mut [Gates]) {
        match &self.cell {
            Cell::Gru(cell) => cell.inputs.project(rows, sums),
            Cell::LinearGru(cell) => cell.inputs.project(rows, sums),
            Cell::Lstm(cell) => cell.inputs.project(rows, sums),
        }
    }

    fn step(&self, sums: &mut [Gates], state: &mut State, upwards: bool) {
        match &self.cell {
            Cell::Gru(cell) => cell.step(sums, state, upwards),
            Cell::LinearGru(cell) => cell.step(sums, state, upwards),
            Cell::Lstm(cell) => cell.step(sums, state, upwards),
        }
    }

    /// A first state in lanes.
    fn first(&self, given: Option<&[f32]>, batch: usize) -> Vec<Lanes> {
        let mut lanes = vec![splat(0.0); batch * groups(self.hidden)];
        copy(given.unwrap_or_default(), self.hidden, &mut lanes);
        lanes
    }
}

impl Window<'_> {
    /// Copies the rows of some steps, `[steps, batch]`, into rows of whole lanes.
    fn copy(&self, first: usize, steps: usize, columns: usize, to: &mut [Lanes]) {
        if self.batch_first {
            let width = groups(columns);
            for (row, to) in to.chunks_exact_mut(width).take(steps * self.batch).enumerate() {
                let (step, of_batch) = (first + row / self.batch, row % self.batch);
                copy(&self.values[(of_batch * self.length + step) * columns..][..columns], columns, to);
            }
        } else {
            copy(&self.values[first * self.batch * columns..][..steps * self.batch * columns], columns, to);
        }
    }
}

/// Copies rows of a width into rows of whole lanes; what is left over of these stays as it is.
fn copy(from: &[f32], width: usize, to: &mut [Lanes]) {
    let rows = bytemuck::cast_slice_mut::<Lanes, f32>(to).chunks_exact_mut(groups(width) * LANES);
    for (to, from) in rows.zip(from.chunks_exact(width)) {
        to[..width].copy_from_slice(from);
    }
}

/// The hidden states after a step.
#[derive(Clone, Copy)]
pub(super) struct StepStates<'a> {
    lanes: &'a [Lanes],
    hidden: usize,
    /// True after the direction's last step.
    pub(super) last: bool,
}

impl StepStates<'_> {
    /// Writes them down, `[batch, hidden]`.
    pub(super) fn write(self, to: &mut [f32]) {
        let rows = bytemuck::cast_slice::<Lanes, f32>(self.lanes).chunks_exact(groups(self.hidden) * LANES);
        for (row, to) in rows.zip(to.chunks_exact_mut(self.hidden)) {
            to.copy_from_slice(&row[..self.hidden]);
        }
    }
}
