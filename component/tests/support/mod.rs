//! Fixtures (models and ONNX Runtime's answers) and the changes that tests make to them.
#![allow(dead_code, reason = "each test binary uses its part")]

use overhaul_component::{Error, Model};
use prost::Message;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, ModelProto, NodeProto};

/// A model with windows and what ONNX Runtime answers to them.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) onnx: Vec<u8>,
    pub(crate) windows: Vec<f32>,
    pub(crate) expected: Vec<f32>,
}

/// Every fixture beside this file.
pub(crate) const NAMES: [&str; 10] = [
    "gru_linear_before_reset_0",
    "gru_linear_before_reset_1",
    "gru_bidirectional",
    "lstm",
    "lstm_bidirectional",
    "last_step",
    "one_window",
    "initial_states",
    "transformer",
    "pointwise",
];

/// Reads a fixture written by `fixtures/make.py`.
pub(crate) fn fixture(name: &str) -> Fixture {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let hex = json["model"].as_str().unwrap();
    let onnx = (0..hex.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap())
        .collect();
    let floats = |key: &str| {
        json[key].as_array().unwrap().iter().map(|value| value.as_f64().unwrap() as f32).collect()
    };
    Fixture { name: name.to_owned(), onnx, windows: floats("windows"), expected: floats("expected") }
}

/// The bytes of a fixture's model after a change to it.
pub(crate) fn changed(name: &str, change: impl FnOnce(&mut ModelProto)) -> Vec<u8> {
    let mut model = ModelProto::decode(fixture(name).onnx.as_slice()).unwrap();
    change(&mut model);
    model.encode_to_vec()
}

/// Why a changed fixture is refused.
pub(crate) fn refusal(name: &str, change: impl FnOnce(&mut ModelProto)) -> Error {
    Model::load(&changed(name, change)).expect_err("the model is refused")
}

/// The first node of an operator.
pub(crate) fn node<'a>(model: &'a mut ModelProto, operator: &str) -> &'a mut NodeProto {
    model.graph.as_mut().unwrap().node.iter_mut().find(|node| node.op_type == operator).unwrap()
}

/// Sets an attribute, in place of one of the same name.
pub(crate) fn set(node: &mut NodeProto, attribute: AttributeProto) {
    node.attribute.retain(|each| each.name != attribute.name);
    node.attribute.push(attribute);
}

/// An integer attribute.
pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i: value, ..Default::default() }
}

/// A float attribute.
pub(crate) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Float as i32, f: value, ..Default::default() }
}

/// A text attribute.
pub(crate) fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::String as i32,
        s: value.into(),
        ..Default::default()
    }
}

/// A list of texts.
pub(crate) fn texts(name: &str, values: &[&str]) -> AttributeProto {
    let strings = values.iter().map(|value| value.as_bytes().to_vec()).collect();
    AttributeProto { name: name.into(), r#type: AttributeType::Strings as i32, strings, ..Default::default() }
}

/// A list of floats.
pub(crate) fn floats(name: &str, values: &[f32]) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::Floats as i32,
        floats: values.to_vec(),
        ..Default::default()
    }
}
