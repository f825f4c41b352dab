//! External weights come into the graph, and nothing else of it changes.

use super::*;

/// A field with a length.
fn field(number: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    wire::put(&mut bytes, number, content);
    bytes
}

fn model_with(tensor: &[u8]) -> Vec<u8> {
    let graph = [field(2, b"name"), field(5, tensor), field(11, b"input")].concat();
    // A number that nobody here knows stays as it is: field 77, varint.
    [&[0xe8, 0x04, 0x05][..], &field(7, &graph), &field(8, b"opset")].concat()
}

fn external(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut tensor = vec![0x08, 2, 0x10, 1];
    tensor.extend(field(8, b"weight"));
    for (key, value) in entries {
        tensor.extend(field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat()));
    }
    tensor.extend([0x70, 1]);
    tensor
}

fn inlined(entries: &[(&str, &str)]) -> Result<Vec<u8>, Mistake> {
    inline(&model_with(&external(entries)), &mut |path| match path.as_str() {
        "weights.data" => Ok(b"0123456789".to_vec()),
        _ => Err(Mistake::new(format!("the model's files lack {path}"))),
    })
}

#[test]
fn external_weights_come_into_the_graph_and_all_else_stays() {
    let found = inlined(&[("location", "weights.data"), ("offset", "2"), ("length", "4")]).unwrap();
    let tensor = [&[0x08, 2, 0x10, 1][..], &field(8, b"weight"), &field(9, b"2345")].concat();
    assert_eq!(found, model_with(&tensor));
}

#[test]
fn without_offset_and_length_it_is_the_whole_file() {
    let found = inlined(&[("location", "weights.data")]).unwrap();
    assert!(found.windows(10).any(|window| window == b"0123456789"));
}

#[test]
fn weights_that_are_not_there_are_refused() {
    for (entries, word) in [
        (&[("location", "weights.data"), ("offset", "8"), ("length", "4")][..], "weights.data"),
        (
            &[("location", "weights.data"), ("offset", "18446744073709551615"), ("length", "1")],
            "weights.data",
        ),
        (&[("location", "weights.data"), ("offset", "x")], "offset"),
        (&[("location", "../../etc/passwd")], "../../etc/passwd"),
        (&[("location", "/etc/passwd")], "/etc/passwd"),
        (&[("location", "missing")], "missing"),
        (&[], "another file"),
    ] {
        let error = inlined(entries).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_real_graph_without_external_weights_stays_byte_for_byte() {
    let graph = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/v1/model.onnx")).unwrap();
    assert_eq!(inline(&graph, &mut |path| Err(Mistake::new(path.as_str()))).unwrap(), graph);
}

#[test]
fn graphs_within_graphs_are_refused_before_the_stack_ends() {
    let mut graph = field(2, b"innermost");
    for _ in 0..1000 {
        graph = field(1, &field(5, &field(6, &graph)));
    }
    let error = inline(&field(7, &graph), &mut |path| Err(Mistake::new(path.as_str()))).unwrap_err();
    assert!(error.to_string().contains("subgraphs"), "{error}");
}

proptest::proptest! {
    #[test]
    fn rubbish_never_panics(bytes: Vec<u8>) {
        let _ = inline(&bytes, &mut |_| Ok(bytes.clone()));
        let _ = inline(&model_with(&bytes), &mut |_| Ok(bytes.clone()));
    }
}
