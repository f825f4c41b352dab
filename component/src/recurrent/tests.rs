//! Every cell, direction, size and batch against the standard's equations, written down in f64.

use proptest::prelude::*;

use super::layer::{Kind, Layer, Weights, Window};

/// A layer's weights and a window, from a seed.
struct Case {
    kind: Kind,
    backward: bool,
    columns: usize,
    hidden: usize,
    batch: usize,
    length: usize,
    w: Vec<f32>,
    r: Vec<f32>,
    biases: [Vec<f32>; 2],
    states: Option<[Vec<f32>; 2]>,
    values: Vec<f32>,
}

/// Numbers within -1 to 1 that repeat only after 2^32 of them.
struct Numbers(u32);

impl Numbers {
    fn take(&mut self, count: usize, scale: f32) -> Vec<f32> {
        let mut next = || {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next() * scale).collect()
    }
}

impl Case {
    fn new((kind, backward, given): (Kind, bool, bool), sizes: [usize; 4], seed: u32) -> Self {
        let [columns, hidden, batch, length] = sizes;
        let rows = kind.gates() * hidden;
        let mut numbers = Numbers(seed);
        // Scaled so that gates are neither all open nor all shut.
        let scale = |width: usize| 2.0 / (width as f32).sqrt();
        Self {
            kind,
            backward,
            columns,
            hidden,
            batch,
            length,
            w: numbers.take(rows * columns, scale(columns)),
            r: numbers.take(rows * hidden, scale(hidden)),
            biases: [0, 1].map(|_| numbers.take(rows, 1.0)),
            states: given.then(|| [0, 1].map(|_| numbers.take(batch * hidden, 1.0))),
            values: numbers.take(length * batch * columns, 2.0),
        }
    }

    /// The hidden states of all steps, `[length, batch, hidden]`, by the layer; and which step came last.
    fn by_layer(&self, first: usize, batch: usize) -> (Vec<f32>, Option<usize>) {
        let [input_bias, state_bias] = &self.biases;
        let weights = Weights {
            columns: self.columns,
            hidden: self.hidden,
            inputs: &self.w,
            state: &self.r,
            input_bias,
            state_bias,
        };
        let layer = Layer::new(self.kind, &weights, self.backward);
        let (columns, hidden) = (self.columns, self.hidden);
        let steps = self.values.chunks(self.batch * columns);
        let values: Vec<f32> =
            steps.flat_map(|step| &step[first * columns..(first + batch) * columns]).copied().collect();
        let states: Option<[&[f32]; 2]> = self
            .states
            .as_ref()
            .map(|s| [&s[0], &s[1]].map(|s| &s[first * hidden..(first + batch) * hidden]));
        let window = Window {
            length: self.length,
            batch,
            values: &values,
            batch_first: false,
            hidden: states.map(|[hidden, _]| hidden),
            cell: states.map(|[_, cell]| cell).filter(|_| self.kind == Kind::Lstm),
        };
        let mut all = vec![f32::NAN; self.length * batch * hidden];
        let mut last = None;
        layer.run(&window, |step, states| {
            states.write(&mut all[step * batch * hidden..][..batch * hidden]);
            if states.last {
                last = Some(step);
            }
        });
        (all, last)
    }

    /// The same by the equations of the ONNX standard.
    fn by_the_standard(&self) -> Vec<f64> {
        let (columns, hidden) = (self.columns, self.hidden);
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let mut all = vec![f64::NAN; self.length * self.batch * hidden];
        for row in 0..self.batch {
            let first = |index: usize| -> Vec<f64> {
                let given = self.states.as_ref().map(|states| &states[index][row * hidden..][..hidden]);
                given.map_or(vec![0.0; hidden], |given| given.iter().map(|&value| value.into()).collect())
            };
            let (mut h, mut c) = (first(0), first(1));
            for turn in 0..self.length {
                let step = if self.backward { self.length - 1 - turn } else { turn };
                let x = &self.values[(step * self.batch + row) * columns..][..columns];
                let product = |weights: &[f32], row: usize, vector: &[f64]| -> f64 {
                    let weights = &weights[row * vector.len()..][..vector.len()];
                    weights.iter().zip(vector).map(|(&weight, value)| f64::from(weight) * value).sum()
                };
                let x: Vec<f64> = x.iter().map(|&value| value.into()).collect();
                let input = |gate: usize, unit: usize| {
                    let row = gate * hidden + unit;
                    product(&self.w, row, &x) + f64::from(self.biases[0][row])
                };
                let state = |gate: usize, unit: usize, h: &[f64]| {
                    let row = gate * hidden + unit;
                    product(&self.r, row, h) + f64::from(self.biases[1][row])
                };
                let units = 0..hidden;
                h = if self.kind == Kind::Lstm {
                    let sum = |gate, unit| input(gate, unit) + state(gate, unit, &h);
                    c = units
                        .clone()
                        .map(|u| sigmoid(sum(2, u)) * c[u] + sigmoid(sum(0, u)) * sum(3, u).tanh())
                        .collect();
                    units.map(|u| sigmoid(sum(1, u)) * c[u].tanh()).collect()
                } else {
                    let sum = |gate, unit| input(gate, unit) + state(gate, unit, &h);
                    let reset: Vec<f64> = units.clone().map(|u| sigmoid(sum(1, u))).collect();
                    let kept: Vec<f64> = reset.iter().zip(&h).map(|(reset, h)| reset * h).collect();
                    let new = |u| match self.kind {
                        Kind::LinearGru => (input(2, u) + reset[u] * state(2, u, &h)).tanh(),
                        _ => (input(2, u) + state(2, u, &kept)).tanh(),
                    };
                    let update = |u| sigmoid(sum(0, u));
                    units.map(|u| (1.0 - update(u)) * new(u) + update(u) * h[u]).collect()
                };
                all[(step * self.batch + row) * hidden..][..hidden].copy_from_slice(&h);
            }
        }
        all
    }
}

fn kinds() -> impl Strategy<Value = (Kind, bool, bool)> {
    (prop_oneof![Just(Kind::Gru), Just(Kind::LinearGru), Just(Kind::Lstm)], any::<bool>(), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_layer_computes_the_standards_equations(
        kind in kinds(), columns in 1..40_usize, hidden in 1..70_usize, batch in 1..70_usize, length in 1..9_usize,
        seed: u32,
    ) {
        let case = Case::new(kind, [columns, hidden, batch, length], seed);
        let (found, last) = case.by_layer(0, batch);
        for (place, (found, exact)) in found.iter().zip(case.by_the_standard()).enumerate() {
            // NaN, where nothing was written, is no small difference either.
            prop_assert!(((f64::from(*found) - exact).abs()) < 2e-5, "{place}: {found} instead of {exact}");
        }
        prop_assert_eq!(last, Some(if case.backward { 0 } else { length - 1 }));
    }

    #[test]
    fn a_window_answers_the_same_bits_alone_and_among_others(
        kind in kinds(), columns in 1..40_usize, hidden in 1..70_usize, batch in 2..70_usize, length in 1..9_usize,
        seed: u32, row: prop::sample::Index,
    ) {
        let case = Case::new(kind, [columns, hidden, batch, length], seed);
        let row = row.index(batch);
        let (together, _) = case.by_layer(0, batch);
        let (alone, _) = case.by_layer(row, 1);
        for (step, alone) in alone.chunks(hidden).enumerate() {
            let together = &together[(step * batch + row) * hidden..][..hidden];
            prop_assert_eq!(alone.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), together.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_window_that_is_not_a_number_is_seen_in_the_answer() {
    for kind in [Kind::Gru, Kind::LinearGru, Kind::Lstm] {
        let mut case = Case::new((kind, false, false), [3, 5, 2, 4], 1);
        case.values[0] = f32::NAN;
        let (all, _) = case.by_layer(0, 2);
        let (first, second) = all[3 * 10..].split_at(5);
        assert!(first.iter().all(|value| value.is_nan()), "{kind:?}: {first:?}");
        assert!(second.iter().all(|value| value.is_finite()), "{kind:?}: {second:?}");
    }
}
