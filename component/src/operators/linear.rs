//! Matrix products: `MatMul` and `Gemm`, as tract's sums over named axes.

use tract_core::internal::{AxesMapping, DatumType, OutletId};
use tract_core::ops::einsum::EinSum;
use tract_core::ops::math;

use super::pointwise::broadcast;
use crate::error::{Error, list};
use crate::node::Node;
use crate::translate::{Translation, Value};

/// `MatMul` of matrices or stacks of matrices; a vector on either side is refused.
pub(super) fn matmul<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(2..=2, 1..=1)?;
    let inputs = [t.floats(node, 0)?, t.floats(node, 1)?];
    let (left, right) = (t.shape(inputs[0])?, t.shape(inputs[1])?);
    let mismatch = || {
        node.bad(&format!(
            "its inputs have shapes {left} and {right}, which do not go together",
            left = list(&left),
            right = list(&right)
        ))
    };
    let ([left_stack @ .., _, left_inner], [right_stack @ .., right_inner, _]) = (&left[..], &right[..])
    else {
        return Err(node.unsupported(&format!(
            "its inputs have shapes {left} and {right}; a vector is not supported",
            left = list(&left),
            right = list(&right)
        )));
    };
    let stacks = left_stack.iter().rev().zip(right_stack.iter().rev());
    if left_inner != right_inner || stacks.clone().any(|(&l, &r)| l != r && l != 1 && r != 1) {
        return Err(mismatch());
    }
    let stack: String = ('a'..='h').take(left_stack.len().max(right_stack.len())).collect();
    let left_axes = &stack[stack.len() - left_stack.len()..];
    let right_axes = &stack[stack.len() - right_stack.len()..];
    let expression = format!("{left_axes}mk,{right_axes}kn->{stack}mn");
    Ok(vec![Value::Wire(product(t, node, &expression, inputs)?)])
}

/// `Gemm`: `alpha * A * B + beta * C`, `A` and `B` transposed when asked.
pub(super) fn gemm<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    node.arity(2..=3, 1..=1)?;
    let alpha = node.float("alpha")?.unwrap_or(1.0);
    let beta = node.float("beta")?.unwrap_or(1.0);
    let left_axes = if node.flag("transA", false)? { "km" } else { "mk" };
    let right_axes = if node.flag("transB", false)? { "nk" } else { "kn" };
    let inputs = [t.floats(node, 0)?, t.floats(node, 1)?];
    let (left, right) = (t.shape(inputs[0])?, t.shape(inputs[1])?);
    let ([l0, l1], [r0, r1]) = (&left[..], &right[..]) else {
        return Err(node.bad(&format!(
            "its inputs have shapes {left} and {right} instead of two matrices",
            left = list(&left),
            right = list(&right)
        )));
    };
    let (rows, left_inner) = if left_axes == "mk" { (l0, l1) } else { (l1, l0) };
    let (right_inner, columns) = if right_axes == "kn" { (r0, r1) } else { (r1, r0) };
    if left_inner != right_inner {
        return Err(node.bad(&format!(
            "its inputs have shapes {left} and {right}, which do not go together",
            left = list(&left),
            right = list(&right)
        )));
    }
    let mut wire = product(t, node, &format!("{left_axes},{right_axes}->mn"), inputs)?;
    wire = scaled(t, node, "alpha", wire, alpha)?;
    if let Some(addend) = t.optional_floats(node, 2)? {
        let shape = t.shape(addend)?;
        let fits = shape.len() <= 2
            && shape
                .iter()
                .rev()
                .zip([columns, rows])
                .all(|(dim, of_product)| dim == of_product || *dim == 1);
        if !fits {
            return Err(node.bad(&format!(
                "its third input has shape {shape} for a product of [{rows}, {columns}]",
                shape = list(&shape)
            )));
        }
        let addend = scaled(t, node, "beta", addend, beta)?;
        wire = broadcast(t, node, "sum", Box::new(math::add()), [wire, addend])?;
    }
    Ok(vec![Value::Wire(wire)])
}

fn product<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    expression: &str,
    inputs: [OutletId; 2],
) -> Result<OutletId, Error> {
    let axes: AxesMapping = expression.parse().map_err(|e| Error::engine(expression, &e))?;
    t.wire(node, "product", EinSum::new(axes, DatumType::F32), &inputs)
}

fn scaled<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    step: &str,
    wire: OutletId,
    factor: f32,
) -> Result<OutletId, Error> {
    // Exactly 1 is the standard's default and changes nothing.
    if factor.to_bits() == 1.0_f32.to_bits() {
        return Ok(wire);
    }
    let rank = t.shape(wire)?.len();
    let factor = t.scalar(node, factor, rank)?;
    t.wire(node, step, math::mul(), &[wire, factor])
}
