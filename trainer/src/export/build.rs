//! Tensors, nodes and values of an ONNX graph as the protobuf types that tract has.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, NodeProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

/// A constant of floats.
pub(super) fn floats(name: &str, dims: &[usize], values: &[f32]) -> TensorProto {
    tensor(name, dims, DataType::Float, values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

/// A constant list of whole numbers.
pub(super) fn integers(name: &str, values: &[i64]) -> TensorProto {
    tensor(
        name,
        &[values.len()],
        DataType::Int64,
        values.iter().flat_map(|value| value.to_le_bytes()).collect(),
    )
}

fn tensor(name: &str, dims: &[usize], data_type: DataType, raw_data: Vec<u8>) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.iter().map(|&dim| dim as i64).collect(),
        data_type: data_type as i32,
        raw_data,
        ..Default::default()
    }
}

/// A node named after its first output that is not left out.
pub(super) fn node(
    operator: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: Vec<AttributeProto>,
) -> NodeProto {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let name = outputs
        .iter()
        .find(|output| !output.is_empty())
        .map_or_else(String::new, |&output| output.to_owned());
    NodeProto {
        op_type: operator.to_owned(),
        input: owned(inputs),
        output: owned(outputs),
        name,
        attribute: attributes,
        ..Default::default()
    }
}

/// An attribute that is a whole number.
pub(super) fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Int as i32,
        i: value,
        ..Default::default()
    }
}

/// An attribute that is a number.
pub(super) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Float as i32,
        f: value,
        ..Default::default()
    }
}

/// An attribute that is a list of whole numbers.
pub(super) fn list(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Ints as i32,
        ints: values.to_vec(),
        ..Default::default()
    }
}

/// An attribute that is a text.
pub(super) fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::String as i32,
        s: value.as_bytes().to_vec(),
        ..Default::default()
    }
}

/// A graph's input or output: floats, with a symbolic `batch` as first dimension.
pub(super) fn batched(name: &str, dims: &[usize], doc: &str) -> ValueInfoProto {
    let fixed = dims.iter().map(|&dim| dimension::Value::DimValue(dim as i64));
    let dim = std::iter::once(dimension::Value::DimParam("batch".to_owned()))
        .chain(fixed)
        .map(|value| Dimension { value: Some(value), ..Default::default() })
        .collect();
    let shape = Some(TensorShapeProto { dim });
    let tensor = type_proto::Tensor { elem_type: DataType::Float as i32, shape };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() }),
        doc_string: doc.to_owned(),
    }
}
