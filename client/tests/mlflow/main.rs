//! A run is logged as `MLflow` takes it; what is no `MLflow` is told apart; a token is never shown.
//!
//! The servers here are sockets that keep what they were asked and answer what a test wants.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod logged;
mod probed;
mod server;
