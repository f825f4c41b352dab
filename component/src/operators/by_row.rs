//! Arithmetic of values with one constant row: the scaler in front of a network, biases, scales.
//!
//! tract's own broadcasting looks up a place for each single value; a row needs none.

use std::sync::Arc;

use tract_core::internal::{
    EvalContext, EvalOp, IntoTValue as _, IntoTensor as _, Op, StaticName, TValue, TVec, TractError,
    TractResult, TypedFact, TypedOp, as_op, op_as_typed_op, op_out_of_plan,
};

/// `value operator row` for each row of the values.
#[derive(Debug, Clone)]
pub(super) struct ByRow {
    operator: Arithmetic,
    row: Arc<[f32]>,
}

/// What is done to a value and its place in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Div,
    Mul,
    Sub,
}

impl ByRow {
    /// The operator for values of a shape and a constant of another, where the constant is one row of them.
    pub(super) fn new(operator: Arithmetic, of: &[usize], shape: &[usize], constant: &[f32]) -> Option<Self> {
        let fits = shape.len() <= of.len() && constant.len() > 1 && of.last() == Some(&constant.len());
        (fits && shape.last() == of.last()).then(|| Self { operator, row: constant.into() })
    }
}

/// Two operators are one when they share their row.
impl PartialEq for ByRow {
    fn eq(&self, other: &Self) -> bool {
        self.operator == other.operator && Arc::ptr_eq(&self.row, &other.row)
    }
}

impl Eq for ByRow {}

impl Op for ByRow {
    fn name(&self) -> StaticName {
        "ByRow".into()
    }

    op_as_typed_op!();
}

impl TypedOp for ByRow {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        inputs.iter().take(1).map(|fact| Ok(fact.without_value())).collect()
    }
}

impl EvalOp for ByRow {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let value = inputs.into_iter().next().ok_or_else(|| TractError::msg("nothing to compute with"))?;
        let mut tensor = value.into_tensor();
        let mut view = tensor.try_as_plain_ram_mut()?;
        let (values, row) = (view.as_slice_mut::<f32>()?, &*self.row);
        match self.operator {
            Arithmetic::Add => each(values, row, |value, other| *value += other),
            Arithmetic::Div => each(values, row, |value, other| *value /= other),
            Arithmetic::Mul => each(values, row, |value, other| *value *= other),
            Arithmetic::Sub => each(values, row, |value, other| *value -= other),
        }
        Ok(std::iter::once(tensor.into_tvalue()).collect())
    }
}

#[inline]
fn each(values: &mut [f32], row: &[f32], of: impl Fn(&mut f32, f32)) {
    for values in values.chunks_exact_mut(row.len()) {
        values.iter_mut().zip(row).for_each(|(value, other)| of(value, *other));
    }
}
