//! How many numbers a graph was given by training.

use overhaul_bundle::Mistake;

use super::wire::{Field, varint};

/// `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// The numbers in the graph's floating-point constants: `ModelProto.graph` 7, `GraphProto.initializer` 5,
/// `TensorProto.dims` 1 and `data_type` 2 (onnx.proto3).
pub(super) fn count(model: &[u8]) -> Result<u64, Mistake> {
    let mut total = 0_u64;
    each(model, 7, &mut |graph| {
        each(graph, 5, &mut |tensor| {
            total = total.saturating_add(numbers(tensor)?);
            Ok(())
        })
    })?;
    Ok(total)
}

/// Looks at each field of a number that has a length.
fn each<'a>(
    bytes: &'a [u8],
    number: u64,
    look: &mut impl FnMut(&'a [u8]) -> Result<(), Mistake>,
) -> Result<(), Mistake> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (field, after) = Field::next(rest)?;
        if let (true, Some(content)) = (field.number == number, field.content) {
            look(content)?;
        }
        rest = after;
    }
    Ok(())
}

/// The numbers in one tensor; 0 unless they are floats.
fn numbers(tensor: &[u8]) -> Result<u64, Mistake> {
    let (mut numbers, mut kind) = (1_u64, 0);
    let mut rest = tensor;
    while !rest.is_empty() {
        let (field, after) = Field::next(rest)?;
        match (field.number, field.value, field.content) {
            (1, Some(dimension), _) => numbers = numbers.saturating_mul(dimension),
            (1, None, Some(mut packed)) => {
                while !packed.is_empty() {
                    let (dimension, next) = varint(packed)?;
                    numbers = numbers.saturating_mul(dimension);
                    packed = next;
                }
            }
            (2, Some(value), _) => kind = value,
            _ => {}
        }
        rest = after;
    }
    Ok(if kind == FLOAT { numbers } else { 0 })
}
