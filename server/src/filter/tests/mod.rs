//! What filters and orders mean, which are refused and how, and that nothing is lost or invented on the way.

mod generate;
mod laws;
mod meaning;
mod orders;
mod print;
mod refusals;
mod taken;
