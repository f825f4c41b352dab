//! A tensor's place in its storage, checked before any number is read.

use super::super::error::{Refusal, shown};
use super::super::number::Kind;
use super::super::pickle::{Global, Heap, Object, Value};

/// How many dimensions a parameter may have; weights of convolutions have up to 5.
const MOST_DIMS: usize = 8;
/// Bytes of a storage's key: a number or an address.
const LONGEST_KEY: usize = 64;

/// A storage as the pickle names it.
#[derive(Debug)]
pub(super) struct Storage<'h> {
    /// Its name in the file.
    pub(super) key: &'h str,
    /// The format of its numbers.
    pub(super) kind: Kind,
    /// How many numbers it has.
    pub(super) count: usize,
}

impl<'h> Storage<'h> {
    /// The storage behind `("storage", class, key, location, count)`. The location, such as `cuda:0`,
    /// says where the writer had it; the old format adds a sixth element, `None` since PyTorch 0.4.
    pub(super) fn of<'a>(heap: &'h Heap<'a>, id: Value<'a>) -> Result<Self, Refusal> {
        let (class, key, count) = match heap.tuple(id) {
            Some([_, class, key, _, count] | [_, class, key, _, count, Value::None]) => (class, key, count),
            Some([_, _, _, _, _, _]) => {
                return Refusal::unsupported("shares storages as PyTorch before 0.4 did");
            }
            _ => return Refusal::damaged("it names a storage by something that is none"),
        };
        let kind = match class {
            Value::Global(Global::Storage(kind)) => *kind,
            // Its count is of bytes; the tensor says what they are.
            Value::Global(Global::UntypedStorage) => Kind::Unsigned(1),
            _ => return Refusal::damaged(format!("a storage's class is {}", heap.describe(*class))),
        };
        match (heap.text(*key), count.count()) {
            (Some(key), Some(count)) if key.len() <= LONGEST_KEY => Ok(Self { key, kind, count }),
            _ => Refusal::damaged("a storage's key is no short text or its count no number"),
        }
    }
}

/// A tensor as a view of a storage.
#[derive(Debug)]
pub(super) struct View {
    /// The parameter's name.
    pub(super) name: String,
    /// The storage's key.
    pub(super) key: String,
    /// The format of its numbers.
    pub(super) kind: Kind,
    /// Where it begins, in numbers.
    pub(super) offset: usize,
    /// Dimensions, outermost first.
    pub(super) dims: Vec<usize>,
    /// How far the next one lies, in numbers, for each dimension.
    pub(super) strides: Vec<usize>,
    /// How many numbers it has.
    pub(super) count: usize,
    /// How many numbers its storage has.
    storage_count: usize,
}

impl View {
    /// The tensor or parameter behind a value of a state dict.
    pub(super) fn of<'a>(heap: &Heap<'a>, name: &str, value: Value<'a>) -> Result<Self, Refusal> {
        let mut value = value;
        if let Some(Object::Made { of: Global::RebuildParameter, args, .. }) = heap.object(value)
            && let Some([tensor, ..]) = heap.tuple(*args)
        {
            value = *tensor;
        }
        let Some(Object::Made { of, args, .. }) = heap.object(value) else {
            return no_tensor(heap, name, value);
        };
        let args = heap.tuple(*args).unwrap_or_default();
        // Arguments from the seventh: v2 has metadata there, v3 the dtype and then metadata.
        let (storage, place, dtype, metadata) = match (of, args) {
            (Global::RebuildTensor, [storage, offset, dims, strides]) => {
                (*storage, [*offset, *dims, *strides], None, None)
            }
            (Global::RebuildTensorV2, [storage, offset, dims, strides, _, _, rest @ ..]) => {
                (*storage, [*offset, *dims, *strides], None, rest.first())
            }
            (Global::RebuildTensorV3, [storage, offset, dims, strides, _, _, dtype, rest @ ..]) => {
                (*storage, [*offset, *dims, *strides], Some(*dtype), rest.first())
            }
            _ => return no_tensor(heap, name, value),
        };
        // Metadata are the marks of lazily conjugated or negated tensors: the storage is not the value.
        if metadata.is_some_and(|marks| !heap.dict(*marks).is_some_and(<[_]>::is_empty)) {
            return Refusal::unsupported(format!("has {} as a lazily negated view", shown(name)));
        }
        let Some(Object::Storage(id)) = heap.object(storage) else {
            return Refusal::damaged(format!("{} has {} for a storage", shown(name), heap.describe(storage)));
        };
        let mut storage = Storage::of(heap, *id)?;
        if let Some(dtype) = dtype {
            let Value::Global(Global::TorchDType(kind)) = dtype else {
                return Refusal::damaged(format!("{} has {} for a dtype", shown(name), heap.describe(dtype)));
            };
            storage.count = storage.count.saturating_mul(storage.kind.size()) / kind.size();
            storage.kind = kind;
        }
        let [offset, dims, strides] = place;
        let (Some(offset), Some(dims), Some(strides)) =
            (offset.count(), heap.counts(dims), heap.counts(strides))
        else {
            return Refusal::damaged(format!(
                "{} has an offset, size or stride that is no count",
                shown(name)
            ));
        };
        Self::checked(name, &storage, offset, dims, strides)
    }

    /// The view, if all of it lies in the storage.
    fn checked(
        name: &str,
        storage: &Storage<'_>,
        offset: usize,
        dims: Vec<usize>,
        mut strides: Vec<usize>,
    ) -> Result<Self, Refusal> {
        if dims.len() != strides.len() || dims.len() > MOST_DIMS {
            return Refusal::damaged(format!(
                "{} has {} dimensions and {} strides, at most {MOST_DIMS} of each",
                shown(name),
                dims.len(),
                strides.len()
            ));
        }
        // The step along a dimension of one is never taken, so that any number may stand there.
        strides.iter_mut().zip(&dims).filter(|(_, dim)| **dim == 1).for_each(|(stride, _)| *stride = 0);
        let empty = dims.contains(&0);
        let count =
            if empty { Some(0) } else { dims.iter().try_fold(1usize, |all, dim| all.checked_mul(*dim)) };
        let end = dims.iter().zip(&strides).try_fold(offset.checked_add(1), |end, (dim, stride)| {
            Some(end?.checked_add(dim.saturating_sub(1).checked_mul(*stride)?))
        });
        match (count, end.flatten()) {
            (Some(count), Some(end)) if empty || end <= storage.count => Ok(Self {
                name: name.to_owned(),
                key: storage.key.to_owned(),
                kind: storage.kind,
                offset,
                dims,
                strides,
                count,
                storage_count: storage.count,
            }),
            _ => Refusal::damaged(format!(
                "{} of size {dims:?} does not lie in its storage of {} numbers",
                shown(name),
                storage.count
            )),
        }
    }

    /// How many bytes its storage has.
    pub(super) fn storage_bytes(&self) -> u64 {
        (self.storage_count as u64).saturating_mul(self.kind.size() as u64)
    }
}

fn no_tensor<'a, T>(heap: &Heap<'a>, name: &str, value: Value<'a>) -> Result<T, Refusal> {
    Refusal::unsupported(format!("has {} for its parameter {}", heap.describe(value), shown(name)))
}
