//! The program's commands.

pub(crate) mod compile;
pub(crate) mod predict;
pub(crate) mod run;
