//! `wit/inference.wit` as Rust, written by wasmtime's macro.
#![allow(missing_docs, clippy::pedantic)]

wasmtime::component::bindgen!({ path: "../wit", world: "inference" });
