//! A pickle machine for protocols 0 to 5 that builds data and calls nothing.
//!
//! The opcodes are those of Python's `Lib/pickletools.py`; each file here handles a family of them.
//!
//! | module | holds |
//! | --- | --- |
//! | [`cursor`] | the bytes, never read past their end |
//! | [`heap`] | values and objects, bounded, without ownership between them |
//! | [`global`] | the names that are read, and as what |
//! | [`machine`] | the loop, the stack and the memo |
//! | [`literal`] | numbers and texts |
//! | [`container`] | tuples, lists, dicts |
//! | [`call`] | names, calls and states |

mod call;
mod container;
mod cursor;
mod global;
mod heap;
mod literal;
mod machine;

pub(super) use global::{Dialect, Global};
pub(super) use heap::{Heap, Object, Value};
pub(super) use machine::Machine;

#[cfg(test)]
mod tests;
