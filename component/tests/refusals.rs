//! What tract would misread, and what contradicts itself, is refused with its name and value.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod support;

use overhaul_component::{Error, Model};
use support::{changed, fixture, float, floats, int, node, refusal, set, text, texts};
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Dimension;
use tract_onnx::pb::type_proto::{Tensor, Value as Type};
use tract_onnx::pb::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, ValueInfoProto,
};

#[track_caller]
fn unsupported(error: &Error, parts: &[&str]) {
    assert!(matches!(error, Error::UnsupportedOperator(_)), "{error:?}");
    says(error, parts);
}

#[track_caller]
fn bad(error: &Error, parts: &[&str]) {
    assert!(matches!(error, Error::BadModel(_)), "{error:?}");
    says(error, parts);
}

#[track_caller]
fn wrong_shape(error: &Error, parts: &[&str]) {
    assert!(matches!(error, Error::WrongShape(_)), "{error:?}");
    says(error, parts);
}

#[track_caller]
fn says(error: &Error, parts: &[&str]) {
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    for part in parts {
        assert!(line.contains(part), "`{line}` does not say `{part}`");
    }
}

/// The type of the model's input, to change.
fn input(model: &mut ModelProto) -> &mut Tensor {
    match model.graph.as_mut().unwrap().input[0].r#type.as_mut().unwrap().value.as_mut().unwrap() {
        Type::TensorType(tensor) => tensor,
    }
}

fn dimension(model: &mut ModelProto, index: usize, value: Option<i64>) {
    input(model).shape.as_mut().unwrap().dim[index].value = value.map(Dimension::DimValue);
}

#[test]
fn a_reverse_layer_is_refused() {
    for (name, operator) in [("lstm", "LSTM"), ("gru_linear_before_reset_1", "GRU")] {
        let error = refusal(name, |m| set(node(m, operator), text("direction", "reverse")));
        unsupported(&error, &[operator, "`direction`", "`reverse`"]);
    }
}

#[test]
fn a_batch_first_layer_is_refused() {
    let error = refusal("lstm", |m| set(node(m, "LSTM"), int("layout", 1)));
    unsupported(&error, &["LSTM", "`layout` is 1"]);
}

#[test]
fn other_activations_than_the_default_are_refused() {
    let error = refusal("lstm", |m| set(node(m, "LSTM"), texts("activations", &["Sigmoid", "Relu", "Tanh"])));
    unsupported(&error, &["LSTM", "`activations`", "Relu"]);
    let error =
        refusal("gru_bidirectional", |m| set(node(m, "GRU"), texts("activations", &["Sigmoid", "Tanh"])));
    unsupported(&error, &["GRU", "`activations`"]);
    for name in ["activation_alpha", "activation_beta"] {
        let error = refusal("lstm", |m| set(node(m, "LSTM"), floats(name, &[0.5])));
        unsupported(&error, &["LSTM", name, "0.5"]);
    }
}

#[test]
fn the_default_activations_may_be_spelled_out() {
    let onnx = changed("gru_bidirectional", |m| {
        set(node(m, "GRU"), texts("activations", &["Sigmoid", "Tanh", "Sigmoid", "Tanh"]));
    });
    assert!(Model::load(&onnx).is_ok());
}

#[test]
fn clipping_coupled_gates_and_peepholes_are_refused() {
    let error = refusal("lstm", |m| set(node(m, "LSTM"), float("clip", 3.0)));
    unsupported(&error, &["LSTM", "`clip` is 3"]);
    let error = refusal("lstm", |m| set(node(m, "LSTM"), int("input_forget", 1)));
    unsupported(&error, &["LSTM", "`input_forget`"]);
    let error = refusal("lstm", |m| {
        let inputs = &mut node(m, "LSTM").input;
        inputs.resize(7, String::new());
        inputs.push("c0".to_owned());
    });
    unsupported(&error, &["LSTM", "peephole", "`c0`"]);
}

#[test]
fn reading_the_cell_state_is_refused() {
    let error = refusal("last_step", |m| {
        let cell = node(m, "LSTM").output[2].clone();
        let state = node(m, "LSTM").output[1].clone();
        for each in &mut m.graph.as_mut().unwrap().node {
            each.input.iter_mut().filter(|name| **name == state).for_each(|name| name.clone_from(&cell));
        }
    });
    unsupported(&error, &["LSTM", "cell state", "`Y_c"]);
}

#[test]
fn windows_of_different_lengths_in_one_batch_are_refused() {
    let error = refusal("one_window", |m| {
        let graph = m.graph.as_mut().unwrap();
        let name = graph.node.iter().find(|n| n.op_type == "GRU").unwrap().input[4].clone();
        let lengths = graph.initializer.iter_mut().find(|c| c.name == name).unwrap();
        (lengths.raw_data, lengths.int32_data) = (vec![], vec![4]);
    });
    unsupported(&error, &["GRU", "sequence_lens", "[4]", "7"]);
}

#[test]
fn an_unknown_operator_is_refused_also_with_a_subgraph() {
    let error = refusal("lstm", |m| node(m, "Gemm").op_type = "Einsum".to_owned());
    unsupported(&error, &["Einsum", "not supported"]);
    let error = refusal("lstm", |m| {
        let inner = GraphProto { node: vec![NodeProto::default()], ..Default::default() };
        let body = AttributeProto { name: "body".into(), r#type: 5, g: Some(inner), ..Default::default() };
        let node = node(m, "Gemm");
        node.op_type = "Loop".to_owned();
        node.attribute = vec![body];
    });
    unsupported(&error, &["Loop", "not supported"]);
}

#[test]
fn an_attribute_that_would_be_skipped_is_refused() {
    let error = refusal("lstm", |m| set(node(m, "Gemm"), int("broadcast", 1)));
    unsupported(&error, &["Gemm", "`broadcast`"]);
    let error = refusal("pointwise", |m| set(node(m, "ReduceMax"), int("axes", 1)));
    unsupported(&error, &["ReduceMax", "`axes`"]);
    let error = refusal("lstm", |m| {
        let twice = node(m, "LSTM").attribute[0].clone();
        node(m, "LSTM").attribute.push(twice);
    });
    bad(&error, &["LSTM", "twice"]);
    let error = refusal("lstm", |m| set(node(m, "LSTM"), float("hidden_size", 5.0)));
    bad(&error, &["LSTM", "`hidden_size`", "INT"]);
}

#[test]
fn other_operator_sets_and_functions_are_refused() {
    let import = |domain: &str, version| OperatorSetIdProto { domain: domain.into(), version };
    let error = refusal("lstm", |m| m.opset_import.push(import("com.microsoft", 1)));
    unsupported(&error, &["com.microsoft"]);
    let error = refusal("lstm", |m| node(m, "Gemm").domain = "ai.onnx.ml".to_owned());
    unsupported(&error, &["Gemm", "ai.onnx.ml"]);
    let error = refusal("lstm", |m| m.opset_import = vec![import("", 8)]);
    unsupported(&error, &["set 8", "13 to 23"]);
    let error = refusal("lstm", |m| m.opset_import = vec![]);
    bad(&error, &["no operator set"]);
    let error =
        refusal("lstm", |m| m.functions.push(FunctionProto { name: Some("f".into()), ..Default::default() }));
    unsupported(&error, &["function `f`"]);
}

#[test]
fn data_in_another_file_is_refused() {
    let error = refusal("lstm", |m| {
        let constant = &mut m.graph.as_mut().unwrap().initializer[0];
        constant.raw_data = vec![];
        constant.data_location = Some(DataLocation::External as i32);
        constant.external_data =
            vec![StringStringEntryProto { key: "location".into(), value: "../weights.bin".into() }];
    });
    bad(&error, &["constant", "another file"]);
}

#[test]
fn more_or_fewer_inputs_and_outputs_than_one_are_refused() {
    let error = refusal("lstm", |m| {
        let graph = m.graph.as_mut().unwrap();
        let second = ValueInfoProto { name: "second".into(), ..graph.input[0].clone() };
        graph.input.push(second);
    });
    wrong_shape(&error, &["2 inputs", "`window`", "`second`"]);
    wrong_shape(&refusal("lstm", |m| m.graph.as_mut().unwrap().input.clear()), &["0 inputs"]);
    wrong_shape(&refusal("lstm", |m| m.graph.as_mut().unwrap().output.clear()), &["0 outputs"]);
    let error = refusal("lstm", |m| m.graph.as_mut().unwrap().output[0].name = "nowhere".to_owned());
    bad(&error, &["`nowhere`"]);
}

#[test]
fn an_input_of_another_type_rank_or_open_shape_is_refused() {
    let error = refusal("lstm", |m| input(m).elem_type = DataType::Double as i32);
    wrong_shape(&error, &["`window`", "DOUBLE"]);
    let error = refusal("lstm", |m| drop(input(m).shape.as_mut().unwrap().dim.pop()));
    wrong_shape(&error, &["`window`", "2 dimensions"]);
    wrong_shape(&refusal("lstm", |m| input(m).shape = None), &["`window`", "shape"]);
    wrong_shape(&refusal("lstm", |m| dimension(m, 1, None)), &["`window`", "window length open"]);
    wrong_shape(&refusal("lstm", |m| dimension(m, 2, None)), &["`window`", "feature count open"]);
    wrong_shape(&refusal("lstm", |m| dimension(m, 0, Some(16))), &["`window`", "exactly 16"]);
}

#[test]
fn hostile_sizes_are_refused_before_anything_is_made_of_them() {
    for value in [0, -1, i64::MIN, i64::MAX, 1 << 40] {
        wrong_shape(
            &refusal("lstm", |m| dimension(m, 1, Some(value))),
            &["window length", &value.to_string()],
        );
    }
    let error = refusal("lstm", |m| {
        dimension(m, 1, Some(1 << 15));
        dimension(m, 2, Some(1 << 15));
    });
    wrong_shape(&error, &["32768 x 32768"]);
    for dims in [vec![i64::MAX, i64::MAX], vec![-4], vec![1 << 30, 1 << 30]] {
        let error = refusal("lstm", |m| m.graph.as_mut().unwrap().initializer[0].dims = dims);
        bad(&error, &["constant"]);
    }
}

#[test]
fn a_constant_that_is_cut_short_is_refused() {
    let error = refusal("lstm", |m| {
        m.graph.as_mut().unwrap().initializer[0].raw_data.pop();
    });
    bad(&error, &["constant", "bytes"]);
    let error = refusal("lstm", |m| m.graph.as_mut().unwrap().initializer[0].raw_data.truncate(4));
    bad(&error, &["constant", "holds 1"]);
}

#[test]
fn graphs_that_contradict_themselves_are_refused() {
    let error = refusal("lstm", |m| node(m, "Gemm").input[0] = "missing".to_owned());
    bad(&error, &["Gemm", "`missing`"]);
    let error = refusal("lstm", |m| {
        let again = node(m, "Gemm").clone();
        m.graph.as_mut().unwrap().node.push(again);
    });
    bad(&error, &["made twice"]);
    let error = refusal("lstm", |m| m.graph.as_mut().unwrap().node.reverse());
    bad(&error, &["nothing before it makes"]);
    let error = refusal("transformer", |m| {
        set(
            node(m, "Transpose"),
            AttributeProto { ints: vec![0, 0, 1, 2], name: "perm".into(), r#type: 7, ..Default::default() },
        );
    });
    bad(&error, &["Transpose", "twice"]);
    let error = refusal("transformer", |m| set(node(m, "Softmax"), int("axis", 4)));
    bad(&error, &["Softmax", "axis 4", "rank 4"]);
    let error = refusal("lstm", |m| set(node(m, "LSTM"), int("hidden_size", 6)));
    bad(&error, &["LSTM", "`hidden_size`"]);
}

#[test]
fn truncated_bytes_and_other_files_are_refused() {
    let onnx = fixture("lstm").onnx;
    for length in 0..onnx.len() {
        // Cut inside of the trailing list of operator sets, the rest may still be a whole model.
        assert!(Model::load(&onnx[..length]).is_err(), "{length} of {} bytes", onnx.len());
    }
    for foreign in [&b""[..], b"PK\x03\x04 a zip file", b"\x80\x02}q\x00.", b"{\"json\": true}", &[0xff; 64]]
    {
        bad(&Model::load(foreign).unwrap_err(), &[]);
    }
}

#[test]
fn wrong_numbers_of_values_are_refused() {
    let mut model = Model::load(&fixture("lstm").onnx).unwrap();
    wrong_shape(&model.predict(&[]).unwrap_err(), &["0 values", "7 readings x 3"]);
    wrong_shape(&model.predict(&[0.0; 20]).unwrap_err(), &["20 values"]);
    wrong_shape(&model.predict(&[0.0; 22]).unwrap_err(), &["22 values"]);
}

#[test]
fn values_that_are_not_finite_are_refused_with_their_place() {
    let fixture = fixture("lstm");
    let mut model = Model::load(&fixture.onnx).unwrap();
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut windows = fixture.windows.clone();
        windows[21 + 3 * 4 + 2] = value;
        let error = model.predict(&windows).unwrap_err();
        assert!(matches!(error, Error::NotFinite(_)), "{error:?}");
        says(&error, &["window 1", "reading 4", "number 2", &value.to_string()]);
    }
    assert!(model.predict(&fixture.windows).is_ok(), "the model goes on after a refusal");
}

#[test]
fn an_answer_that_is_not_finite_is_refused() {
    let onnx = changed("pointwise", |m| node(m, "Constant").attribute[0].f = f32::INFINITY);
    let error = Model::load(&onnx).unwrap().predict(&fixture("pointwise").windows).unwrap_err();
    assert!(matches!(error, Error::NotFinite(_)), "{error:?}");
    says(&error, &["answers", "window 0"]);
}
