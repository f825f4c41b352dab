//! The walk over the nodes: a checked network becomes a typed graph for one batch size.

use std::collections::{HashMap, HashSet};

use tract_core::internal::{
    DatumExt as _, DatumType, OutletId, SpecialOps as _, TVec, Tensor, TypedModel, TypedOp,
};

use crate::error::{Error, list, one_line};
use crate::network::{Network, is_standard};
use crate::node::Node;
use crate::operators;
use crate::tensor::Constant;

/// The most values that one node may make, so that a hostile model cannot exhaust memory.
const LARGEST_VALUE: usize = 1 << 26;
/// The highest rank of a value: one letter an axis in the names of a product's axes.
pub(crate) const HIGHEST_RANK: usize = 8;

/// What a name in the graph stands for.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Floats, computed or constant.
    Wire(OutletId),
    /// Integers that are known before anything runs.
    Integers { values: Vec<i64>, scalar: bool },
}

/// The graph under construction.
pub(crate) struct Translation<'a> {
    pub(crate) model: TypedModel,
    network: &'a Network,
    values: HashMap<&'a str, Value>,
    read: HashSet<&'a str>,
}

/// Translates a network for a batch size; `outputs` of the result is its one output.
pub(crate) fn translate(network: &Network, batch: usize) -> Result<(TypedModel, usize), Error> {
    let mut translation = Translation {
        model: TypedModel::default(),
        network,
        values: HashMap::new(),
        read: names_read(network),
    };
    let fact = f32::fact([batch, network.window_length, network.features]);
    let input = translation.model.add_source("window", fact).map_err(|e| Error::engine("the input", &e))?;
    translation.values.insert(&network.input, Value::Wire(input));

    for (index, proto) in network.graph.node.iter().enumerate() {
        let node = Node::new(proto, index, network.opset)?;
        if !is_standard(&proto.domain) {
            return Err(node
                .unsupported(&format!("its operator set is `{}`, not ONNX's own", one_line(&proto.domain))));
        }
        let operator = operators::find(&proto.op_type)
            .ok_or_else(|| node.unsupported("the operator is not supported"))?;
        let made = operator(&mut translation, &node)?;
        node.all_attributes_asked()?;
        for (name, value) in node.outputs().iter().zip(made) {
            if !name.is_empty() {
                translation.values.insert(name, value);
            }
        }
    }

    let output = &network.graph.output[0].name;
    let Some(Value::Wire(wire)) = translation.value(output)? else {
        return Err(Error::BadModel(format!("nothing makes the output `{}`", one_line(output))));
    };
    let shape = translation.shape(wire)?;
    let [found, outputs] = shape[..] else {
        return Err(Error::WrongShape(format!(
            "output `{}` has shape {shape} instead of [batch, outputs]",
            one_line(output),
            shape = list(&shape)
        )));
    };
    if found != batch || outputs == 0 {
        return Err(Error::WrongShape(format!(
            "output `{}` has shape {shape} for a batch of {batch}",
            one_line(output),
            shape = list(&shape)
        )));
    }
    translation.model.select_output_outlets(&[wire]).map_err(|e| Error::engine("the output", &e))?;
    Ok((translation.model, outputs))
}

/// The names that some node, or the model's output, reads.
fn names_read(network: &Network) -> HashSet<&str> {
    let inputs = network.graph.node.iter().flat_map(|node| &node.input);
    let outputs = network.graph.output.iter().map(|output| &output.name);
    inputs.chain(outputs).map(String::as_str).filter(|name| !name.is_empty()).collect()
}

impl<'a> Translation<'a> {
    /// True when some node, or the model's output, reads the value of a name.
    pub(crate) fn is_read(&self, name: &str) -> bool {
        self.read.contains(name)
    }

    /// What a name stands for; a constant is wired when it is first asked for.
    fn value(&mut self, name: &'a str) -> Result<Option<Value>, Error> {
        if let Some(value) = self.values.get(name) {
            return Ok(Some(value.clone()));
        }
        let value = match self.network.constants.get(name) {
            None => return Ok(None),
            Some(Constant::Integers { values, scalar }) => {
                Value::Integers { values: values.clone(), scalar: *scalar }
            }
            Some(Constant::Floats(tensor)) => {
                let label = format!("constant.{}", self.values.len());
                Value::Wire(
                    self.model
                        .add_const(label, tensor.clone())
                        .map_err(|e| Error::engine("a constant", &e))?,
                )
            }
        };
        self.values.insert(name, value.clone());
        Ok(Some(value))
    }

    /// The value at a node's input, when it has one there.
    pub(crate) fn optional(&mut self, node: &Node<'a>, index: usize) -> Result<Option<Value>, Error> {
        let Some(name) = node.input(index) else { return Ok(None) };
        match self.value(name)? {
            Some(value) => Ok(Some(value)),
            None => Err(node.bad(&format!("nothing before it makes its input `{}`", one_line(name)))),
        }
    }

    /// The floats at a node's input, when it has one there.
    pub(crate) fn optional_floats(
        &mut self,
        node: &Node<'a>,
        index: usize,
    ) -> Result<Option<OutletId>, Error> {
        match self.optional(node, index)? {
            None => Ok(None),
            Some(Value::Wire(wire)) => Ok(Some(wire)),
            Some(Value::Integers { .. }) => {
                Err(node.bad(&format!("input {index} is integers instead of floats")))
            }
        }
    }

    /// The floats at a node's input.
    pub(crate) fn floats(&mut self, node: &Node<'a>, index: usize) -> Result<OutletId, Error> {
        self.optional_floats(node, index)?.ok_or_else(|| node.bad(&format!("it lacks input {index}")))
    }

    /// The integers at a node's input, when it has one there; they must be constant.
    pub(crate) fn optional_integers(
        &mut self,
        node: &Node<'a>,
        index: usize,
    ) -> Result<Option<(Vec<i64>, bool)>, Error> {
        match self.optional(node, index)? {
            None => Ok(None),
            Some(Value::Integers { values, scalar }) => Ok(Some((values, scalar))),
            Some(Value::Wire(_)) => {
                Err(node.unsupported(&format!("input {index} is not a constant of integers")))
            }
        }
    }

    /// The constant tensor at a node's float input, when it has one there.
    pub(crate) fn constant(&self, wire: OutletId) -> Option<&Tensor> {
        self.model.outlet_fact(wire).ok()?.konst.as_deref()
    }

    /// The dimensions of a wire, all known because the batch is.
    pub(crate) fn shape(&self, wire: OutletId) -> Result<Vec<usize>, Error> {
        let fact = self.model.outlet_fact(wire).map_err(|e| Error::engine("a shape", &e))?;
        if fact.datum_type != DatumType::F32 {
            return Err(Error::BadModel("a value is something else than float32".to_owned()));
        }
        fact.shape
            .as_concrete()
            .map(<[usize]>::to_vec)
            .ok_or_else(|| Error::WrongShape("a shape depends on something else than the batch".to_owned()))
    }

    /// Wires one typed operator; `step` tells it from its node's other ones.
    pub(crate) fn wire(
        &mut self,
        node: &Node<'a>,
        step: &str,
        operator: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> Result<OutletId, Error> {
        let wires = self.wire_all(node, step, operator, inputs)?;
        wires.first().copied().ok_or_else(|| node.bad("it makes nothing"))
    }

    /// As [`Translation::wire`], for an operator of several outputs.
    pub(crate) fn wire_all(
        &mut self,
        node: &Node<'a>,
        step: &str,
        operator: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> Result<TVec<OutletId>, Error> {
        let name = self.model.unique_name(format!("{}.{step}", node.prefix));
        let wires = self
            .model
            .wire_node(name, operator, inputs)
            .map_err(|e| node.bad(&one_line(&format!("{e:#}"))))?;
        for &wire in &wires {
            self.bounded(node, wire)?;
        }
        Ok(wires)
    }

    /// A constant that a node's translation needs, of the rank that its partner has.
    pub(crate) fn scalar(&mut self, node: &Node<'a>, value: f32, rank: usize) -> Result<OutletId, Error> {
        let tensor = Tensor::from_shape(&vec![1; rank], &[value]).map_err(|e| node.engine(&e))?;
        self.add_constant(node, tensor)
    }

    /// A constant that a node's translation needs.
    pub(crate) fn add_constant(&mut self, node: &Node<'a>, tensor: Tensor) -> Result<OutletId, Error> {
        let name = self.model.unique_name(format!("{}.constant", node.prefix));
        self.model.add_const(name, tensor).map_err(|e| node.engine(&e))
    }

    /// Refuses a value of absurd size or rank.
    pub(crate) fn bounded(&self, node: &Node<'a>, wire: OutletId) -> Result<(), Error> {
        let shape = self.shape(wire)?;
        let count = shape.iter().try_fold(1_usize, |count, &dim| count.checked_mul(dim));
        if shape.len() > HIGHEST_RANK || !count.is_some_and(|count| (1..=LARGEST_VALUE).contains(&count)) {
            return Err(node.bad(&format!(
                "it makes a value of shape {shape}; supported are 1 to {LARGEST_VALUE} values, rank 0 to {HIGHEST_RANK}", shape = list(&shape))));
        }
        Ok(())
    }
}
