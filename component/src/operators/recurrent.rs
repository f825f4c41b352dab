//! `GRU` and `LSTM`, checked attribute by attribute and shape by shape.
//!
//! tract's own importer (0.23.9) reads neither `direction = reverse` (it computes `forward`) nor
//! `activations`, `clip` and `input_forget`; here a model that asks for one of these is refused.

use tract_core::internal::{AxisOp, OutletId, Tensor, TractResult};
use tract_core::ops::array::{Slice, TypedConcat};

use super::sequence::{Cell, Direction};
use crate::error::{Error, list, one_line};
use crate::node::Node;
use crate::translate::{Translation, Value};

/// `GRU` (operator sets 7, 14, 22).
pub(super) fn gru<'a>(t: &mut Translation<'a>, node: &Node<'a>) -> Result<Vec<Value>, Error> {
    let cell = if node.flag("linear_before_reset", false)? { Cell::GruLinear } else { Cell::Gru };
    node.arity(3..=6, 1..=2)?;
    recurrent(t, node, cell, &["Sigmoid", "Tanh"])
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
    recurrent(t, node, Cell::Lstm, &["Sigmoid", "Tanh", "Tanh"])
}

/// Checks a layer and wires its directions; `activations` are the standard's default ones.
fn recurrent<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    cell: Cell,
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
    let rows = cell.gates() * hidden;
    let w = constant(t, node, 1, "W", &[directions, rows, inputs])?;
    let r = constant(t, node, 2, "R", &[directions, rows, hidden])?;
    let bias = match node.input(3) {
        Some(_) => constant(t, node, 3, "B", &[directions, 2 * rows])?,
        None => Tensor::zero::<f32>(&[directions, 2 * rows]).map_err(|e| node.engine(&e))?,
    };
    let x = t.wire(node, "batch_first", AxisOp::Move(1, 0), &[x])?;
    let states = [
        initial(t, node, 5, [directions, batch, hidden])?,
        initial(t, node, 6, [directions, batch, hidden])?,
    ];

    let mut all = vec![];
    let mut last = vec![];
    for index in 0..directions {
        let name = format!("{}.{index}", node.prefix);
        let parts = part(&w, index).and_then(|w| Ok((w, part(&r, index)?, halves(&part(&bias, index)?)?)));
        let (w, r, biases) = parts.map_err(|e| node.engine(&e))?;
        let initial = [states[0].part(t, node, index)?, states[1].part(t, node, index)?];
        let direction =
            Direction { cell, name: &name, batch, hidden, backward: index == 1, x, w, r, biases, initial };
        let [steps, end] = direction.wire(&mut t.model).map_err(|e| node.engine(&e))?;
        // [batch, steps, hidden] -> [steps, directions, batch, hidden]; the last: [directions, batch, hidden]
        let steps = t.wire(node, "steps_first", AxisOp::Move(1, 0), &[steps])?;
        all.push(t.wire(node, "direction", AxisOp::Add(1), &[steps])?);
        last.push(t.wire(node, "last", AxisOp::Move(1, 0), &[end])?);
    }
    let mut values = vec![];
    for (name, (axis, wires)) in node.outputs().iter().zip([(1, all), (0, last)]) {
        let read = t.is_read(name);
        values.push(match wires[..] {
            // What stands for an output that nobody reads is never looked up.
            _ if !read => Value::Integers { values: vec![], scalar: false },
            [wire] => Value::Wire(wire),
            _ => Value::Wire(t.wire(node, "directions", TypedConcat { axis }, &wires)?),
        });
    }
    Ok(values)
}

/// One direction's part of a weight, without the axis of directions.
fn part(tensor: &Tensor, direction: usize) -> TractResult<Tensor> {
    let mut part = tensor.slice(0, direction, direction + 1)?;
    part.remove_axis(0)?;
    Ok(part)
}

/// The bias of the inputs and that of the state, `[1, rows]` each.
fn halves(bias: &Tensor) -> TractResult<[Tensor; 2]> {
    let mut bias = bias.clone();
    bias.insert_axis(0)?;
    let rows = bias.len() / 2;
    Ok([bias.slice(1, 0, rows)?, bias.slice(1, rows, 2 * rows)?])
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

/// An initial state of all directions.
enum Initial {
    Zero { batch: usize, hidden: usize },
    Given(OutletId),
}

fn initial<'a>(
    t: &mut Translation<'a>,
    node: &Node<'a>,
    index: usize,
    shape: [usize; 3],
) -> Result<Initial, Error> {
    let Some(wire) = t.optional_floats(node, index)? else {
        return Ok(Initial::Zero { batch: shape[1], hidden: shape[2] });
    };
    let found = t.shape(wire)?;
    if found != shape {
        let (found, shape) = (list(&found), list(&shape));
        return Err(node.bad(&format!("its initial state has shape {found} instead of {shape}")));
    }
    Ok(Initial::Given(wire))
}

impl Initial {
    /// One direction's state, `[batch, 1, hidden]`.
    fn part<'a>(
        &self,
        t: &mut Translation<'a>,
        node: &Node<'a>,
        direction: usize,
    ) -> Result<OutletId, Error> {
        match *self {
            Self::Zero { batch, hidden } => {
                let zeros = Tensor::zero::<f32>(&[batch, 1, hidden]).map_err(|e| node.engine(&e))?;
                t.add_constant(node, zeros)
            }
            Self::Given(wire) => {
                let part = t.wire(node, "initial", Slice::new(0, direction, direction + 1), &[wire])?;
                t.wire(node, "initial_first", AxisOp::Move(0, 1), &[part])
            }
        }
    }
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
