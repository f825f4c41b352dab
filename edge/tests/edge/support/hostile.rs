//! Components that misbehave on demand, written in WebAssembly's text form.

/// A component that exports the real interface. Its model takes windows of one reading with one
/// number; what that number is decides what happens (see [`Mischief`]). A call that goes well
/// answers how many calls this instance has answered.
pub(crate) fn component() -> Vec<u8> {
    with_core("(memory (export \"memory\") 1)", "")
}

/// The same, but with another memory, and something that runs while it is instantiated.
pub(crate) fn with_core(memory: &str, start: &str) -> Vec<u8> {
    lift(&include_str!("hostile.wat").replace(";;MEMORY", memory).replace(";;START", start))
}

/// A component that exports the real interface, from the text of a core module `$code` that exports
/// `memory`, `realloc`, `load`, `predict` and, if it likes, `after`, which runs after each `predict`.
/// Definitions before the module may be in the text as well.
pub(crate) fn lift(inside: &str) -> Vec<u8> {
    let (alias, after) = if inside.contains(r#"(export "after")"#) {
        (r#"(alias core export $core "after" (core func $after))"#, "(post-return (core func $after))")
    } else {
        ("", "")
    };
    let text = include_str!("shell.wat");
    let text = text.replace(";;INSIDE", inside).replace(";;ALIAS", alias).replace(";;AFTER", after);
    wat::parse_str(text).unwrap()
}

/// A window that makes [`component`] misbehave.
#[derive(Clone, Copy)]
pub(crate) enum Mischief {
    /// None at all.
    Behave = 1,
    /// Never answer.
    LoopForever = 2,
    /// Ask for 4 GiB of memory.
    EatMemory = 3,
    /// Execute `unreachable`.
    Trap = 4,
    /// Answer three numbers instead of one.
    AnswerTooMuch = 5,
    /// Answer a list that lies outside of memory.
    AnswerOutOfBounds = 6,
    /// Answer NaN.
    AnswerNan = 7,
    /// Call itself for ever.
    Recurse = 8,
}

impl Mischief {
    /// The window that asks for it.
    pub(crate) fn window(self) -> [f32; 1] {
        [f32::from(self as u8)]
    }
}

/// A model that loads.
pub(crate) const MODEL: &[u8] = b"0";
/// A model that loads, and that nothing makes misbehave.
pub(crate) const ROBUST_MODEL: &[u8] = b"R";
/// A model whose loading never ends.
pub(crate) const LOOPING_MODEL: &[u8] = b"L";
/// A model that is said to take windows of 0 readings.
pub(crate) const EMPTY_WINDOW_MODEL: &[u8] = b"Z";
/// A model that is refused with the text `line one\nline two`.
pub(crate) const REFUSED_MODEL: &[u8] = b"E";
