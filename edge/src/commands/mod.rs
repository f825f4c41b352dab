//! The program's commands.

pub(crate) mod bench;
pub(crate) mod check_config;
pub(crate) mod compile;
pub(crate) mod predict;
pub(crate) mod run;
pub(crate) mod status;
