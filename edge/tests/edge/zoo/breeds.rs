//! Components that are made by counting: too large, too deep, too dear to compile.

use std::fmt::Write as _;

use super::{Model, component, module};
use crate::support::hostile;

/// A component that behaves.
pub(crate) fn good() -> Vec<u8> {
    component("")
}

/// `text` again and again, with a number in place of `#`.
fn repeated(text: &str, count: usize) -> String {
    (0..count).map(|number| text.replace('#', &number.to_string()) + "\n").collect()
}

/// A component that behaves, with other things beside its module.
fn beside(things: &str) -> Vec<u8> {
    hostile::lift(&format!("{things}\n{}", module("", Model::default())))
}

/// Components inside it, each of which instantiates the one before ten times: a million instances in
/// 2 KB, which a compiler lays out one by one, in some 250 MiB.
pub(crate) fn multiplies() -> Vec<u8> {
    let mut things = "(component $level0 (core module $m) (core instance (instantiate $m)))\n".to_owned();
    for level in 1..=6 {
        let before = level - 1;
        let ten = repeated(&format!("(instance (instantiate $level{before}))"), 10);
        let seen = format!("(alias outer 1 $level{before} (component $level{before}))");
        let _ = writeln!(things, "(component $level{level} {seen} {ten})");
    }
    beside(&(things + "(instance (instantiate $level6))"))
}

/// One function in which each of `steps` loops changes one of `locals` locals: what a compiler knows of each
/// local at each loop grows with their product. 1,000 and 10,000 take over 700 MiB, 300 and 30,000 over 10 s.
pub(crate) fn remembers(locals: usize, steps: usize) -> Vec<u8> {
    let mut body = String::new();
    for step in 0..steps {
        let (a, b) = (step % locals, (step * 7 + 3) % locals);
        let sum = format!("(i32.add (local.get {a}) (local.get {b}))");
        let _ = writeln!(body, "(loop (local.set {a} {sum}) (br_if 0 (local.get {b})))");
    }
    component(&format!("(func (result i32) (local {}) {body} (local.get 0))", "i32 ".repeat(locals)))
}

/// More functions than any real component has.
pub(crate) fn swarms() -> Vec<u8> {
    component(&"(func)".repeat(100_001))
}

/// A small component whose compiled form has some 300 KB.
pub(crate) fn swells() -> Vec<u8> {
    component(&repeated("(func (param i32) (result i32) (i32.add (local.get 0) (i32.const #)))", 4_000))
}

/// A function longer than any real one: 1 MiB of `nop`.
pub(crate) fn drones_on() -> Vec<u8> {
    component(&format!("(func {})", "nop ".repeat(1 << 20)))
}

/// More instances than any real component has.
pub(crate) fn clones_itself() -> Vec<u8> {
    beside(&format!("(core module $m) {}", "(core instance (instantiate $m))".repeat(64)))
}

/// As many instances as bytes may ask for, and more than may be made.
pub(crate) fn clones_itself_a_little() -> Vec<u8> {
    beside(&format!("(core module $m) {}", "(core instance (instantiate $m))".repeat(40)))
}

/// Components in components.
pub(crate) fn burrows() -> Vec<u8> {
    beside(&("(component ".repeat(5) + &")".repeat(5)))
}

/// More modules than any real component has.
pub(crate) fn hoards_modules() -> Vec<u8> {
    beside(&"(core module)".repeat(16))
}

/// More types than any real component has.
pub(crate) fn hoards_types() -> Vec<u8> {
    component(&"(type (func))".repeat(200_000))
}

/// It wants WASI's files and its clock.
pub(crate) fn imports_wasi() -> Vec<u8> {
    let names = ["wasi:filesystem/preopens@0.2.0", "wasi:clocks/wall-clock@0.2.0"];
    let imports: String = names.map(|name| format!("(import \"{name}\" (instance))")).concat();
    beside(&imports)
}

/// It wants a thousand things.
pub(crate) fn imports_the_world() -> Vec<u8> {
    beside(&repeated("(import \"overhaul:thing/number-#\" (instance))", 1_000))
}

/// It exports the interface's name with another type behind one function.
pub(crate) fn looks_alike() -> Vec<u8> {
    let text = r#"(component
        (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
        (core instance $i (instantiate $m))
        (func $f (param "windows" u32) (result u32) (canon lift (core func $i "f")))
        (instance $model (export "load" (func $f)) (export "predict" (func $f)))
        (export "overhaul:inference/model@0.1.0" (instance $model)))"#;
    wat::parse_str(text).unwrap()
}

/// It exports the interface of another version.
pub(crate) fn is_of_another_version() -> Vec<u8> {
    let text = r#"(component (instance $model) (export "overhaul:inference/model@0.2.0" (instance $model)))"#;
    wat::parse_str(text).unwrap()
}

/// It is half of one.
pub(crate) fn is_cut_in_half() -> Vec<u8> {
    let mut bytes = good();
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// It is whole but for its last byte.
pub(crate) fn lacks_its_last_byte() -> Vec<u8> {
    let mut bytes = good();
    bytes.pop();
    bytes
}

/// It is a core module.
pub(crate) fn is_a_core_module() -> Vec<u8> {
    wat::parse_str(module("", Model::default()).replace("core module", "module"))
        .unwrap_or_else(|e| panic!("{e}"))
}

/// It is no WebAssembly at all.
pub(crate) fn is_noise() -> Vec<u8> {
    (0..10_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}
