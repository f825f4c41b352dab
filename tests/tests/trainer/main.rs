//! The trainer's program, with a real registry and a real gateway where a promise needs one.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod case;
mod compared;
mod evaluated;
mod exported;
mod fetched;
mod imported;
mod interrupted;
mod loaded;
mod other_columns;
mod predicted;
mod promoted;
mod published_later;
mod refused_imports;
mod reported;
mod zipped;
