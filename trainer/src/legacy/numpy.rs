//! NumPy arrays: by `pickle` in protocols 0 to 5, and with joblib's wrapper.

use std::borrow::Cow;

use super::error::{Refusal, shown};
use super::number::Kind;
use super::pickle::{Global, Heap, Object, Value};

/// joblib's description of the array whose bytes follow it in the file.
#[derive(Debug)]
pub(super) struct Wrapper {
    /// Dimensions, outermost first.
    pub(super) dims: Vec<usize>,
    /// The format of one number; none for Python objects, which follow as a pickle of their own.
    pub(super) kind: Option<Kind>,
    /// Whether numbers are big endian.
    pub(super) big: bool,
    /// Whether padding, and before it its length in one byte, comes first: since joblib 1.2.
    pub(super) padded: bool,
}

impl Wrapper {
    /// The wrapper's description in its state, a dict.
    pub(super) fn of<'a>(heap: &Heap<'a>, state: Value<'a>) -> Result<Self, Refusal> {
        let dims = heap.get(state, "shape").and_then(|shape| heap.counts(shape));
        let (Some(dims), Some(dtype)) = (dims, heap.get(state, "dtype")) else {
            return Refusal::damaged("an array of joblib's has no shape or no type");
        };
        let (kind, big) = dtype_of(heap, dtype)?;
        let alignment = heap.get(state, "numpy_array_alignment_bytes");
        let padded = alignment.is_some_and(|bytes| !matches!(bytes, Value::None));
        Ok(Self { dims, kind, big, padded })
    }
}

/// A `numpy.dtype`: the format of numbers, or none for objects, and whether they are big endian.
fn dtype_of<'a>(heap: &Heap<'a>, value: Value<'a>) -> Result<(Option<Kind>, bool), Refusal> {
    let Some(Object::Made { of: Global::DType, args, state }) = heap.object(value) else {
        return Refusal::damaged(format!("an array's type is {}", heap.describe(value)));
    };
    let code = heap.tuple(*args).and_then(|args| heap.text(*args.first()?)).unwrap_or_default();
    // The state is (version, byte order, and what only compound types need).
    let order = state.and_then(|state| heap.text(*heap.tuple(state)?.get(1)?)).unwrap_or("|");
    match Kind::of_numpy(code) {
        Some(kind) => Ok((Some(kind), order == ">")),
        None if code.starts_with('O') => Ok((None, false)),
        None => Refusal::unsupported(format!(
            "holds an array of {}, which is no type of real numbers",
            shown(code)
        )),
    }
}

/// The numbers of an array of one dimension.
pub(super) fn numbers<'a>(heap: &Heap<'a>, value: Value<'a>) -> Result<Vec<f64>, Refusal> {
    let (dims, kind, big, data) = match heap.object(value) {
        Some(Object::Array { dims, kind, big, data }) => (dims.clone(), *kind, *big, Cow::Borrowed(*data)),
        Some(Object::Made { of, args, state }) => {
            let (data, dtype, shape) =
                match (*of, heap.tuple(*args), state.and_then(|state| heap.tuple(state))) {
                    (Global::Reconstruct, _, Some([_, shape, dtype, _, data]))
                    | (Global::FromBuffer, Some([data, dtype, shape, ..]), _) => (*data, *dtype, *shape),
                    _ => return Refusal::damaged(format!("{} stands in the place of an array", of.name())),
                };
            let (Some(kind), big) = dtype_of(heap, dtype)? else {
                return Refusal::damaged("an array of numbers holds objects");
            };
            let (Some(dims), Some(data)) = (heap.counts(shape), bytes(heap, data)) else {
                return Refusal::damaged("an array has no shape or no bytes");
            };
            (dims, kind, big, data)
        }
        _ => return Refusal::damaged(format!("{} stands in the place of an array", heap.describe(value))),
    };
    let &[length] = dims.as_slice() else {
        return Refusal::damaged(format!("an array has {} dimensions instead of 1", dims.len()));
    };
    if length.checked_mul(kind.size()) != Some(data.len()) {
        return Refusal::damaged(format!("an array of {length} numbers has {} bytes", data.len()));
    }
    Ok(data.chunks_exact(kind.size()).map(|number| kind.read(number, big)).collect())
}

/// The values of an array of objects.
pub(super) fn objects<'h, 'a>(heap: &'h Heap<'a>, value: Value<'a>) -> Option<&'h [Value<'a>]> {
    let Some(Object::Made { of: Global::Reconstruct, state, .. }) = heap.object(value) else { return None };
    match heap.tuple((*state)?)? {
        [_, _, _, _, values] => heap.list(*values),
        _ => None,
    }
}

/// `bytes`; protocols below 3 write them as a call of `_codecs.encode` on Latin-1 text.
fn bytes<'a>(heap: &Heap<'a>, value: Value<'a>) -> Option<Cow<'a, [u8]>> {
    if let Value::Bytes(bytes) = value {
        return Some(Cow::Borrowed(bytes));
    }
    let Object::Made { of: Global::Encode, args, .. } = heap.object(value)? else { return None };
    let [text, encoding] = heap.tuple(*args)? else { return None };
    let text = heap.text(*text).filter(|_| matches!(heap.text(*encoding), Some("latin1" | "latin-1")))?;
    text.chars().map(|character| u8::try_from(character).ok()).collect::<Option<Vec<u8>>>().map(Cow::Owned)
}
