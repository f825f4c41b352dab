//! The state dict in what was saved: alone, or in a checkpoint beside an optimiser's state.

use std::collections::BTreeMap;

use super::super::error::{Refusal, shown};
use super::super::pickle::{Heap, Value};
use super::MOST_NUMBERS;
use super::view::View;

/// Where training scripts keep the state dict in a checkpoint.
const PLACES: [&str; 3] = ["state_dict", "model_state_dict", "model"];
/// Bytes of a parameter's name: a path of modules.
const LONGEST_NAME: usize = 512;

/// The tensors of the state dict, each name once.
pub(super) fn views<'a>(heap: &Heap<'a>, root: Value<'a>) -> Result<Vec<View>, Refusal> {
    let place = PLACES.iter().find_map(|place| heap.get(root, place).and_then(|dict| heap.dict(dict)));
    let Some(entries) = place.or_else(|| heap.dict(root)) else {
        return Refusal::unsupported(format!("holds {} instead of a state dict", heap.describe(root)));
    };
    let mut tensors = BTreeMap::new();
    for (name, value) in entries {
        match heap.text(*name) {
            Some(name) if name.len() <= LONGEST_NAME => tensors.insert(name, *value),
            Some(name) => {
                return Refusal::unsupported(format!("has a parameter name of {} bytes", name.len()));
            }
            None => {
                let found = heap.describe(*name);
                return Refusal::unsupported(format!(
                    "holds a dict with {found} for a name instead of a state dict"
                ));
            }
        };
    }
    if tensors.is_empty() {
        return Refusal::unsupported("holds no parameters");
    }
    let mut numbers = 0usize;
    let mut views = Vec::new();
    for (name, value) in tensors {
        let view = View::of(heap, name, value)?;
        numbers = numbers.saturating_add(view.count);
        if numbers > MOST_NUMBERS {
            return Refusal::unsupported(format!(
                "has more than {MOST_NUMBERS} numbers up to its parameter {}",
                shown(name)
            ));
        }
        views.push(view);
    }
    Ok(views)
}
