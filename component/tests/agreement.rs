//! The answers are ONNX Runtime's, whatever the batch, and the same bits at each call.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod support;

use overhaul_component::{Model, Specification};
use support::{NAMES, fixture};

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_supported_graph_answers_what_onnx_runtime_answers() {
    for name in NAMES {
        let fixture = fixture(name);
        let mut model = Model::load(&fixture.onnx).unwrap_or_else(|e| panic!("{name}: {e}"));
        let answers = model.predict(&fixture.windows).unwrap();
        let difference = largest_difference(&answers, &fixture.expected);
        // Outputs reach 200; 1e-4 is the last bits of float32 there.
        assert!(difference < 1e-4, "{name}: {difference}: {answers:?} instead of {:?}", fixture.expected);
    }
}

#[test]
fn the_specification_says_window_features_and_outputs() {
    let model = Model::load(&fixture("lstm").onnx).unwrap();
    assert_eq!(model.specification(), Specification { window_length: 7, features: 3, outputs: 1 });
    let model = Model::load(&fixture("pointwise").onnx).unwrap();
    assert_eq!(model.specification(), Specification { window_length: 7, features: 3, outputs: 2 });
}

#[test]
fn a_large_batch_answers_what_its_windows_answer_alone() {
    for name in ["gru_linear_before_reset_1", "lstm_bidirectional", "transformer", "one_window"] {
        let fixture = fixture(name);
        let mut model = Model::load(&fixture.onnx).unwrap();
        // 81 windows: one plan of 64, two of 8, one of 1.
        let windows = fixture.windows.repeat(27);
        let together = model.predict(&windows).unwrap();
        assert!(largest_difference(&together, &fixture.expected.repeat(27)) < 1e-4, "{name}");
        for (window, answer) in windows.chunks(21).zip(&together) {
            assert!(largest_difference(&model.predict(window).unwrap(), &[*answer]) < 1e-4, "{name}");
        }
    }
}

#[test]
fn a_thousand_identical_calls_answer_the_same_bits() {
    for name in ["gru_linear_before_reset_1", "lstm", "lstm_bidirectional", "transformer"] {
        let fixture = fixture(name);
        let mut model = Model::load(&fixture.onnx).unwrap();
        let first: Vec<u32> = model.predict(&fixture.windows).unwrap().iter().map(|v| v.to_bits()).collect();
        for call in 1..1000 {
            let bits: Vec<u32> =
                model.predict(&fixture.windows).unwrap().iter().map(|v| v.to_bits()).collect();
            assert_eq!(bits, first, "{name}, call {call}");
        }
    }
}

#[test]
fn other_windows_in_between_change_nothing() {
    for name in ["gru_linear_before_reset_1", "lstm_bidirectional"] {
        let fixture = fixture(name);
        let mut model = Model::load(&fixture.onnx).unwrap();
        let (one, rest) = fixture.windows.split_at(21);
        let alone = model.predict(one).unwrap();
        model.predict(rest).unwrap();
        model.predict(&fixture.windows.repeat(9)).unwrap();
        assert_eq!(model.predict(one).unwrap(), alone, "{name}");
    }
}
