//! Constants: from a `TensorProto` to a tensor of floats or integers, with its size checked.

use std::sync::Arc;

use tract_core::internal::Tensor;

use crate::error::{Error, list, one_line};
use crate::onnx::{self, TensorProto};

/// A constant of a model.
#[derive(Debug, Clone)]
pub(crate) enum Constant {
    /// `float32`, any shape: a weight.
    Floats(Arc<Tensor>),
    /// `int64` or `int32`, rank 0 or 1: axes, a shape, indices.
    Integers {
        /// The values, in order.
        values: Vec<i64>,
        /// True for a single value without a dimension.
        scalar: bool,
    },
}

/// Reads a constant. `name` is used in errors.
pub(crate) fn read(name: &str, proto: &TensorProto) -> Result<Constant, Error> {
    let bad = |problem: String| Error::BadModel(format!("constant `{}` {problem}", one_line(name)));
    if proto.data_location != 0 || !proto.external_data.is_empty() {
        return Err(bad("keeps its data in another file; export the model as one file".to_owned()));
    }
    if proto.segment.is_some() {
        return Err(bad("is stored in segments, which are not supported".to_owned()));
    }
    let shape = proto
        .dims
        .iter()
        .map(|&dim| usize::try_from(dim).map_err(|_| bad(format!("has the dimension {dim}"))))
        .collect::<Result<Vec<usize>, Error>>()?;
    let count = shape
        .iter()
        .try_fold(1_usize, |count, &dim| count.checked_mul(dim))
        .ok_or_else(|| bad(format!("has the impossible shape {shape}", shape = list(&shape))))?;
    let counted = |found: usize| {
        if found == count {
            Ok(())
        } else {
            Err(bad(format!("has shape {shape}, {count} values, but holds {found}", shape = list(&shape))))
        }
    };
    match proto.data_type {
        onnx::FLOAT => {
            let values = values(&proto.raw_data, &proto.float_data, f32::from_le_bytes).map_err(bad)?;
            counted(values.len())?;
            let tensor = Tensor::from_shape(&shape, &values).map_err(|e| Error::engine(name, &e))?;
            Ok(Constant::Floats(Arc::new(tensor)))
        }
        onnx::INT64 => {
            let values = values(&proto.raw_data, &proto.int64_data, i64::from_le_bytes).map_err(bad)?;
            counted(values.len())?;
            integers(values, &shape).map_err(bad)
        }
        onnx::INT32 => {
            let values = values(&proto.raw_data, &proto.int32_data, i32::from_le_bytes).map_err(bad)?;
            counted(values.len())?;
            integers(values.into_iter().map(i64::from).collect(), &shape).map_err(bad)
        }
        other => {
            Err(bad(format!("is {}; only FLOAT, INT64 and INT32 are supported", onnx::type_name(other))))
        }
    }
}

/// Integers as a constant, when their shape is one that an operator here can use.
fn integers(values: Vec<i64>, shape: &[usize]) -> Result<Constant, String> {
    match shape {
        [] | [_] => Ok(Constant::Integers { values, scalar: shape.is_empty() }),
        _ => Err(format!(
            "is an integer tensor of shape {shape}; only rank 0 and 1 are supported",
            shape = list(shape)
        )),
    }
}

/// The values of a tensor from its raw bytes (little-endian, as ONNX has it) or its typed field.
fn values<const N: usize, T: Copy>(
    raw: &[u8],
    typed: &[T],
    from_bytes: fn([u8; N]) -> T,
) -> Result<Vec<T>, String> {
    match (raw.is_empty(), typed.is_empty()) {
        (true, _) => Ok(typed.to_vec()),
        (false, false) => Err("holds its values twice, raw and typed".to_owned()),
        (false, true) => {
            let (chunks, rest) = raw.as_chunks::<N>();
            if rest.is_empty() {
                Ok(chunks.iter().map(|chunk| from_bytes(*chunk)).collect())
            } else {
                Err(format!("holds {} bytes, no multiple of {N}", raw.len()))
            }
        }
    }
}
