//! A compiled component, ready to be instantiated.

use std::sync::Arc;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, OptLevel};

use super::bindings::InferencePre;
use super::error::one_line;
use super::limits::Guard;
use super::ticker::Ticker;
use super::{Limits, Predictor, SandboxError, admission, features, interface};

/// The deepest stack of one call, in bytes.
const MAX_STACK: usize = 1 << 20;

/// A compiled component, ready to be instantiated. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    prepared: InferencePre<Guard>,
    ticker: Ticker,
    limits: Limits,
}

impl Sandbox {
    /// Compiles a component, which takes seconds. One that imports anything is refused by name
    /// before it is compiled, one that does not export the interface is refused after.
    pub fn compile(component_wasm: &[u8], limits: Limits) -> Result<Self, SandboxError> {
        admission::check(component_wasm)?;
        let engine = engine()?;
        let component = compiled(&engine, component_wasm)?;
        Self::of(engine, &component, limits)
    }

    /// Makes a fresh instance and loads a model from the bytes of an ONNX file.
    pub fn instantiate(&self, onnx: &[u8]) -> Result<Predictor, SandboxError> {
        self.instantiate_shared(onnx.into())
    }

    /// As [`Sandbox::instantiate`]; several predictors of one model share its bytes.
    pub fn instantiate_shared(&self, onnx: Arc<[u8]>) -> Result<Predictor, SandboxError> {
        Predictor::new(self.clone(), onnx)
    }

    /// A sandbox around a compiled component.
    pub(super) fn of(engine: Engine, component: &Component, limits: Limits) -> Result<Self, SandboxError> {
        let prepared = prepared(&engine, component)?;
        let ticker = Ticker::start(&engine).map_err(|e| SandboxError::Engine(e.to_string()))?;
        Ok(Self { inner: Arc::new(Inner { engine, prepared, ticker, limits }) })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(super) fn prepared(&self) -> &InferencePre<Guard> {
        &self.inner.prepared
    }

    pub(super) fn ticker(&self) -> &Ticker {
        &self.inner.ticker
    }

    /// What each instance may take.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }
}

/// A compiled component that has been found to export the interface with its types.
pub(super) fn prepared(engine: &Engine, component: &Component) -> Result<InferencePre<Guard>, SandboxError> {
    interface::refuse_other_types(engine, component)?;
    let wrong = |e: wasmtime::Error| SandboxError::WrongInterface(one_line(&format!("{e:#}")));
    // Nothing is ever defined in this linker: a component gets nothing from the host.
    let linker = Linker::new(engine);
    InferencePre::new(linker.instantiate_pre(component).map_err(wrong)?).map_err(wrong)
}

/// The engine's one configuration.
pub(super) fn engine() -> Result<Engine, SandboxError> {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(MAX_STACK)
        .cranelift_opt_level(OptLevel::Speed)
        // Data segments are mapped from the compiled form, and pages copied when written to.
        .memory_init_cow(true)
        .wasm_features(features::REFUSED, false)
        // Nobody reads the frames of a foreign component's trap, so none are collected, and nothing is kept to find
        // them by: a sixth of the compiled form.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        // Where a product and a sum are fused by one instruction, nothing is lost by promising the same bits on every
        // such CPU. Elsewhere fusing would be a call for each, and they are rounded one after the other.
        .relaxed_simd_deterministic(fuses());
    Engine::new(&config).map_err(|e| SandboxError::Engine(one_line(&format!("{e:#}"))))
}

/// Whether this CPU multiplies and adds in one instruction.
fn fuses() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}

/// Compiles with an engine.
pub(super) fn compiled(engine: &Engine, component_wasm: &[u8]) -> Result<Component, SandboxError> {
    Component::from_binary(engine, component_wasm).map_err(|e| {
        let line = one_line(&format!("{e:#}"));
        if ran_out_of_memory(&e) {
            SandboxError::OutOfMemory(line)
        } else {
            SandboxError::NotAComponent(line)
        }
    })
}

/// Whether the system refused memory where wasmtime asks it directly.
fn ran_out_of_memory(error: &wasmtime::Error) -> bool {
    error.is::<wasmtime::error::OutOfMemory>()
        || error.chain().any(|cause| {
            let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
            io == Some(std::io::ErrorKind::OutOfMemory) || cause.is::<wasmtime::error::OutOfMemory>()
        })
}
