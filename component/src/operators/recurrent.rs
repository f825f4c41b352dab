//! `GRU` and `LSTM`, by tract's own wiring, with everything refused that it would skip.
//!
//! tract 0.23.9 reads neither `direction = reverse` (it computes `forward`), nor `activations`,
//! `clip` and `input_forget`, and its `layout = 1` is untested: a model that asks for one of these
//! would answer wrong numbers without a word.

use tract_onnx::ops::rec::common::{CommonRec, WireBody};
use tract_onnx::ops::rec::gru::GRU;
use tract_onnx::ops::rec::lstm::LSTM;
use tract_onnx::tract_core::internal::OutletId;
use tract_onnx::tract_core::ops::{math, nn};
use tract_onnx::tract_hir::ops::expandable::Expansion as _;

use crate::error::{Error, list, one_line};
use crate::node::Node;
use crate::translate::{Translation, Value};

/// What tells the recurrent layers apart.
struct Layer {
    /// Blocks of `hidden_size` rows in the weights.
    gates: usize,
    /// The standard's default activations of one direction, the only ones supported.
    activations: &'static [&'static str],
    body: Box<dyn WireBody>,
}

/// `GRU` (operator sets 7, 14, 22).
pub(super) fn gru<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    let linear_before_reset = node.flag("linear_before_reset", false)?;
    let body = GRU { f: Box::new(nn::sigmoid()), g: Box::new(math::tanh()), linear_before_reset };
    let layer = Layer { gates: 3, activations: &["Sigmoid", "Tanh"], body: Box::new(body) };
    node.arity(3..=6, 1..=2)?;
    recurrent(t, node, layer)
}

/// `LSTM` (operator sets 7, 14, 22), without peepholes.
pub(super) fn lstm<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    if node.flag("input_forget", false)? {
        return Err(node.unsupported("attribute `input_forget` is 1"));
    }
    if let Some(name) = node.input(7) {
        return Err(node.unsupported(&format!("it has peephole weights, `{}`", one_line(name))));
    }
    if let Some(name) = node.outputs().get(2).filter(|name| t.is_read(name)) {
        // tract 0.23.9 wires this output and then cannot run it.
        return Err(node.unsupported(&format!("its cell state, `{}`, is read", one_line(name))));
    }
    let body = LSTM { f: Box::new(nn::sigmoid()), g: Box::new(math::tanh()), h: Box::new(math::tanh()) };
    let layer = Layer { gates: 4, activations: &["Sigmoid", "Tanh", "Tanh"], body: Box::new(body) };
    node.arity(3..=8, 1..=3)?;
    recurrent(t, node, layer)
}

fn recurrent<'a>(t: &mut Translation<'a>, node: &Node<'a>, layer: Layer) -> Result<Vec<Value>, Error> {
    let directions = directions(node)?;
    default_activations(node, &layer, directions)?;

    let x = t.floats(node, 0)?;
    let [length, batch, inputs] = t.shape(x)?[..] else {
        return Err(node.bad("its input is not [window length, batch, features]"));
    };
    t.floats(node, 1)?;
    let r = t.floats(node, 2)?;
    let hidden = t.shape(r)?.get(2).copied().unwrap_or_default();
    if node.int("hidden_size")?.is_some_and(|given| given != hidden as i64) {
        return Err(node.bad(&format!("attribute `hidden_size` is not the {hidden} of its weights")));
    }
    let rows = layer.gates * hidden;
    let mut wires = vec![];
    // The standard's order: W, R, B, (sequence_lens,) initial_h, initial_c.
    let expected = [
        (1, "W", vec![directions, rows, inputs]),
        (2, "R", vec![directions, rows, hidden]),
        (3, "B", vec![directions, 2 * rows]),
        (5, "initial_h", vec![directions, batch, hidden]),
        (6, "initial_c", vec![directions, batch, hidden]),
    ];
    let mut places = [None; 7];
    for (index, name, shape) in expected {
        let Some(wire) = t.optional_floats(node, index)? else { continue };
        let found = t.shape(wire)?;
        if found != shape {
            return Err(node.bad(&format!(
                "its input {name} has shape {found} instead of {shape}",
                found = list(&found),
                shape = list(&shape)
            )));
        }
        if index <= 3 && t.constant(wire).is_none() {
            return Err(node.unsupported(&format!("its input {name} is computed instead of constant")));
        }
        places[index] = Some(1 + wires.len());
        wires.push(wire);
    }
    whole_sequences(t, node, length, batch)?;
    wires.insert(0, x);
    let outlets = wire(t, node, layer, &wires, &places)?;

    let mut outlets = outlets.into_iter();
    let mut values = vec![];
    for name in node.outputs() {
        // What stands for an output that nobody reads is never looked up.
        let value = if t.is_read(name) {
            let outlet = outlets.next().ok_or_else(|| node.bad("it makes fewer outputs than it names"))?;
            t.bounded(node, outlet)?;
            Value::Wire(outlet)
        } else {
            Value::Integers { values: vec![], scalar: false }
        };
        values.push(value);
    }
    Ok(values)
}

/// Hands the checked node to tract: GRU and LSTM become a scan, or one operator over the window.
fn wire<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    layer: Layer,
    wires: &[OutletId],
    places: &[Option<usize>; 7],
) -> Result<Vec<OutletId>, Error> {
    let mut wanted = 0;
    let mut slot = |index: usize| {
        node.outputs().get(index).filter(|name| t.is_read(name)).map(|_| {
            wanted += 1;
            wanted - 1
        })
    };
    let common = CommonRec {
        optional_bias_input: places[3],
        optional_sequence_lens_input: None,
        optional_initial_h_input: places[5],
        optional_initial_c_input: places[6],
        optional_p_input: None,
        optional_y_output: slot(0),
        optional_y_h_output: slot(1),
        optional_y_c_output: slot(2),
        batch_first: false,
        body: layer.body,
    };
    if wanted == 0 {
        return Ok(vec![]);
    }
    let outlets =
        common.wire(&node.prefix, &mut t.model, wires).map_err(|e| node.bad(&one_line(&format!("{e:#}"))))?;
    Ok(outlets.to_vec())
}

/// 1 or 2; refuses the direction and the layout that tract misreads.
fn directions(node: &Node<'_>) -> Result<usize, Error> {
    if let Some(layout) = node.int("layout")?.filter(|&layout| layout != 0) {
        return Err(node.unsupported(&format!("attribute `layout` is {layout}; only 0 is supported")));
    }
    match node.text("direction")?.as_deref() {
        None | Some("forward") => Ok(1),
        Some("bidirectional") => Ok(2),
        Some(other) => Err(node.unsupported(&format!(
            "attribute `direction` is `{other}`; only `forward` and `bidirectional` are supported"
        ))),
    }
}

/// Refuses every activation but the default ones, and clipping.
fn default_activations(node: &Node<'_>, layer: &Layer, directions: usize) -> Result<(), Error> {
    if let Some(given) = node.texts("activations")? {
        let default = layer.activations.iter().cycle().take(layer.activations.len() * directions);
        if given.len() != layer.activations.len() * directions
            || !given.iter().zip(default).all(|(given, default)| given.eq_ignore_ascii_case(default))
        {
            return Err(node.unsupported(&format!(
                "attribute `activations` is {}; only {} in each direction is supported",
                list(&given),
                list(layer.activations)
            )));
        }
    }
    for name in ["activation_alpha", "activation_beta"] {
        if let Some(values) = node.floats(name)?.filter(|values| !values.is_empty()) {
            return Err(node.unsupported(&format!(
                "attribute `{name}` is {values}; none is supported",
                values = list(values)
            )));
        }
    }
    match node.float("clip")? {
        Some(clip) => Err(node.unsupported(&format!("attribute `clip` is {clip}; none is supported"))),
        None => Ok(()),
    }
}

/// `sequence_lens` may only say what holds anyway: every window is whole.
fn whole_sequences<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    length: usize,
    batch: usize,
) -> Result<(), Error> {
    let Some((lengths, _)) = t.optional_integers(node, 4)? else { return Ok(()) };
    if lengths.len() != batch || lengths.iter().any(|&each| each != length as i64) {
        return Err(node.unsupported(&format!(
            "its input sequence_lens is {}; only whole windows of {length} are supported",
            list(&lengths[..lengths.len().min(8)])
        )));
    }
    Ok(())
}
