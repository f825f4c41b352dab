//! Which WebAssembly proposals a component may use: what compilers emit for Rust, and no more.
//!
//! Each proposal that is off is code of wasmtime and Cranelift that no component can reach.

use wasmtime::WasmFeatures;

/// What a component may use: WebAssembly 2.0, relaxed SIMD, and sums in initial values (which linkers write).
const ALLOWED: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Everything else, whatever wasmtime comes to know: threads, 64-bit and many memories, tail calls,
/// exceptions, garbage collection, typed function references, stack switching, wide arithmetic,
/// asynchronous and 64-bit components.
pub(super) const REFUSED: WasmFeatures = WasmFeatures::all().difference(ALLOWED);
