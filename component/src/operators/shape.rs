//! Operators that only move values about: reshapes, transpositions, added and removed axes.

use tract_core::internal::{OutletId, TDim, ToDim as _};
use tract_core::ops::array::TypedConcat;
use tract_core::ops::change_axes::{AxisOp, perm_to_ops, to_axis_ops_with_tf_rules};

use super::{axes, axis};
use crate::error::{Error, list, one_line};
use crate::node::Node;
use crate::translate::{HIGHEST_RANK, Translation, Value};

/// `Reshape` to a constant shape, where 0 copies a dimension and one -1 takes what is left.
pub(super) fn reshape<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(2..=2, 1..=1)?;
    if node.flag("allowzero", false)? {
        return Err(node.unsupported("attribute `allowzero` is 1"));
    }
    let input = t.floats(node, 0)?;
    let from = t.shape(input)?;
    let (wanted, _) = t.optional_integers(node, 1)?.ok_or_else(|| node.bad("it lacks the shape"))?;
    let count: usize = from.iter().product();
    let misfit = || {
        node.bad(&format!(
            "shape {from} does not reshape to {wanted}",
            from = list(&from),
            wanted = list(&wanted)
        ))
    };
    if wanted.len() > HIGHEST_RANK {
        return Err(misfit());
    }
    let mut to = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (index, &dim) in wanted.iter().enumerate() {
        to.push(match dim {
            0 => *from.get(index).ok_or_else(misfit)?,
            -1 if open.is_none() => {
                open = Some(index);
                1
            }
            _ => usize::try_from(dim).map_err(|_| misfit())?,
        });
    }
    let known = to.iter().try_fold(1_usize, |count, &dim| count.checked_mul(dim)).ok_or_else(misfit)?;
    if let Some(open) = open {
        to[open] = count.checked_div(known).ok_or_else(misfit)?;
    }
    if to.iter().try_fold(1_usize, |count, &dim| count.checked_mul(dim)) != Some(count) {
        return Err(misfit());
    }
    Ok(vec![Value::Wire(reshaped(t, node, input, &from, &to)?)])
}

/// `Flatten` to a matrix, cut before an axis.
pub(super) fn flatten<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=1, 1..=1)?;
    let input = t.floats(node, 0)?;
    let from = t.shape(input)?;
    let given = node.int("axis")?.unwrap_or(1);
    // The end is a valid place to cut: everything goes to the rows.
    let cut = if given == from.len() as i64 { from.len() } else { axis(node, given, from.len())? };
    let to = [from[..cut].iter().product(), from[cut..].iter().product()];
    Ok(vec![Value::Wire(reshaped(t, node, input, &from, &to)?)])
}

/// `Transpose` by a permutation of the axes; without one, they are reversed.
pub(super) fn transpose<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=1, 1..=1)?;
    let mut wire = t.floats(node, 0)?;
    let rank = t.shape(wire)?.len();
    let order: Vec<usize> = match node.ints("perm")? {
        None => (0..rank).rev().collect(),
        Some(given) => {
            if axes(node, given, rank)?.len() != rank || given.iter().any(|&axis| axis < 0) {
                return Err(
                    node.bad(&format!("attribute `perm` is {given} for rank {rank}", given = list(given)))
                );
            }
            given.iter().map(|&axis| axis as usize).collect()
        }
    };
    for operator in perm_to_ops(&order) {
        wire = t.wire(node, "moved", operator, &[wire])?;
    }
    Ok(vec![Value::Wire(wire)])
}

/// `Squeeze`: removes axes of length 1, all of them when none is named.
pub(super) fn squeeze<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=2, 1..=1)?;
    let given = t.optional_integers(node, 1)?;
    let mut wire = t.floats(node, 0)?;
    let shape = t.shape(wire)?;
    let removed = match given {
        Some((given, _)) => axes(node, &given, shape.len())?,
        // The batch's axis must not vanish just because the batch is 1.
        None => return Err(node.unsupported("it does not name its axes")),
    };
    for &axis in removed.iter().rev() {
        if shape[axis] != 1 {
            return Err(node.bad(&format!("axis {axis} of shape {shape} is not 1", shape = list(&shape))));
        }
        wire = t.wire(node, "removed", AxisOp::Rm(axis), &[wire])?;
    }
    Ok(vec![Value::Wire(wire)])
}

/// `Unsqueeze`: adds axes of length 1, counted in the result.
pub(super) fn unsqueeze<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(2..=2, 1..=1)?;
    let (given, _) = t.optional_integers(node, 1)?.ok_or_else(|| node.bad("it lacks the axes"))?;
    let mut wire = t.floats(node, 0)?;
    let rank = t.shape(wire)?.len() + given.len();
    if rank > HIGHEST_RANK {
        return Err(node.bad(&format!("it makes a value of rank {rank}; supported are 0 to {HIGHEST_RANK}")));
    }
    for axis in axes(node, &given, rank)? {
        wire = t.wire(node, "added", AxisOp::Add(axis), &[wire])?;
    }
    Ok(vec![Value::Wire(wire)])
}

/// `Concat` along an axis.
pub(super) fn concat<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(1..=usize::MAX, 1..=1)?;
    let wires =
        (0..node.input_count()).map(|index| t.floats(node, index)).collect::<Result<Vec<_>, Error>>()?;
    let shapes = wires.iter().map(|&wire| t.shape(wire)).collect::<Result<Vec<_>, Error>>()?;
    let given = node.int("axis")?.ok_or_else(|| node.bad("it lacks the attribute `axis`"))?;
    let axis = axis(node, given, shapes[0].len())?;
    let fits = |shape: &Vec<usize>| {
        shape.len() == shapes[0].len()
            && shape.iter().zip(&shapes[0]).enumerate().all(|(index, (a, b))| index == axis || a == b)
    };
    if !shapes.iter().all(fits) {
        return Err(node.bad(&format!(
            "its inputs have shapes {shapes}, which do not join along axis {axis}",
            shapes = shapes.iter().map(|shape| list(shape)).collect::<Vec<_>>().join(", ")
        )));
    }
    Ok(vec![Value::Wire(t.wire(node, "joined", TypedConcat { axis }, &wires)?)])
}

fn reshaped<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    mut wire: OutletId,
    from: &[usize],
    to: &[usize],
) -> Result<OutletId, Error> {
    let dims = |shape: &[usize]| shape.iter().map(usize::to_dim).collect::<Vec<TDim>>();
    let steps = to_axis_ops_with_tf_rules(&dims(from), &dims(to))
        .map_err(|e| node.bad(&one_line(&format!("{e:#}"))))?;
    for step in steps {
        wire = t.wire(node, "reshaped", step, &[wire])?;
    }
    Ok(wire)
}
