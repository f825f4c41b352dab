//! Operators that pick parts: `Slice`, `Split`, `Gather`; and `Constant`.

use tract_core::internal::{OutletId, SpecialOps as _, Tensor};
use tract_core::ops::array::{Gather, Slice};
use tract_core::ops::change_axes::AxisOp;

use super::{axes, axis};
use crate::error::{Error, list};
use crate::node::Node;
use crate::tensor::{self, Constant};
use crate::translate::{Translation, Value};

/// `Constant` of floats or integers.
pub(super) fn constant<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(0..=0, 1..=1)?;
    let read = if let Some(proto) = node.tensor("value")? {
        tensor::read(&node.describe(), proto)?
    } else if let Some(value) = node.int("value_int")? {
        Constant::Integers { values: vec![value], scalar: true }
    } else if let Some(values) = node.ints("value_ints")? {
        Constant::Integers { values: values.to_vec(), scalar: false }
    } else {
        let (shape, values) = match (node.float("value_float")?, node.floats("value_floats")?) {
            (Some(value), _) => (vec![], vec![value]),
            (None, Some(values)) => (vec![values.len()], values.to_vec()),
            (None, None) => return Err(node.unsupported("its value is neither floats nor integers")),
        };
        let tensor = Tensor::from_shape(&shape, &values).map_err(|e| Error::engine("a constant", &e))?;
        Constant::Floats(tensor.into())
    };
    Ok(vec![match read {
        Constant::Integers { values, scalar } => Value::Integers { values, scalar },
        Constant::Floats(tensor) => Value::Wire(
            t.model
                .add_const(format!("{}.constant", node.prefix), tensor)
                .map_err(|e| Error::engine("a constant", &e))?,
        ),
    }])
}

/// `Slice` with constant bounds and steps of 1; bounds beyond the end are cut to it.
pub(super) fn slice<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(3..=5, 1..=1)?;
    let mut wire = t.floats(node, 0)?;
    let shape = t.shape(wire)?;
    let mut integers = |index| Ok::<_, Error>(t.optional_integers(node, index)?.map(|(values, _)| values));
    let starts = integers(1)?.ok_or_else(|| node.bad("it lacks its starts"))?;
    let ends = integers(2)?.ok_or_else(|| node.bad("it lacks its ends"))?;
    let given = integers(3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    if let Some(step) = integers(4)?.and_then(|steps| steps.into_iter().find(|&step| step != 1)) {
        return Err(node.unsupported(&format!("it takes a step of {step} instead of 1")));
    }
    axes(node, &given, shape.len())?;
    if starts.len() != given.len() || ends.len() != given.len() {
        return Err(node.bad(&format!(
            "it has {} starts, {} ends and {} axes",
            starts.len(),
            ends.len(),
            given.len()
        )));
    }
    for ((&start, &end), &given) in starts.iter().zip(&ends).zip(&given) {
        let axis = axis(node, given, shape.len())?;
        let length = shape[axis] as i64;
        let place = |bound: i64| {
            if bound < 0 { bound.saturating_add(length) } else { bound }.clamp(0, length) as usize
        };
        let (start, end) = (place(start), place(end));
        if start >= end {
            return Err(node.bad(&format!(
                "it takes nothing: {start} to {end} of axis {axis} of shape {shape}",
                shape = list(&shape)
            )));
        }
        wire = part(t, node, wire, axis, start, end)?;
    }
    Ok(vec![Value::Wire(wire)])
}

/// `Split` along an axis, in given or equal parts.
pub(super) fn split<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=2, 1..=usize::MAX)?;
    let wire = t.floats(node, 0)?;
    let shape = t.shape(wire)?;
    let axis = axis(node, node.int("axis")?.unwrap_or(0), shape.len())?;
    let parts = node.outputs().len();
    if node.int("num_outputs")?.is_some_and(|count| count != parts as i64) {
        return Err(node.bad(&format!("attribute `num_outputs` is not its {parts} outputs")));
    }
    let lengths = if let Some((lengths, _)) = t.optional_integers(node, 1)? {
        lengths
    } else {
        // The last part is shorter when the length is no multiple.
        let each = shape[axis].div_ceil(parts);
        (0..parts).map(|index| shape[axis].saturating_sub(index * each).min(each) as i64).collect()
    };
    let fits = lengths.len() == parts
        && lengths.iter().all(|&length| (1..=shape[axis] as i64).contains(&length))
        && lengths.iter().sum::<i64>() == shape[axis] as i64;
    if !fits {
        return Err(node.bad(&format!(
            "axis {axis} of shape {shape} does not split into {lengths}, {parts} outputs",
            shape = list(&shape),
            lengths = list(&lengths)
        )));
    }
    let mut start = 0;
    let mut values = vec![];
    for length in lengths {
        let end = start + length as usize;
        values.push(Value::Wire(part(t, node, wire, axis, start, end)?));
        start = end;
    }
    Ok(values)
}

/// `Gather` of constant places along an axis: one place, or a list of them.
pub(super) fn gather<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(2..=2, 1..=1)?;
    let wire = t.floats(node, 0)?;
    let shape = t.shape(wire)?;
    let axis = axis(node, node.int("axis")?.unwrap_or(0), shape.len())?;
    let (given, scalar) = t.optional_integers(node, 1)?.ok_or_else(|| node.bad("it lacks its indices"))?;
    let length = shape[axis] as i64;
    let places = given
        .iter()
        .map(|&index| {
            let place = if index < 0 { index.saturating_add(length) } else { index };
            (0..length).contains(&place).then_some(place).ok_or_else(|| {
                node.bad(&format!(
                    "index {index} is outside of axis {axis} of shape {shape}",
                    shape = list(&shape)
                ))
            })
        })
        .collect::<Result<Vec<i64>, Error>>()?;
    if let ([place], true) = (&places[..], scalar) {
        let wire = part(t, node, wire, axis, *place as usize, *place as usize + 1)?;
        return Ok(vec![Value::Wire(t.wire(node, "removed", AxisOp::Rm(axis), &[wire])?)]);
    }
    let name = t.model.unique_name(format!("{}.indices", node.prefix));
    let indices = Tensor::from_shape(&[places.len()], &places)
        .and_then(|tensor| t.model.add_const(name, tensor))
        .map_err(|e| Error::engine("indices", &e))?;
    Ok(vec![Value::Wire(t.wire(node, "gathered", Gather::new(axis), &[wire, indices])?)])
}

fn part<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    wire: OutletId,
    axis: usize,
    start: usize,
    end: usize,
) -> Result<OutletId, Error> {
    t.wire(node, "part", Slice::new(axis, start, end), &[wire])
}
