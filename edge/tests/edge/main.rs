//! Tests of the agent: its sandbox, and its real program on loopback.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]

mod bench_command;
mod bundles;
mod cache;
mod clock;
mod compiling;
mod data_dir;
mod disk;
mod ending;
mod http;
mod killed;
mod mqtt;
mod patience;
mod predict_command;
mod probation;
mod pull;
mod real_component;
mod reports;
mod sandbox;
mod service;
mod settings;
mod shadow;
mod status;
mod support;
mod units;
mod units_on_disk;
mod zoo;
