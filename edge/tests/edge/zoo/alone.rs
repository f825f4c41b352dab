//! Each animal in the sandbox: it is refused with a line that fits, and costs nothing else.

use std::time::Duration;

use overhaul_edge::sandbox::{Limits, Predictor, Sandbox, SandboxError};

use super::turncoat::{Turns, turncoat};
use super::{MODEL, Model, breeds, component};

const WINDOW: [f32; 1] = [1.0];

fn limits() -> Limits {
    Limits { memory_bytes: 16 << 20, deadline: Duration::from_millis(300), ..Limits::default() }
}

fn instance(component: &[u8]) -> Result<Predictor, SandboxError> {
    Sandbox::compile(component, limits())?.instantiate(MODEL)
}

fn answer(component: &[u8]) -> Result<Vec<f32>, SandboxError> {
    instance(component)?.predict(&WINDOW)
}

/// The animal is refused in one short line that says this.
fn refused(animal: &[u8], said: &str) {
    let line = match answer(animal) {
        Ok(answer) => panic!("it is not refused, and answers {answer:?}"),
        Err(error) => error.to_string(),
    };
    assert!(line.contains(said), "{line}");
    assert!(line.chars().count() < 500 && !line.contains(char::is_control), "{line}");
}

macro_rules! alone {
    (texts { $($text:ident: $said:literal,)* } breeds { $($breed:ident: $line:literal,)* }) => {
        mod the_sandbox_refuses_a_component_that {
            $(#[test] fn $text() { super::refused(&super::component(text!($text)), $said); })*
            $(#[test] fn $breed() { super::refused(&super::breeds::$breed(), $line); })*
        }
    };
}
every_animal!(alone);

/// It answers twice, then misbehaves, and the next call has a fresh instance, which answers twice again.
fn costs_one_call(bad: &str, said: &str) {
    let mut predictor = instance(&turncoat(Model::default(), Turns::After(2), bad)).unwrap();
    for _ in 0..2 {
        assert_eq!(predictor.predict(&WINDOW).unwrap(), [1.0]);
        assert_eq!(predictor.predict(&WINDOW).unwrap(), [1.0]);
        let line = predictor.predict(&WINDOW).unwrap_err().to_string();
        assert!(line.contains(said), "{line}");
    }
}

macro_rules! costs_one_call {
    ($($text:ident: $said:literal,)*) => {
        mod one_call_is_lost_to_a_component_that_turns_and {
            $(#[test] fn $text() { super::costs_one_call(text!($text), $said); })*
        }
    };
}
costs_one_call! {
    loops_in_predict: "missed its deadline of",
    recurses: "call stack exhausted",
    traps: "trapped",
    divides_by_zero: "trapped",
    writes_outside: "trapped",
    answers_two_numbers: "nonsense",
    answers_no_number: "nonsense",
    answers_all_its_memory: "nonsense",
    answers_from_outside: "trapped",
    answers_4_gib: "trapped",
    answers_16_gib: "trapped",
    answers_crookedly: "trapped",
    answers_at_nowhere: "trapped",
    answers_neither: "trapped",
    errs_unheard_of: "trapped",
}

#[test]
fn one_that_behaves_answers_for_each_window_again_and_again() {
    let model = Model { window: 7, features: 3, answer: 42.5 };
    let component = turncoat(model, Turns::AtAllBut(1.0), text!(answers_nan));
    let mut predictor = instance(&component).unwrap();
    for _ in 0..10_000 {
        assert_eq!(predictor.predict(&[1.0; 7 * 3 * 4]).unwrap(), [42.5; 4]);
    }
    assert!(matches!(predictor.predict(&[2.0; 21]), Err(SandboxError::NotFinite(_))));
    assert_eq!(answer(&breeds::good()).unwrap(), [1.0]);
}

#[test]
fn one_of_more_bytes_than_any_real_one_is_refused() {
    let mut bytes = breeds::good();
    bytes.resize((64 << 20) + 1, 0);
    refused(&bytes, "the component has 67108865 bytes; a component for Overhaul has at most 67108864");
}

#[test]
fn one_that_takes_another_shape_says_which() {
    let predictor = instance(&component(text!(takes_another_shape))).unwrap();
    assert_eq!((predictor.specification().window_length, predictor.specification().features), (2, 3));
}
