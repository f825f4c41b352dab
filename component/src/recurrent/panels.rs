//! Weights in the order in which the products read them.

use super::lanes::{LANES, Lanes};

/// `GATES` matrices of `hidden` rows, packed for products with row vectors.
///
/// Rows are taken four at a time, a group; a group's panel holds for each column the four rows' weights
/// of every gate. What is missing to whole groups and to whole fours of columns is zeros.
pub(super) struct Panels<const GATES: usize> {
    fours: usize,
    weights: Vec<[[Lanes; GATES]; LANES]>,
}

/// How a gate is packed: its block of `hidden` rows in ONNX's weights, and a factor.
pub(super) type Gate = (usize, f32);

impl<const GATES: usize> Panels<GATES> {
    /// Packs blocks of `weights`, `[blocks * hidden, columns]`.
    pub(super) fn new(weights: &[f32], hidden: usize, columns: usize, gates: [Gate; GATES]) -> Self {
        let fours = groups(columns);
        let column = |group: usize, column: usize| {
            gates.map(|gate| {
                let weight = |row: usize| weights.get(row * columns + column).copied();
                gathered(hidden, group, gate, |row| if column < columns { weight(row) } else { None })
            })
        };
        let packed = (0..groups(hidden)).flat_map(|group| {
            let column = &column;
            (0..fours).map(move |four| [0, 1, 2, 3].map(|lane| column(group, four * LANES + lane)))
        });
        Self { fours, weights: packed.collect() }
    }

    /// Fours of columns.
    pub(super) fn fours(&self) -> usize {
        self.fours
    }

    /// Groups of four rows.
    pub(super) fn groups(&self) -> usize {
        self.weights.len() / self.fours
    }

    /// A group's weights, column by column.
    #[inline(always)]
    pub(super) fn panel(&self, group: usize) -> &[[[Lanes; GATES]; LANES]] {
        &self.weights[group * self.fours..][..self.fours]
    }
}

/// Blocks of a vector `[blocks * hidden]`, in the order of the panels' groups.
pub(super) fn packed<const GATES: usize>(
    values: &[f32],
    hidden: usize,
    gates: [Gate; GATES],
) -> Vec<[Lanes; GATES]> {
    let group = |group| gates.map(|gate| gathered(hidden, group, gate, |row| values.get(row).copied()));
    (0..groups(hidden)).map(group).collect()
}

/// Groups of four that a number of rows or columns makes.
pub(super) fn groups(count: usize) -> usize {
    count.div_ceil(LANES)
}

fn gathered(hidden: usize, group: usize, gate: Gate, value: impl Fn(usize) -> Option<f32>) -> Lanes {
    let (block, factor) = gate;
    let lane = |lane: usize| {
        let unit = group * LANES + lane;
        let value = if unit < hidden { value(block * hidden + unit) } else { None };
        value.unwrap_or(0.0) * factor
    };
    bytemuck::cast([0, 1, 2, 3].map(lane))
}
