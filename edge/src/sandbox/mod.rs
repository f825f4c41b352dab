//! The sandbox: a component without imports, a memory cap, a deadline, compiled once.
//!
//! | module | holds |
//! | --- | --- |
//! | [`engine`] | [`Sandbox`]: a compiled component, ready to be instantiated |
//! | [`predictor`] | [`Predictor`]: one instance with one model in it |
//! | [`limits`] | [`Limits`]: what one instance may take; [`CompileLimits`] |
//! | `admission` | what bytes must be before they are compiled: `shape`, `imports`, `interface` |
//! | `features` | which WebAssembly proposals a component may use |
//! | [`compiler`] | the process that compiles, under limits |
//! | [`cache`] | [`CompiledCache`]: compiled components on disk, trusted only if this agent made them |
//! | [`error`] | [`SandboxError`] |
//!
//! A component gets nothing from the host: it is refused if it imports anything, so there is no
//! file, clock, socket or random number it could ask for. A trap or a missed deadline costs the
//! one call it happened in.

mod admission;
mod bindings;
pub mod cache;
pub mod compiler;
pub mod engine;
pub mod error;
mod features;
mod imports;
mod interface;
pub mod limits;
mod precompiled;
pub mod predictor;
mod seal;
mod shape;
mod ticker;

pub use cache::CompiledCache;
pub use engine::Sandbox;
pub use error::SandboxError;
pub use limits::{CompileLimits, Limits};
pub use predictor::{Predictor, Specification};
