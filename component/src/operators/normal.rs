//! Operators over whole axes: reductions, `Softmax`, `LayerNormalization`.

use tract_core::internal::{OutletId, TypedOp};
use tract_core::ops::change_axes::AxisOp;
use tract_core::ops::math;
use tract_core::ops::nn::{Reduce, Reducer, Softmax};

use super::pointwise::broadcast;
use super::{axes, axis};
use crate::error::{Error, list};
use crate::node::Node;
use crate::translate::{Translation, Value};

/// `ReduceSum`, `ReduceMean` and `ReduceMax`: axes as an attribute or, in later sets, an input.
pub(super) fn reduce<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    // ReduceSum takes its axes as an input since operator set 13, the others since 18.
    let axes_are_an_input = node.opset >= 18 || node.operator() == "ReduceSum";
    let keep = node.flag("keepdims", true)?;
    let input = t.floats(node, 0)?;
    let shape = t.shape(input)?;
    let given = if axes_are_an_input {
        node.arity(1..=2, 1..=1)?;
        let nothing_to_do = node.flag("noop_with_empty_axes", false)?;
        let given =
            t.optional_integers(node, 1)?.map(|(values, _)| values).filter(|values| !values.is_empty());
        if given.is_none() && nothing_to_do {
            return Ok(vec![Value::Wire(input)]);
        }
        given
    } else {
        node.arity(1..=1, 1..=1)?;
        node.ints("axes")?.map(<[i64]>::to_vec)
    };
    let axes = match given {
        Some(given) => axes(node, &given, shape.len())?,
        None => (0..shape.len()).collect(),
    };
    let reducer = if node.operator() == "ReduceMax" { Reducer::Max } else { Reducer::Sum };
    let mut wire = t.wire(node, "reduced", reduced(&axes, reducer), &[input])?;
    if node.operator() == "ReduceMean" {
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        wire = divided(t, node, "mean", wire, count)?;
    }
    if !keep {
        for &axis in axes.iter().rev() {
            wire = t.wire(node, "squeezed", AxisOp::Rm(axis), &[wire])?;
        }
    }
    Ok(vec![Value::Wire(wire)])
}

/// `Softmax` over one axis.
pub(super) fn softmax<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=1, 1..=1)?;
    let input = t.floats(node, 0)?;
    let axis = axis(node, node.int("axis")?.unwrap_or(-1), t.shape(input)?.len())?;
    let softmax = Softmax { axes: [axis].as_slice().into(), ..Softmax::default() };
    Ok(vec![Value::Wire(t.wire(node, "value", softmax, &[input])?)])
}

/// `LayerNormalization` (operator set 17) with its first output only, by the standard's own
/// definition: `(x - mean) / sqrt(variance + epsilon) * scale + bias`.
pub(super) fn layer_normalization<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(2..=3, 1..=1)?;
    if node.int("stash_type")?.is_some_and(|stash| stash != 1) {
        return Err(node.unsupported("attribute `stash_type` is not 1 (float32)"));
    }
    let epsilon = node.float("epsilon")?.unwrap_or(1e-5);
    let input = t.floats(node, 0)?;
    let shape = t.shape(input)?;
    let first = axis(node, node.int("axis")?.unwrap_or(-1), shape.len())?;
    let axes: Vec<usize> = (first..shape.len()).collect();
    let count: usize = shape[first..].iter().product();

    let sum = t.wire(node, "sum", reduced(&axes, Reducer::Sum), &[input])?;
    let mean = divided(t, node, "mean", sum, count)?;
    let difference = t.wire(node, "difference", math::sub(), &[input, mean])?;
    let square = t.wire(node, "square", math::square(), &[difference])?;
    let sum = t.wire(node, "sum_of_squares", reduced(&axes, Reducer::Sum), &[square])?;
    let variance = divided(t, node, "variance", sum, count)?;
    let epsilon = t.scalar(node, epsilon, shape.len())?;
    let variance = t.wire(node, "variance_epsilon", math::add(), &[variance, epsilon])?;
    let deviation = t.wire(node, "inverse_deviation", math::rsqrt(), &[variance])?;
    let mut wire = t.wire(node, "normalized", math::mul(), &[difference, deviation])?;
    let steps: [(&str, Box<dyn TypedOp>); 2] =
        [("scale", Box::new(math::mul())), ("bias", Box::new(math::add()))];
    for (index, (step, operator)) in steps.into_iter().enumerate() {
        let Some(factor) = t.optional_floats(node, index + 1)? else { continue };
        let of_factor = t.shape(factor)?;
        let fits = of_factor.len() <= shape.len()
            && of_factor.iter().rev().zip(shape.iter().rev()).all(|(f, s)| f == s || *f == 1);
        if !fits {
            return Err(node.bad(&format!(
                "its {step} has shape {of_factor} for values of shape {shape}",
                of_factor = list(&of_factor),
                shape = list(&shape)
            )));
        }
        wire = broadcast(t, node, step, operator, [wire, factor])?;
    }
    Ok(vec![Value::Wire(wire)])
}

fn reduced(axes: &[usize], reducer: Reducer) -> Reduce {
    Reduce { axes: axes.into(), reducer }
}

fn divided<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    step: &str,
    wire: OutletId,
    count: usize,
) -> Result<OutletId, Error> {
    let rank = t.shape(wire)?.len();
    let count = t.scalar(node, count as f32, rank)?;
    t.wire(node, step, math::div(), &[wire, count])
}
