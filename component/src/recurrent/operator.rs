//! All directions of a recurrent layer as one operator of tract's.

use std::fmt;
use std::sync::Arc;

use tract_core::internal::{
    DatumExt as _, EvalContext, EvalOp, IntoTValue as _, Op, StaticName, TValue, TVec, Tensor, TractError,
    TractResult, TypedFact, TypedOp, as_op, op_as_typed_op, op_out_of_plan,
};

use super::layer::{Layer, Window};

/// What is read of a layer. Nothing else is computed, and one of them is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outputs {
    /// The hidden states of all steps, `[length, directions, batch, hidden]`.
    pub(crate) all: bool,
    /// The last ones, `[directions, batch, hidden]`.
    pub(crate) last: bool,
}

/// A recurrent layer over the whole window. Inputs: the window, then the first hidden state and that of the cell
/// as far as they are given, `[directions, batch, hidden]` each.
#[derive(Clone)]
pub(crate) struct Recurrent {
    /// One for each direction, the forward one first.
    pub(crate) layers: Arc<[Layer]>,
    /// What is computed.
    pub(crate) outputs: Outputs,
    /// True when the window is `[batch, length, columns]` instead of `[length, batch, columns]`.
    pub(crate) batch_first: bool,
    /// True when the first hidden state is an input.
    pub(crate) hidden_given: bool,
    /// True when the first state of the cell is an input.
    pub(crate) cell_given: bool,
}

impl Recurrent {
    /// Length of the window and batch.
    fn sizes(&self, shape: Option<&[usize]>) -> TractResult<(usize, usize)> {
        match shape {
            Some(&[batch, length, _]) if self.batch_first => Ok((length, batch)),
            Some(&[length, batch, _]) => Ok((length, batch)),
            _ => Err(TractError::msg("no window of known shape")),
        }
    }

    /// The shapes of the outputs that are read.
    fn shapes(&self, length: usize, batch: usize) -> TractResult<Vec<Vec<usize>>> {
        let first = self.layers.first().ok_or_else(|| TractError::msg("a layer without directions"))?;
        let (directions, hidden) = (self.layers.len(), first.hidden());
        let mut shapes = vec![];
        if self.outputs.all {
            shapes.push(vec![length, directions, batch, hidden]);
        }
        if self.outputs.last {
            shapes.push(vec![directions, batch, hidden]);
        }
        Ok(shapes)
    }
}

impl fmt::Debug for Recurrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recurrent of {} directions", self.layers.len())
    }
}

/// Two operators are one when they share their weights: comparing these would gain nothing.
impl PartialEq for Recurrent {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.layers, &other.layers)
            && self.outputs == other.outputs
            && self.batch_first == other.batch_first
            && (self.hidden_given, self.cell_given) == (other.hidden_given, other.cell_given)
    }
}

impl Eq for Recurrent {}

impl Op for Recurrent {
    fn name(&self) -> StaticName {
        "Recurrent".into()
    }

    op_as_typed_op!();
}

impl TypedOp for Recurrent {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let (length, batch) = self.sizes(inputs.first().and_then(|fact| fact.shape.as_concrete()))?;
        Ok(self.shapes(length, batch)?.into_iter().map(f32::fact).collect())
    }
}

impl EvalOp for Recurrent {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (length, batch) = self.sizes(inputs.first().map(|window| window.shape()))?;
        let floats = |index: usize| inputs[index].try_as_plain_ram()?.as_slice::<f32>();
        let values = floats(0)?;
        let hidden = if self.hidden_given { Some(floats(1)?) } else { None };
        let cell = if self.cell_given { Some(floats(1 + usize::from(self.hidden_given))?) } else { None };

        let shapes = self.shapes(length, batch)?;
        let mut made: Vec<Vec<f32>> = shapes.iter().map(|shape| vec![0.0; shape.iter().product()]).collect();
        let (all, last) = made.split_at_mut(usize::from(self.outputs.all));
        for (direction, layer) in self.layers.iter().enumerate() {
            let size = batch * layer.hidden();
            let [hidden, cell] = [hidden, cell].map(|states| states.map(|s| &s[direction * size..][..size]));
            let window = Window { length, batch, values, batch_first: self.batch_first, hidden, cell };
            layer.run(&window, |step, states| {
                if let Some(all) = all.first_mut() {
                    states.write(&mut all[(step * self.layers.len() + direction) * size..][..size]);
                }
                if let Some(last) = last.first_mut().filter(|_| states.last) {
                    states.write(&mut last[direction * size..][..size]);
                }
            });
        }
        let tensors = shapes.into_iter().zip(made);
        tensors.map(|(shape, values)| Ok(Tensor::from_shape(&shape, &values)?.into_tvalue())).collect()
    }
}
