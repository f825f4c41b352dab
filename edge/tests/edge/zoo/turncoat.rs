//! Components that answer right at first and turn bad later: they pass activation.

use super::{Model, PREDICT, module};
use crate::support::hostile;

/// When a component turns bad.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Turns {
    /// After so many calls of one instance; a fresh instance behaves for as many again.
    After(u32),
    /// At each window that does not begin with this number, in whichever instance.
    AtAllBut(f32),
}

/// A component with such a model that behaves, and then does as `bad`'s `predict` does: the text of an animal.
pub(crate) fn turncoat(model: Model, turns: Turns, bad: &str) -> Vec<u8> {
    const EXPORT: &str = r#"(func (export "predict")"#;
    assert!(bad.contains(EXPORT), "this animal has its own ways only elsewhere: {bad}");
    let good = PREDICT.replace(EXPORT, "(func $good");
    let bad = bad.replace(EXPORT, "(func $bad");
    let (calls, turned) = match turns {
        Turns::After(calls) => (calls, "(i32.eqz (global.get $left))".to_owned()),
        Turns::AtAllBut(number) => {
            (u32::MAX, format!("(f32.ne (f32.load (local.get 0)) (f32.const {number:?}))"))
        }
    };
    let text = format!(
        r#"(global $left (mut i32) (i32.const {calls}))
        {good} {bad}
        (func (export "predict") (param i32 i32) (result i32)
          (if {turned} (then (return (call $bad (local.get 0) (local.get 1)))))
          (global.set $left (i32.sub (global.get $left) (i32.const 1)))
          (call $good (local.get 0) (local.get 1)))"#
    );
    hostile::lift(&module(&text, model))
}
