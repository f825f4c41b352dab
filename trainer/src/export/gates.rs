//! PyTorch's order of gates to ONNX's.

use crate::model::Architecture;
use crate::model::recurrent::gates;

/// For each gate in ONNX's order, its place in PyTorch's.
///
/// | | PyTorch | ONNX (operators GRU and LSTM, version 14) |
/// | --- | --- | --- |
/// | GRU | `r z n` | `z r h` |
/// | LSTM | `i f g o` | `i o f c` |
fn places(architecture: Architecture) -> &'static [usize] {
    match architecture {
        Architecture::Gru => &[1, 0, 2],
        _ => &[0, 3, 1, 2],
    }
}

/// A parameter whose first dimension is `gates * hidden`, with its blocks of rows in ONNX's order.
pub(super) fn to_onnx_order(architecture: Architecture, values: &[f32]) -> Vec<f32> {
    let block = values.len() / gates(architecture);
    places(architecture)
        .iter()
        .flat_map(|&place| &values[place * block..(place + 1) * block])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_change_places_as_the_operators_ask() {
        // r r z z n n, and i i f f g g o o.
        assert_eq!(
            to_onnx_order(Architecture::Gru, &[1.0, 1.5, 2.0, 2.5, 3.0, 3.5]),
            [2.0, 2.5, 1.0, 1.5, 3.0, 3.5]
        );
        let lstm = to_onnx_order(Architecture::Lstm, &[1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5]);
        assert_eq!(lstm, [1.0, 1.5, 4.0, 4.5, 2.0, 2.5, 3.0, 3.5]);
    }
}
