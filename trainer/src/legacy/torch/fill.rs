//! The numbers of tensors from their storages' bytes.

use std::collections::BTreeMap;

use super::super::error::{Refusal, shown};
use super::view::View;
use super::{Storages, Tensor};

/// Each view's numbers, in rows; `big` is the storages' byte order.
pub(super) fn tensors(
    views: &[View],
    storages: &Storages<'_>,
    big: bool,
) -> Result<BTreeMap<String, Tensor>, Refusal> {
    views
        .iter()
        .map(|view| {
            let bytes = storages.get(&view.key).map_or(&[][..], |bytes| bytes);
            if bytes.len() as u64 != view.storage_bytes() {
                return Refusal::damaged(format!(
                    "the storage of {} has {} bytes instead of {}",
                    shown(&view.name),
                    bytes.len(),
                    view.storage_bytes()
                ));
            }
            Ok((view.name.clone(), Tensor { dims: view.dims.clone(), values: values(view, bytes, big) }))
        })
        .collect()
}

/// The numbers of a view that lies in the storage, as [`View::of`] checked.
fn values(view: &View, bytes: &[u8], big: bool) -> Vec<f32> {
    let size = view.kind.size();
    let mut index = vec![0; view.dims.len()];
    let mut place = view.offset;
    let mut values = Vec::with_capacity(view.count);
    for _ in 0..view.count {
        values.push(view.kind.read(&bytes[place * size..(place + 1) * size], big) as f32);
        // The next index in rows: the last dimension first, each full one starts again.
        for axis in (0..index.len()).rev() {
            index[axis] += 1;
            place += view.strides[axis];
            if index[axis] < view.dims[axis] {
                break;
            }
            place -= view.strides[axis] * view.dims[axis];
            index[axis] = 0;
        }
    }
    values
}
