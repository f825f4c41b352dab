//! Weights that ONNX keeps in files of their own, put into the graph.
//!
//! MLflow saves ONNX models with external data unless told otherwise: `TensorProto.data_location` is
//! `EXTERNAL`, and `external_data` names a file, an offset and a length. A bundle's graph is one file. The
//! bytes are rewritten as Protocol Buffers' wire format, message by message, so that nothing else changes,
//! known here or not (onnx.proto3 of ONNX 1.23; protobuf.dev/programming-guides/encoding).

use std::collections::HashMap;

use overhaul_bundle::{BundlePath, Mistake};

use super::wire::{self, Field};

/// The most bytes of a graph with its weights.
pub const MAX_GRAPH: usize = 512 << 20;

/// `TensorProto.DataLocation.EXTERNAL`.
const EXTERNAL: u64 = 1;

/// The messages on the way to a tensor.
#[derive(Clone, Copy, PartialEq)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    SparseTensor,
    Tensor,
}

impl Message {
    /// What a field of this message is, if a tensor can be in it: the field numbers of `onnx.proto3`.
    fn field(self, number: u64) -> Option<Self> {
        match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Some(Self::Graph),
            (Self::Graph, 1) => Some(Self::Node),
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::SparseTensor, 1 | 2) => Some(Self::Tensor),
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Some(Self::SparseTensor),
            (Self::Node, 5) => Some(Self::Attribute),
            _ => None,
        }
    }
}

/// The most messages within each other; graphs within graphs are refused long before.
const DEEPEST: usize = 32;

/// The same model with all of its tensors inside; `read` gives the bytes of a file beside it.
pub fn inline(
    model: &[u8],
    read: &mut impl FnMut(&BundlePath) -> Result<Vec<u8>, Mistake>,
) -> Result<Vec<u8>, Mistake> {
    let mut files = Files { read, held: HashMap::new() };
    let mut inlined = Vec::with_capacity(model.len());
    message(Message::Model, model, &mut files, &mut inlined, 0)?;
    Ok(inlined)
}

struct Files<'a, R> {
    read: &'a mut R,
    held: HashMap<BundlePath, Vec<u8>>,
}

impl<R: FnMut(&BundlePath) -> Result<Vec<u8>, Mistake>> Files<'_, R> {
    fn bytes(&mut self, path: &BundlePath) -> Result<&[u8], Mistake> {
        if !self.held.contains_key(path) {
            let bytes = (self.read)(path)?;
            self.held.insert(path.clone(), bytes);
        }
        Ok(&self.held[path])
    }
}

fn message<R: FnMut(&BundlePath) -> Result<Vec<u8>, Mistake>>(
    kind: Message,
    bytes: &[u8],
    files: &mut Files<'_, R>,
    out: &mut Vec<u8>,
    depth: usize,
) -> Result<(), Mistake> {
    if depth > DEEPEST {
        return Err(Mistake::new("the graph holds graphs within graphs; export it without subgraphs"));
    }
    if kind == Message::Tensor && is_external(bytes)? {
        return tensor(bytes, files, out);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let (field, after) = Field::next(rest)?;
        match (kind.field(field.number), field.content) {
            (Some(inner), Some(content)) => {
                let mut rewritten = Vec::with_capacity(content.len());
                message(inner, content, files, &mut rewritten, depth + 1)?;
                put(out, field.number, &rewritten)?;
            }
            _ => out.extend_from_slice(&rest[..rest.len() - after.len()]),
        }
        rest = after;
    }
    Ok(())
}

/// `TensorProto`: raw data 9, external data 13, data location 14.
fn is_external(bytes: &[u8]) -> Result<bool, Mistake> {
    let mut rest = bytes;
    let mut external = false;
    while !rest.is_empty() {
        let (field, after) = Field::next(rest)?;
        if field.number == 14 {
            external = field.value == Some(EXTERNAL);
        }
        rest = after;
    }
    Ok(external)
}

fn tensor<R: FnMut(&BundlePath) -> Result<Vec<u8>, Mistake>>(
    bytes: &[u8],
    files: &mut Files<'_, R>,
    out: &mut Vec<u8>,
) -> Result<(), Mistake> {
    let mut entries = HashMap::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (field, after) = Field::next(rest)?;
        match (field.number, field.content) {
            (13, Some(content)) => {
                let (key, value) = entry(content)?;
                entries.insert(key, value);
            }
            (9 | 13 | 14, _) => {}
            _ => out.extend_from_slice(&rest[..rest.len() - after.len()]),
        }
        rest = after;
    }
    let location = entries.get("location").map(String::as_str).unwrap_or_default();
    let path: BundlePath = location
        .parse()
        .map_err(|e| Mistake::new(format!("the graph keeps weights in another file: {e}")))?;
    let number = |key: &str| match entries.get(key).map(|text| text.parse::<usize>()) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => {
            Err(Mistake::new(format!("the graph's {key} {:?} into {path} is no number", entries[key])))
        }
    };
    let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
    let file = files.bytes(&path)?;
    let end = length.map_or(Some(file.len()), |length| offset.checked_add(length));
    let data = end.and_then(|end| file.get(offset..end)).ok_or_else(|| {
        Mistake::new(format!("the graph asks for bytes {offset} and on of {path}, which has {}", file.len()))
    })?;
    put(out, 9, data)
}

/// `StringStringEntryProto`: key 1, value 2.
fn entry(bytes: &[u8]) -> Result<(String, String), Mistake> {
    let (mut key, mut value) = (String::new(), String::new());
    let mut rest = bytes;
    while !rest.is_empty() {
        let (field, after) = Field::next(rest)?;
        let text = String::from_utf8_lossy(field.content.unwrap_or_default()).into_owned();
        match field.number {
            1 => key = text,
            2 => value = text,
            _ => {}
        }
        rest = after;
    }
    Ok((key, value))
}

fn put(out: &mut Vec<u8>, number: u64, content: &[u8]) -> Result<(), Mistake> {
    if out.len() + content.len() > MAX_GRAPH {
        return Err(Mistake::new(format!("the graph with its weights has more than {MAX_GRAPH} bytes")));
    }
    wire::put(out, number, content);
    Ok(())
}

#[cfg(test)]
mod tests;
