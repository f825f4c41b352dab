//! Operators that work value by value: arithmetic with broadcasting, and activations.

use tract_core::internal::{OutletId, TypedOp};
use tract_core::ops::change_axes::wire_rank_broadcast;
use tract_core::ops::{math, nn};

use super::by_row::{Arithmetic, ByRow};
use crate::error::{Error, list, one_line};
use crate::node::Node;
use crate::translate::{Translation, Value};

/// `Identity`.
pub(super) fn identity<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=1, 1..=1)?;
    let value = t.optional(node, 0)?.ok_or_else(|| node.bad("it lacks input 0"))?;
    Ok(vec![value])
}

/// The activations and functions of one value.
pub(super) fn unary<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=1, 1..=1)?;
    let input = t.floats(node, 0)?;
    let operator: Box<dyn TypedOp> = match node.operator() {
        "Abs" => Box::new(math::abs()),
        "Erf" => Box::new(math::erf()),
        "Exp" => Box::new(math::exp()),
        "Neg" => Box::new(math::neg()),
        "Sigmoid" => Box::new(nn::sigmoid()),
        "Sqrt" => Box::new(math::sqrt()),
        "Tanh" => Box::new(math::tanh()),
        _ => return Err(node.unsupported("the operator is not supported")),
    };
    Ok(vec![Value::Wire(t.wire(node, "value", operator, &[input])?)])
}

/// The arithmetic of two values, broadcast as NumPy does.
pub(super) fn binary<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(2..=2, 1..=1)?;
    let inputs = [t.floats(node, 0)?, t.floats(node, 1)?];
    let (operator, arithmetic): (Box<dyn TypedOp>, _) = match node.operator() {
        "Add" => (Box::new(math::add()), Arithmetic::Add),
        "Div" => (Box::new(math::div()), Arithmetic::Div),
        "Mul" => (Box::new(math::mul()), Arithmetic::Mul),
        "Sub" => (Box::new(math::sub()), Arithmetic::Sub),
        _ => return Err(node.unsupported("the operator is not supported")),
    };
    if let Some(operator) = by_row(t, node, arithmetic, inputs)? {
        return Ok(vec![Value::Wire(t.wire(node, "value", operator, &inputs[..1])?)]);
    }
    Ok(vec![Value::Wire(broadcast(t, node, "value", operator, inputs)?)])
}

/// The operator for a computed value and a constant row.
fn by_row<'a>(
    t: &Translation<'a>,
    node: &Node<'a>,
    operator: Arithmetic,
    [left, right]: [OutletId; 2],
) -> Result<Option<ByRow>, Error> {
    let (of, shape) = (t.shape(left)?, t.shape(right)?);
    let (None, Some(constant)) = (t.constant(left), t.constant(right)) else { return Ok(None) };
    let view = constant.try_as_plain_ram().map_err(|e| node.engine(&e))?;
    let values = view.as_slice::<f32>().map_err(|e| node.engine(&e))?;
    Ok(ByRow::new(operator, &of, &shape, values))
}

/// `Relu`: the larger of a value and 0.
pub(super) fn relu<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=1, 1..=1)?;
    let input = t.floats(node, 0)?;
    let rank = t.shape(input)?.len();
    let zero = t.scalar(node, 0.0, rank)?;
    Ok(vec![Value::Wire(t.wire(node, "value", math::max(), &[input, zero])?)])
}

/// `Clip`: bounds from below, then from above; each may be absent.
pub(super) fn clip<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=3, 1..=1)?;
    let mut wire = t.floats(node, 0)?;
    if let Some(low) = t.optional_floats(node, 1)? {
        wire = broadcast(t, node, "low", Box::new(math::max()), [wire, low])?;
    }
    if let Some(high) = t.optional_floats(node, 2)? {
        wire = broadcast(t, node, "high", Box::new(math::min()), [wire, high])?;
    }
    Ok(vec![Value::Wire(wire)])
}

/// Wires an operator of two values after giving both the same rank.
pub(super) fn broadcast<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    step: &str,
    operator: Box<dyn TypedOp>,
    inputs: [OutletId; 2],
) -> Result<OutletId, Error> {
    let (left, right) = (t.shape(inputs[0])?, t.shape(inputs[1])?);
    if left.iter().rev().zip(right.iter().rev()).any(|(&l, &r)| l != r && l != 1 && r != 1) {
        return Err(node.bad(&format!(
            "its inputs have shapes {left} and {right}, which do not go together",
            left = list(&left),
            right = list(&right)
        )));
    }
    let prefix = format!("{}.{step}", node.prefix);
    let wires = wire_rank_broadcast(prefix, &mut t.model, &inputs)
        .map_err(|e| node.bad(&one_line(&format!("{e:#}"))))?;
    t.wire(node, step, operator, &wires)
}
