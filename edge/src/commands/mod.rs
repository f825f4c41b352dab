//! The program's two commands.

pub(crate) mod predict;
pub(crate) mod run;
