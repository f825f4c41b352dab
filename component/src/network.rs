//! ONNX bytes, decoded and checked as a whole: operator sets, inputs, outputs, names, constants.

use std::collections::{HashMap, HashSet};

use prost::Message;

use crate::error::{Error, one_line};
use crate::onnx::{self, GraphProto, ModelProto, ValueInfoProto};
use crate::tensor::{self, Constant};

/// The versions of the standard operator set that every operator here was read for.
const OPSETS: std::ops::RangeInclusive<i64> = 13..=23;

/// The most values in one window: far above any real model, far below what would exhaust memory.
const LARGEST_WINDOW: usize = 1 << 20;

/// How many windows a model takes in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batch {
    /// The first dimension is open.
    Any,
    /// The model was exported for exactly one window.
    One,
}

/// A decoded model with one float input and one float output, its nodes not yet looked at.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) graph: GraphProto,
    pub(crate) opset: i64,
    pub(crate) constants: HashMap<String, Constant>,
    pub(crate) input: String,
    pub(crate) batch: Batch,
    pub(crate) window_length: usize,
    pub(crate) features: usize,
}

impl Network {
    /// Decodes and checks the bytes of an ONNX file.
    pub(crate) fn from_bytes(onnx: &[u8]) -> Result<Self, Error> {
        let model = ModelProto::decode(onnx).map_err(|e| {
            Error::BadModel(one_line(&format!("the {} bytes are no ONNX model: {e}", onnx.len())))
        })?;
        let opset = opset(&model)?;
        if let Some(function) = model.functions.first() {
            return Err(Error::UnsupportedOperator(format!(
                "the model defines the function `{}`; inline functions before export",
                one_line(&function.name)
            )));
        }
        let mut graph = model.graph.ok_or_else(|| {
            Error::BadModel(format!("the {} bytes are no ONNX model: they hold no graph", onnx.len()))
        })?;
        if !graph.sparse_initializer.is_empty() {
            return Err(Error::BadModel(
                "the graph has sparse constants, which are not supported".to_owned(),
            ));
        }
        let mut constants = HashMap::new();
        for proto in std::mem::take(&mut graph.initializer) {
            let constant = tensor::read(&proto.name, &proto)?;
            if constants.insert(proto.name.clone(), constant).is_some() {
                return Err(Error::BadModel(format!("constant `{}` is given twice", one_line(&proto.name))));
            }
        }
        names_are_unique(&graph, &constants)?;

        let inputs: Vec<&ValueInfoProto> =
            graph.input.iter().filter(|input| !constants.contains_key(&input.name)).collect();
        let [input] = inputs[..] else {
            return Err(wrong_count("inputs", &inputs.iter().map(|i| i.name.as_str()).collect::<Vec<_>>()));
        };
        let [output] = &graph.output[..] else {
            return Err(wrong_count(
                "outputs",
                &graph.output.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(),
            ));
        };
        let (batch, window_length, features) = input_shape(input)?;
        check_output(output, batch)?;
        let input = input.name.clone();
        Ok(Self { graph, opset, constants, input, batch, window_length, features })
    }
}

fn wrong_count(what: &str, names: &[&str]) -> Error {
    Error::WrongShape(one_line(&format!(
        "the model has {} {what} ({}) instead of 1",
        names.len(),
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    )))
}

/// The version of the one operator set, which is ONNX's own.
fn opset(model: &ModelProto) -> Result<i64, Error> {
    let mut version = None;
    for import in &model.opset_import {
        if !is_standard(&import.domain) {
            return Err(Error::UnsupportedOperator(format!(
                "the model uses the operator set `{}`; only ONNX's own is supported",
                one_line(&import.domain)
            )));
        }
        version = Some(import.version);
    }
    match version {
        Some(version) if OPSETS.contains(&version) => Ok(version),
        Some(version) => Err(Error::UnsupportedOperator(format!(
            "the model is written for operator set {version}; supported are {} to {}",
            OPSETS.start(),
            OPSETS.end()
        ))),
        None => {
            Err(Error::BadModel("the bytes are no whole ONNX model: they name no operator set".to_owned()))
        }
    }
}

/// True for the domain of ONNX's own operators.
pub(crate) fn is_standard(domain: &str) -> bool {
    domain.is_empty() || domain == "ai.onnx"
}

/// Single static assignment: each value has one name and one origin.
fn names_are_unique(graph: &GraphProto, constants: &HashMap<String, Constant>) -> Result<(), Error> {
    let mut names: HashSet<&str> = constants.keys().map(String::as_str).collect();
    let inputs = graph.input.iter().map(|input| &input.name).filter(|name| !constants.contains_key(*name));
    let outputs = graph.node.iter().flat_map(|node| &node.output).filter(|name| !name.is_empty());
    for name in inputs.chain(outputs) {
        if !names.insert(name) {
            return Err(Error::BadModel(format!("the value `{}` is made twice", one_line(name))));
        }
    }
    Ok(())
}

/// The dimensions of a float input or output; `None` for one that is open.
fn dimensions(what: &str, info: &ValueInfoProto) -> Result<Vec<Option<i64>>, Error> {
    let name = one_line(&info.name);
    let Some(tensor) = info.r#type.as_ref().and_then(|t| t.tensor_type.as_ref()) else {
        return Err(Error::WrongShape(format!("{what} `{name}` has no tensor type")));
    };
    if tensor.elem_type != onnx::FLOAT {
        let found = onnx::type_name(tensor.elem_type);
        return Err(Error::WrongShape(format!("{what} `{name}` is {found} instead of FLOAT")));
    }
    let shape = tensor
        .shape
        .as_ref()
        .ok_or_else(|| Error::WrongShape(format!("{what} `{name}` does not say its shape")))?;
    Ok(shape.dim.iter().map(|dim| dim.dim_value).collect())
}

fn input_shape(input: &ValueInfoProto) -> Result<(Batch, usize, usize), Error> {
    let shape = dimensions("input", input)?;
    let wrong = |problem: String| Error::WrongShape(format!("input `{}` {problem}", one_line(&input.name)));
    let [batch, window_length, features] = shape[..] else {
        return Err(wrong(format!(
            "has {} dimensions instead of [batch, window length, features]",
            shape.len()
        )));
    };
    let batch = match batch {
        None => Batch::Any,
        Some(1) => Batch::One,
        Some(other) => {
            return Err(wrong(format!(
                "takes exactly {other} windows at a time; export it with an open batch"
            )));
        }
    };
    let known = |what: &str, dim: Option<i64>| match dim.map(usize::try_from) {
        Some(Ok(value)) if (1..=LARGEST_WINDOW).contains(&value) => Ok(value),
        Some(_) => Err(wrong(format!(
            "has a {what} of {}, not within 1 to {LARGEST_WINDOW}",
            dim.unwrap_or_default()
        ))),
        None => Err(wrong(format!("leaves its {what} open; export it with a fixed one"))),
    };
    let (window_length, features) =
        (known("window length", window_length)?, known("feature count", features)?);
    if window_length * features > LARGEST_WINDOW {
        return Err(wrong(format!(
            "has windows of {window_length} x {features} values, more than {LARGEST_WINDOW}"
        )));
    }
    Ok((batch, window_length, features))
}

fn check_output(output: &ValueInfoProto, batch: Batch) -> Result<(), Error> {
    let shape = dimensions("output", output)?;
    let wrong = |problem: String| Error::WrongShape(format!("output `{}` {problem}", one_line(&output.name)));
    match (shape.as_slice(), batch) {
        ([None, _], _) | ([Some(1), _], Batch::One) => Ok(()),
        ([Some(fixed), _], _) => {
            Err(wrong(format!("has a batch of {fixed}, but the input's batch is not that")))
        }
        _ => Err(wrong(format!("has {} dimensions instead of [batch, outputs]", shape.len()))),
    }
}
