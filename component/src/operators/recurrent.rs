//! `GRU` and `LSTM`, checked attribute by attribute and shape by shape.
//!
//! tract's own importer (0.23.9) reads neither `direction = reverse` (it computes `forward`) nor
//! `activations`, `clip` and `input_forget`; here a model that asks for one of these is refused.

use tract_core::internal::{AxisOp, OutletId, Tensor, TractResult};

use crate::error::{Error, list, one_line};
use crate::node::Node;
use crate::recurrent::{Kind, Layer, Outputs, Recurrent, Weights};
use crate::translate::{Translation, Value};

/// `GRU` (operator sets 7, 14, 22).
pub(super) fn gru<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    let kind = if node.flag("linear_before_reset", false)? { Kind::LinearGru } else { Kind::Gru };
    node.arity(3..=6, 1..=2)?;
    recurrent(t, node, kind, &["Sigmoid", "Tanh"])
}

/// `LSTM` (operator sets 7, 14, 22), without peepholes and without its cell state as an output.
pub(super) fn lstm<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    if node.flag("input_forget", false)? {
        return Err(node.unsupported("attribute `input_forget` is 1"));
    }
    if let Some(name) = node.input(7) {
        return Err(node.unsupported(&format!("it has peephole weights, `{}`", one_line(name))));
    }
    if let Some(name) = node.outputs().get(2).filter(|name| t.is_read(name)) {
        return Err(node.unsupported(&format!("its cell state, `{}`, is read", one_line(name))));
    }
    node.arity(3..=8, 1..=3)?;
    recurrent(t, node, Kind::Lstm, &["Sigmoid", "Tanh", "Tanh"])
}

/// Checks a layer and wires its directions; `activations` are the standard's default ones.
fn recurrent<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    kind: Kind,
    activations: &[&str],
) -> Result<Vec<Value>, Error> {
    let directions = directions(node)?;
    default_activations(node, activations, directions)?;

    let x = t.floats(node, 0)?;
    let [length, batch, inputs] = t.shape(x)?[..] else {
        return Err(node.bad("its input is not [window length, batch, features]"));
    };
    let r = t.floats(node, 2)?;
    let of_r = t.shape(r)?;
    if of_r.contains(&0) {
        return Err(node.bad(&format!("its input R has shape {}, which holds nothing", list(&of_r))));
    }
    let hidden = of_r.get(2).copied().unwrap_or_default();
    if node.int("hidden_size")?.is_some_and(|given| given != hidden as i64) {
        return Err(node.bad(&format!("attribute `hidden_size` is not the {hidden} of its weights")));
    }
    whole_sequences(t, node, length, batch)?;
    let rows = kind.gates() * hidden;
    let w = constant(t, node, 1, "W", &[directions, rows, inputs])?;
    let r = constant(t, node, 2, "R", &[directions, rows, hidden])?;
    let bias = match node.input(3) {
        Some(_) => constant(t, node, 3, "B", &[directions, 2 * rows])?,
        None => Tensor::zero::<f32>(&[directions, 2 * rows]).map_err(|e| node.engine(&e))?,
    };
    let (x, batch_first) = before_transposition(t, x);
    let mut wires = vec![x];
    let first_hidden = initial(t, node, 5, [directions, batch, hidden])?;
    let first_cell = initial(t, node, 6, [directions, batch, hidden])?;
    wires.extend(first_hidden.iter().chain(&first_cell));

    let [all, last] = [0, 1].map(|index| node.outputs().get(index).is_some_and(|name| t.is_read(name)));
    // What stands for an output that nobody reads is never looked up.
    let mut values = vec![Value::Integers { values: vec![], scalar: false }; 2];
    if all || last {
        let layers =
            (0..directions).map(|direction| layer(kind, [inputs, hidden], [&w, &r, &bias], direction));
        let layers = layers.collect::<TractResult<Vec<Layer>>>().map_err(|e| node.engine(&e))?;
        let operator = Recurrent {
            layers: layers.into(),
            outputs: Outputs { all, last },
            batch_first,
            hidden_given: first_hidden.is_some(),
            cell_given: first_cell.is_some(),
        };
        let made = t.wire_all(node, "window", operator, &wires)?;
        for (index, wire) in [0, 1].into_iter().filter(|&index| [all, last][index]).zip(made) {
            values[index] = Value::Wire(wire);
        }
    }
    Ok(values)
}

/// What a transposition of window and batch right before a layer reads, and that there is one: the layer reads
/// its rows from anywhere.
fn before_transposition(t: &Translation<'_>, wire: OutletId) -> (OutletId, bool) {
    let node = t.model.node(wire.node);
    match (node.op_as::<AxisOp>(), &node.inputs[..]) {
        (Some(AxisOp::Move(0, 1) | AxisOp::Move(1, 0)), [before]) => (*before, true),
        _ => (wire, false),
    }
}

/// One direction's weights, packed.
fn layer(
    kind: Kind,
    [columns, hidden]: [usize; 2],
    [w, r, bias]: [&Tensor; 3],
    direction: usize,
) -> TractResult<Layer> {
    let rows = kind.gates() * hidden;
    let part = |tensor: &Tensor, size: usize| -> TractResult<Vec<f32>> {
        let values = tensor.try_as_plain_ram()?.as_slice::<f32>()?;
        Ok(values[direction * size..][..size].to_vec())
    };
    let (inputs, state, bias) = (part(w, rows * columns)?, part(r, rows * hidden)?, part(bias, 2 * rows)?);
    let (input_bias, state_bias) = bias.split_at(rows);
    let weights = Weights { columns, hidden, inputs: &inputs, state: &state, input_bias, state_bias };
    Ok(Layer::new(kind, &weights, direction == 1))
}

/// A constant input of a known shape.
fn constant<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    index: usize,
    name: &str,
    shape: &[usize],
) -> Result<Tensor, Error> {
    let wire = t.floats(node, index)?;
    let found = t.shape(wire)?;
    if found != shape {
        let (found, shape) = (list(&found), list(shape));
        return Err(node.bad(&format!("its input {name} has shape {found} instead of {shape}")));
    }
    let constant = t.constant(wire).cloned();
    constant.ok_or_else(|| node.unsupported(&format!("its input {name} is computed instead of constant")))
}

/// The first state of all directions, where it is given; else it is 0.
fn initial<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    index: usize,
    shape: [usize; 3],
) -> Result<Option<OutletId>, Error> {
    let Some(wire) = t.optional_floats(node, index)? else { return Ok(None) };
    let found = t.shape(wire)?;
    if found != shape {
        let (found, shape) = (list(&found), list(&shape));
        return Err(node.bad(&format!("its initial state has shape {found} instead of {shape}")));
    }
    Ok(Some(wire))
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
fn default_activations(node: &Node<'_>, default: &[&str], directions: usize) -> Result<(), Error> {
    if let Some(given) = node.texts("activations")? {
        let all = default.iter().cycle().take(default.len() * directions);
        if given.len() != default.len() * directions
            || !given.iter().zip(all).all(|(given, default)| given.eq_ignore_ascii_case(default))
        {
            return Err(node.unsupported(&format!(
                "attribute `activations` is {}; only {} in each direction is supported",
                list(&given),
                list(default)
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
