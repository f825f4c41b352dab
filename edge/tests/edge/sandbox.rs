//! A hostile component costs one call, never the program.

use std::time::{Duration, Instant};

use overhaul_edge::sandbox::{Limits, Predictor, Sandbox, SandboxError};

use crate::support::hostile::{self, Mischief};

fn limits() -> Limits {
    Limits { memory_bytes: 16 << 20, deadline: Duration::from_millis(300), ..Limits::default() }
}

fn predictor() -> Predictor {
    Sandbox::compile(&hostile::component(), limits()).unwrap().instantiate(hostile::MODEL).unwrap()
}

fn refusal(component: &[u8]) -> SandboxError {
    match Sandbox::compile(component, limits()) {
        Ok(_) => panic!("the component is not refused"),
        Err(e) => e,
    }
}

/// After `mischief`, a fresh instance answers: its count of calls starts again.
fn fails_once(mischief: Mischief) -> SandboxError {
    let mut predictor = predictor();
    assert_eq!(predictor.predict(&Mischief::Behave.window()).unwrap(), [1.0]);
    assert_eq!(predictor.predict(&Mischief::Behave.window()).unwrap(), [2.0]);
    let error = predictor.predict(&mischief.window()).unwrap_err();
    assert_eq!(predictor.predict(&Mischief::Behave.window()).unwrap(), [1.0]);
    error
}

#[test]
fn a_component_that_imports_is_refused_by_the_import_s_name() {
    let component = wat::parse_str(
        r#"(component
            (import "wasi:filesystem/preopens@0.2.0" (instance))
            (import "wasi:sockets/tcp@0.2.0" (instance)))"#,
    );
    let error = refusal(&component.unwrap());
    let SandboxError::Imports(names) = &error else { panic!("{error}") };
    assert_eq!(names, &["wasi:filesystem/preopens@0.2.0", "wasi:sockets/tcp@0.2.0"]);
}

#[test]
fn what_is_no_component_or_has_another_interface_is_refused() {
    assert!(matches!(refusal(b""), SandboxError::NotAComponent(_)));
    assert!(matches!(refusal(b"\x7fELF"), SandboxError::NotAComponent(_)));
    assert!(matches!(refusal(&wat::parse_str("(module)").unwrap()), SandboxError::NotAComponent(_)));
    let component = hostile::component();
    assert!(matches!(refusal(&component[..component.len() / 2]), SandboxError::NotAComponent(_)));
    assert!(matches!(refusal(&wat::parse_str("(component)").unwrap()), SandboxError::WrongInterface(_)));
}

#[test]
fn an_endless_loop_ends_at_the_deadline() {
    let start = Instant::now();
    assert!(matches!(fails_once(Mischief::LoopForever), SandboxError::Deadline(_)));
    assert!(start.elapsed() > limits().deadline);
    let sandbox = Sandbox::compile(&hostile::component(), limits()).unwrap();
    assert!(matches!(sandbox.instantiate(hostile::LOOPING_MODEL), Err(SandboxError::Deadline(_))));
}

#[test]
fn a_memory_bomb_stops_at_the_cap() {
    let error = fails_once(Mischief::EatMemory);
    assert!(
        matches!(error, SandboxError::Memory { limit, wanted } if limit == 16 << 20 && wanted > limit),
        "{error}"
    );
}

#[test]
fn a_trap_costs_one_prediction() {
    assert!(matches!(fails_once(Mischief::Trap), SandboxError::Trap(_)));
    assert!(matches!(fails_once(Mischief::Recurse), SandboxError::Trap(_)));
    assert!(matches!(fails_once(Mischief::AnswerOutOfBounds), SandboxError::Trap(_)));
}

#[test]
fn an_answer_of_the_wrong_length_is_refused() {
    assert!(matches!(fails_once(Mischief::AnswerTooMuch), SandboxError::Nonsense(_)));
}

#[test]
fn an_answer_that_is_not_finite_is_refused() {
    let mut predictor = predictor();
    assert!(matches!(predictor.predict(&Mischief::AnswerNan.window()), Err(SandboxError::NotFinite(_))));
    assert_eq!(predictor.predict(&Mischief::Behave.window()).unwrap(), [2.0]);
}

#[test]
fn a_hostile_start_is_refused_when_instantiated() {
    let instantiated = |component: &[u8]| {
        let sandbox = Sandbox::compile(component, limits()).unwrap();
        sandbox.instantiate(hostile::MODEL).err().expect("it is refused")
    };
    let big = hostile::with_core("(memory (export \"memory\") 1000)", "");
    assert!(matches!(instantiated(&big), SandboxError::Memory { wanted, .. } if wanted == 1000 << 16));
    let looping = "(func $start (loop $again (br $again))) (start $start)";
    let looping = hostile::with_core("(memory (export \"memory\") 1)", looping);
    assert!(matches!(instantiated(&looping), SandboxError::Deadline(_)));
    let table = hostile::with_core("(memory (export \"memory\") 1) (table 1000000 funcref)", "");
    assert!(matches!(instantiated(&table), SandboxError::Table { wanted: 1_000_000, limit: 100_000 }));
}

#[test]
fn a_refused_model_is_told_in_one_line_and_a_nonsense_specification_is_refused() {
    let sandbox = Sandbox::compile(&hostile::component(), limits()).unwrap();
    let error = sandbox.instantiate(hostile::REFUSED_MODEL).err().expect("it is refused");
    assert_eq!(error.to_string(), "bad model: line one line two");
    assert!(matches!(sandbox.instantiate(hostile::EMPTY_WINDOW_MODEL), Err(SandboxError::Nonsense(_))));
}

#[test]
fn values_that_are_no_whole_windows_are_refused() {
    let mut predictor = predictor();
    assert!(matches!(predictor.predict(&[]), Err(SandboxError::WrongShape(_))));
    // The model's windows hold one number each: two numbers are a batch of two.
    assert!(matches!(predictor.predict(&[1.0, 1.0]), Err(SandboxError::Nonsense(_))));
}

#[test]
fn predictors_of_one_sandbox_run_side_by_side() {
    let sandbox = Sandbox::compile(&hostile::component(), limits()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut predictor = sandbox.instantiate(hostile::MODEL).unwrap();
            scope.spawn(move || {
                for count in 1..=50_u8 {
                    assert_eq!(predictor.predict(&Mischief::Behave.window()).unwrap(), [f32::from(count)]);
                }
            });
        }
    });
}
