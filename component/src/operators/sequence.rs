//! One direction of a recurrent layer as tract runs it: one operator over the whole window for the
//! GRU that tract has one for, else a scan whose body is one step.
//!
//! The product with the inputs does not depend on the state, so it is taken once over the window,
//! outside of the scan. tract's own wiring of an LSTM takes it anew in each step.

use tract_core::internal::{
    AxisOp, DatumExt as _, DatumType, IntoArcTensor as _, OutletId, SpecialOps as _, Tensor, TractError,
    TractResult, TypedModel, TypedOp, tvec,
};
use tract_core::ops::array::Slice;
use tract_core::ops::einsum::EinSum;
use tract_core::ops::gru_seq::GruSeq;
use tract_core::ops::lstm_cell::LstmEpilogue;
use tract_core::ops::scan::{InputMapping, OutputMapping, Scan, ScanInfo};
use tract_core::ops::{math, nn};

/// The cell of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// GRU, with the reset gate applied before the recurrent product.
    Gru,
    /// GRU with `linear_before_reset = 1`: the reset gate applied after the product.
    GruLinear,
    /// LSTM.
    Lstm,
}

impl Cell {
    /// Blocks of `hidden` rows in the weights.
    pub(super) fn gates(self) -> usize {
        if self == Self::Lstm { 4 } else { 3 }
    }
}

/// What one direction works on. All shapes are checked before.
pub(super) struct Direction<'n> {
    pub(super) cell: Cell,
    /// Prefix of the names of what is wired.
    pub(super) name: &'n str,
    pub(super) batch: usize,
    pub(super) hidden: usize,
    pub(super) backward: bool,
    /// `[batch, length, inputs]`.
    pub(super) x: OutletId,
    /// `[gates * hidden, inputs]`, constant.
    pub(super) w: Tensor,
    /// `[gates * hidden, hidden]`, constant.
    pub(super) r: Tensor,
    /// `[1, gates * hidden]` each, constant: of the inputs and of the state.
    pub(super) biases: [Tensor; 2],
    /// `[batch, 1, hidden]`.
    pub(super) initial: [OutletId; 2],
}

impl Direction<'_> {
    /// Wires the direction; answers the states of all steps `[batch, length, hidden]` and of the
    /// last one `[batch, 1, hidden]`.
    pub(super) fn wire(self, model: &mut TypedModel) -> TractResult<[OutletId; 2]> {
        if self.cell == Cell::GruLinear {
            return self.fused(model);
        }
        let hidden = self.hidden;
        let name = |step: &str| format!("{}.{step}", self.name);
        let w = model.add_const(name("w"), self.w.into_arc_tensor())?;
        let product = EinSum::new("bti,gi->btg".parse()?, DatumType::F32);
        let product = one(model, name("inputs"), product, &[self.x, w])?;
        // Both biases are added to the same sum, so they can be added to each other first.
        let mut bias = added(&self.biases[0], &self.biases[1])?;
        bias.insert_axis(0)?;
        let bias = model.add_const(name("bias"), bias.into_arc_tensor())?;
        let x = one(model, name("biased"), math::add(), &[product, bias])?;

        let mut body = TypedModel::default();
        let gates = self.cell.gates() * hidden;
        let step = source(&mut body, "x", [self.batch, gates])?;
        let h = source(&mut body, "h", [self.batch, hidden])?;
        let chunk = if self.backward { -1 } else { 1 };
        let info = ScanInfo { axis: 1, chunk };
        let mut inputs = tvec!(x, self.initial[0]);
        let mut input_mapping = vec![InputMapping::Scan(info), InputMapping::State];
        let mut output_mapping = vec![OutputMapping {
            scan: Some((0, info)),
            full_dim_hint: None,
            last_value_slot: Some(1),
            state: true,
        }];
        let states = if self.cell == Cell::Lstm {
            let c = source(&mut body, "c", [self.batch, hidden])?;
            inputs.push(self.initial[1]);
            input_mapping.push(InputMapping::State);
            output_mapping.push(OutputMapping {
                scan: None,
                full_dim_hint: None,
                last_value_slot: None,
                state: true,
            });
            let recurrent = recurrent(&mut body, "r", h, self.r)?;
            let sum = one(&mut body, "sum", math::add(), &[step, recurrent])?;
            body.wire_node("cell", LstmEpilogue { hidden }, &[sum, c])?
        } else {
            tvec!(gru_step(&mut body, step, h, &self.r, hidden)?)
        };
        let mut outputs = tvec!();
        for (index, state) in states.into_iter().enumerate() {
            outputs.push(one(&mut body, format!("state.{index}"), AxisOp::Add(1), &[state])?);
        }
        body.select_output_outlets(&outputs)?;
        let scan = Scan::new(body, input_mapping, output_mapping, 0)?;
        let wires = model.wire_node(name("scan"), scan, &inputs)?;
        Ok([wires[0], wires[1]])
    }

    /// tract's GRU over the whole window.
    fn fused(self, model: &mut TypedModel) -> TractResult<[OutletId; 2]> {
        let name = |step: &str| format!("{}.{step}", self.name);
        let w = model.add_const(name("w"), self.w.into_arc_tensor())?;
        let r = model.add_const(name("r"), self.r.into_arc_tensor())?;
        let bias = Tensor::stack_tensors(1, &self.biases)?;
        let bias = model.add_const(name("bias"), bias.into_arc_tensor())?;
        let operator = GruSeq {
            hidden: self.hidden,
            has_bias: true,
            chunk: if self.backward { -1 } else { 1 },
            emit_y: true,
            reset_every_turn: true,
            projected: false,
            packed_r: None,
        };
        let wires = model.wire_node(name("window"), operator, &[self.x, w, r, bias, self.initial[0]])?;
        Ok([wires[0], wires[1]])
    }
}

/// One step of a GRU whose reset gate comes before the product; `x` holds all biases. Equations:
/// ONNX operator GRU, `linear_before_reset = 0`.
fn gru_step(
    body: &mut TypedModel,
    x: OutletId,
    h: OutletId,
    r: &Tensor,
    hidden: usize,
) -> TractResult<OutletId> {
    let part = |body: &mut TypedModel, name: &str, of: OutletId, from: usize, to: usize| {
        one(body, name, Slice::new(1, from * hidden, to * hidden), &[of])
    };
    let gates = recurrent(body, "r_gates", h, r.slice(0, 0, 2 * hidden)?)?;
    let x_gates = part(body, "x_gates", x, 0, 2)?;
    let gates = one(body, "gates_sum", math::add(), &[x_gates, gates])?;
    let gates = one(body, "gates", nn::sigmoid(), &[gates])?;
    let update = part(body, "update", gates, 0, 1)?;
    let reset = part(body, "reset", gates, 1, 2)?;
    let kept = one(body, "kept", math::mul(), &[reset, h])?;
    let product = recurrent(body, "r_new", kept, r.slice(0, 2 * hidden, 3 * hidden)?)?;
    let x_new = part(body, "x_new", x, 2, 3)?;
    let new = one(body, "new_sum", math::add(), &[x_new, product])?;
    let new = one(body, "new", math::tanh(), &[new])?;
    // (1 - z) * new + z * h = new + z * (h - new)
    let difference = one(body, "difference", math::sub(), &[h, new])?;
    let change = one(body, "change", math::mul(), &[update, difference])?;
    one(body, "next", math::add(), &[new, change])
}

/// What one step reads: `[batch, width]`, fed as `[batch, 1, width]`.
fn source(body: &mut TypedModel, name: &str, [batch, width]: [usize; 2]) -> TractResult<OutletId> {
    let fed = body.add_source(name, f32::fact([batch, 1, width]))?;
    one(body, format!("{name}.step"), AxisOp::Rm(1), &[fed])
}

/// Wires an operator and answers its first output.
fn one(
    model: &mut TypedModel,
    name: impl Into<String>,
    operator: impl Into<Box<dyn TypedOp>>,
    inputs: &[OutletId],
) -> TractResult<OutletId> {
    let wires = model.wire_node(name, operator, inputs)?;
    wires.first().copied().ok_or_else(|| TractError::msg("an operator makes nothing"))
}

/// `state * weightsᵀ`.
fn recurrent(body: &mut TypedModel, name: &str, state: OutletId, weights: Tensor) -> TractResult<OutletId> {
    let weights = body.add_const(name, weights.into_arc_tensor())?;
    let product = EinSum::new("bh,gh->bg".parse()?, DatumType::F32);
    one(body, format!("{name}.product"), product, &[state, weights])
}

/// The sum of two tensors of one shape.
fn added(left: &Tensor, right: &Tensor) -> TractResult<Tensor> {
    let (left_values, right_values) = (left.try_as_plain_ram()?, right.try_as_plain_ram()?);
    let values: Vec<f32> = left_values
        .as_slice::<f32>()?
        .iter()
        .zip(right_values.as_slice::<f32>()?)
        .map(|(left, right)| left + right)
        .collect();
    Tensor::from_shape(left.shape(), &values)
}
