//! The real component in the sandbox answers what ONNX Runtime answers, again and again.

use crate::support::{bundle, sandbox};

#[test]
fn real_models_answer_what_onnx_runtime_answers() {
    for draft in [bundle::gru(1), bundle::lstm(1)] {
        let mut predictor = sandbox().instantiate(&draft.model).unwrap();
        let specification = predictor.specification();
        assert_eq!((specification.window_length, specification.features, specification.outputs), (7, 3, 1));
        let answers = predictor.predict(&draft.golden.windows).unwrap();
        assert!(draft.golden.largest_difference(&answers) <= draft.golden.tolerance, "{answers:?}");
    }
}

#[test]
fn a_thousand_identical_calls_give_identical_bits() {
    let draft = bundle::gru(1);
    let mut predictor = sandbox().instantiate(&draft.model).unwrap();
    let window = &draft.golden.windows[..bundle::LENGTH * bundle::FEATURES];
    let first = predictor.predict(window).unwrap()[0].to_bits();
    for _ in 0..1000 {
        assert_eq!(predictor.predict(window).unwrap()[0].to_bits(), first);
    }
}
