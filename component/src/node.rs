//! One node, read strictly: each attribute is asked for by name and type, what is left is refused.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::error::{Error, one_line};
use crate::onnx::{AttributeProto, AttributeType, NodeProto, TensorProto};

/// A node of the graph under translation.
pub(crate) struct Node<'a> {
    proto: &'a NodeProto,
    /// Unique in the graph; prefix of the names of what the node is wired to.
    pub(crate) prefix: String,
    /// The version of the operator set that the model was written for.
    pub(crate) opset: i64,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Node<'a> {
    /// The node at a place in the graph; refuses two attributes of one name.
    pub(crate) fn new(proto: &'a NodeProto, index: usize, opset: i64) -> Result<Self, Error> {
        let node =
            Self { proto, prefix: format!("{index}.{}", proto.op_type), opset, asked: RefCell::default() };
        let mut names = BTreeSet::new();
        for attribute in &proto.attribute {
            if !names.insert(attribute.name.as_str()) {
                return Err(node.bad(&format!("attribute `{}` is given twice", one_line(&attribute.name))));
            }
            if !attribute.ref_attr_name.is_empty() {
                return Err(node.unsupported(&format!(
                    "attribute `{}` refers to a function's attribute",
                    one_line(&attribute.name)
                )));
            }
        }
        Ok(node)
    }

    /// The node and its operator, for errors.
    pub(crate) fn describe(&self) -> String {
        let name =
            if self.proto.name.is_empty() { self.proto.output.first() } else { Some(&self.proto.name) };
        format!("node `{}` ({})", one_line(name.map_or("", String::as_str)), one_line(&self.proto.op_type))
    }

    /// The error for a node that asks for what is not supported.
    pub(crate) fn unsupported(&self, problem: &str) -> Error {
        Error::UnsupportedOperator(format!("{}: {problem}", self.describe()))
    }

    /// The error for a node that contradicts the ONNX standard or its own inputs.
    pub(crate) fn bad(&self, problem: &str) -> Error {
        Error::BadModel(format!("{}: {problem}", self.describe()))
    }

    /// The error for a node that tract does not take.
    pub(crate) fn engine(&self, error: &impl std::fmt::Display) -> Error {
        self.bad(&one_line(&format!("{error:#}")))
    }

    /// The name of the value at an input's place, when there is one.
    pub(crate) fn input(&self, index: usize) -> Option<&'a str> {
        self.proto.input.get(index).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// The name of the operator.
    pub(crate) fn operator(&self) -> &'a str {
        &self.proto.op_type
    }

    /// The number of inputs with their places, absent ones in between included.
    pub(crate) fn input_count(&self) -> usize {
        self.proto.input.len()
    }

    /// The names of the outputs; an empty one is not wanted.
    pub(crate) fn outputs(&self) -> &'a [String] {
        &self.proto.output
    }

    /// Refuses a number of inputs or outputs that the operator does not have.
    pub(crate) fn arity(
        &self,
        inputs: std::ops::RangeInclusive<usize>,
        outputs: std::ops::RangeInclusive<usize>,
    ) -> Result<(), Error> {
        for (what, found, range) in
            [("inputs", self.proto.input.len(), inputs), ("outputs", self.proto.output.len(), outputs)]
        {
            if !range.contains(&found) {
                let (least, most) = range.into_inner();
                return Err(self.bad(&format!("it has {found} {what}, the operator has {least} to {most}")));
            }
        }
        Ok(())
    }

    fn attribute(
        &self,
        name: &'static str,
        expected: AttributeType,
    ) -> Result<Option<&'a AttributeProto>, Error> {
        self.asked.borrow_mut().insert(name);
        let Some(attribute) = self.proto.attribute.iter().find(|attribute| attribute.name == name) else {
            return Ok(None);
        };
        if attribute.r#type != expected as i32 {
            return Err(self.bad(&format!(
                "attribute `{name}` has type {} instead of {}",
                attribute.r#type,
                expected.name()
            )));
        }
        Ok(Some(attribute))
    }

    /// An integer attribute.
    pub(crate) fn int(&self, name: &'static str) -> Result<Option<i64>, Error> {
        Ok(self.attribute(name, AttributeType::Int)?.map(|attribute| attribute.i))
    }

    /// An integer attribute that is 0 or 1.
    pub(crate) fn flag(&self, name: &'static str, default: bool) -> Result<bool, Error> {
        match self.int(name)? {
            None => Ok(default),
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            Some(other) => Err(self.bad(&format!("attribute `{name}` is {other} instead of 0 or 1"))),
        }
    }

    /// A float attribute.
    pub(crate) fn float(&self, name: &'static str) -> Result<Option<f32>, Error> {
        Ok(self.attribute(name, AttributeType::Float)?.map(|attribute| attribute.f))
    }

    /// A text attribute; bytes that are no text are replaced.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<String>, Error> {
        Ok(self
            .attribute(name, AttributeType::String)?
            .map(|attribute| one_line(&String::from_utf8_lossy(&attribute.s))))
    }

    /// A list of integers.
    pub(crate) fn ints(&self, name: &'static str) -> Result<Option<&'a [i64]>, Error> {
        Ok(self.attribute(name, AttributeType::Ints)?.map(|attribute| attribute.ints.as_slice()))
    }

    /// A list of floats.
    pub(crate) fn floats(&self, name: &'static str) -> Result<Option<&'a [f32]>, Error> {
        Ok(self.attribute(name, AttributeType::Floats)?.map(|attribute| attribute.floats.as_slice()))
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &'static str) -> Result<Option<Vec<String>>, Error> {
        Ok(self.attribute(name, AttributeType::Strings)?.map(|attribute| {
            attribute.strings.iter().map(|text| one_line(&String::from_utf8_lossy(text))).collect()
        }))
    }

    /// A tensor attribute.
    pub(crate) fn tensor(&self, name: &'static str) -> Result<Option<&'a TensorProto>, Error> {
        Ok(self.attribute(name, AttributeType::Tensor)?.and_then(|attribute| attribute.t.as_ref()))
    }

    /// Refuses every attribute that nobody asked for: it would be skipped without a word.
    pub(crate) fn all_attributes_asked(&self) -> Result<(), Error> {
        let asked = self.asked.borrow();
        match self.proto.attribute.iter().find(|attribute| !asked.contains(attribute.name.as_str())) {
            Some(attribute) => {
                Err(self.unsupported(&format!("attribute `{}` is not supported", one_line(&attribute.name))))
            }
            None => Ok(()),
        }
    }
}
