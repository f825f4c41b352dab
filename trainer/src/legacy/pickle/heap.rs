//! The values of a pickle and the objects behind them.
//!
//! Objects lie in one vector and refer to each other by index: a list may hold itself and a million
//! tuples may nest without a recursive walk, drop or comparison anywhere.

use super::super::error::Refusal;
use super::super::number::Kind;
use super::global::Global;

/// How many values all objects together may hold; a network's state dict takes some 40 a tensor.
const MOST_CELLS: usize = 1 << 20;

/// A value: itself, bytes of the file, or the index of an object.
#[derive(Debug, Clone, Copy)]
pub(in crate::legacy) enum Value<'a> {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A longer integer as the file has it: two's complement, little endian, or decimal digits.
    Huge(&'a [u8]),
    /// A float, whose value nothing here needs.
    Float,
    /// A `str`.
    Text(&'a str),
    /// `bytes`, a `bytearray`, or a string of Python 2.
    Bytes(&'a [u8]),
    /// A name from the list.
    Global(Global),
    /// An object of this heap.
    Object(usize),
}

impl Value<'_> {
    /// An integer from 0.
    pub(in crate::legacy) fn count(self) -> Option<usize> {
        match self {
            Self::Int(count) => usize::try_from(count).ok(),
            _ => None,
        }
    }
}

/// What a [`Value::Object`] stands for.
#[derive(Debug)]
pub(in crate::legacy) enum Object<'a> {
    /// A `str` whose escapes had to be resolved.
    Text(String),
    /// A `tuple`.
    Tuple(Vec<Value<'a>>),
    /// A `list`, `set` or `frozenset`.
    List(Vec<Value<'a>>),
    /// A `dict` or `OrderedDict` in insertion order; a later entry of the same key counts.
    Dict(Vec<(Value<'a>, Value<'a>)>),
    /// What a function or class from the list would have made of its arguments and state.
    Made {
        /// The function or class.
        of: Global,
        /// The arguments, a tuple.
        args: Value<'a>,
        /// What `BUILD` gave it.
        state: Option<Value<'a>>,
    },
    /// A persistent id of PyTorch: the tuple that names a storage outside the pickle.
    Storage(Value<'a>),
    /// An array whose bytes joblib put between the opcodes.
    Array {
        /// Dimensions, outermost first.
        dims: Vec<usize>,
        /// The format of one number.
        kind: Kind,
        /// Whether numbers are big endian.
        big: bool,
        /// The dimensions' product times the format's size.
        data: &'a [u8],
    },
}

/// All objects of a file.
#[derive(Debug, Default)]
pub(in crate::legacy) struct Heap<'a> {
    objects: Vec<Object<'a>>,
    cells: usize,
}

impl<'a> Heap<'a> {
    /// Counts values that an object is about to hold.
    pub(super) fn charge(&mut self, cells: usize) -> Result<(), Refusal> {
        self.cells = self.cells.saturating_add(cells);
        if self.cells > MOST_CELLS {
            return Refusal::damaged(format!("it holds more than {MOST_CELLS} values"));
        }
        Ok(())
    }

    /// Puts an object on the heap.
    pub(super) fn put(&mut self, object: Object<'a>) -> Result<Value<'a>, Refusal> {
        self.charge(match &object {
            Object::Tuple(values) | Object::List(values) => 1 + values.len(),
            Object::Array { dims, .. } => 1 + dims.len(),
            _ => 1,
        })?;
        self.objects.push(object);
        Ok(Value::Object(self.objects.len() - 1))
    }

    /// All objects in the order of their making.
    pub(in crate::legacy) fn objects(&self) -> &[Object<'a>] {
        &self.objects
    }

    /// The object behind a value.
    pub(in crate::legacy) fn object(&self, value: Value<'a>) -> Option<&Object<'a>> {
        let Value::Object(index) = value else { return None };
        self.objects.get(index)
    }

    /// The object behind a value, to be changed.
    pub(super) fn object_mut(&mut self, value: Value<'a>) -> Option<&mut Object<'a>> {
        let Value::Object(index) = value else { return None };
        self.objects.get_mut(index)
    }

    /// A text, also one of Python 2.
    pub(in crate::legacy) fn text(&self, value: Value<'a>) -> Option<&str> {
        match value {
            Value::Text(text) => Some(text),
            // Checked anew at each use, hence only when short, as all names are.
            Value::Bytes(bytes) if bytes.len() <= 256 => std::str::from_utf8(bytes).ok(),
            _ => match self.object(value)? {
                Object::Text(text) => Some(text),
                _ => None,
            },
        }
    }

    /// A tuple's values.
    pub(in crate::legacy) fn tuple(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        match self.object(value)? {
            Object::Tuple(values) => Some(values),
            _ => None,
        }
    }

    /// A list's values.
    pub(in crate::legacy) fn list(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        match self.object(value)? {
            Object::List(values) => Some(values),
            _ => None,
        }
    }

    /// A dict's entries.
    pub(in crate::legacy) fn dict(&self, value: Value<'a>) -> Option<&[(Value<'a>, Value<'a>)]> {
        match self.object(value)? {
            Object::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a text in a dict.
    pub(in crate::legacy) fn get(&self, dict: Value<'a>, key: &str) -> Option<Value<'a>> {
        let entries = self.dict(dict)?;
        entries.iter().rev().find(|(name, _)| self.text(*name) == Some(key)).map(|(_, value)| *value)
    }

    /// A tuple of counts: an array's or tensor's dimensions, strides.
    pub(in crate::legacy) fn counts(&self, value: Value<'a>) -> Option<Vec<usize>> {
        // NumPy has at most 64 dimensions, PyTorch's tensors here at most 4.
        let values = self.tuple(value).filter(|values| values.len() <= 64)?;
        values.iter().map(|value| value.count()).collect()
    }

    /// What a value is, for a message.
    pub(in crate::legacy) fn describe(&self, value: Value<'a>) -> &'static str {
        match value {
            Value::None => "None",
            Value::Bool(_) => "a bool",
            Value::Int(_) | Value::Huge(_) => "an int",
            Value::Float => "a float",
            Value::Text(_) => "a str",
            Value::Bytes(_) => "bytes",
            Value::Global(global) => global.name(),
            Value::Object(_) => match self.object(value) {
                None | Some(Object::Text(_)) => "a str",
                Some(Object::Tuple(_)) => "a tuple",
                Some(Object::List(_)) => "a list",
                Some(Object::Dict(_)) => "a dict",
                Some(Object::Made { of, .. }) => of.name(),
                Some(Object::Storage(_)) => "a storage",
                Some(Object::Array { .. }) => "an array",
            },
        }
    }
}
