//! One component instance with one model in it.

use std::sync::Arc;

use overhaul_bundle::metadata::{MAX_FEATURES, MAX_SEQUENCE_LENGTH};
use wasmtime::{Store, Trap};

use super::bindings::Inference;
use super::bindings::exports::overhaul::inference::model::Specification as Raw;
use super::error::one_line;
use super::limits::{Guard, Refused};
use super::ticker::Ticker;
use super::{Sandbox, SandboxError};

/// The most numbers a model may answer for one window.
const MAX_OUTPUTS: usize = 10_000;

/// What a loaded model takes and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Specification {
    /// Readings in one window, oldest first; at least 1.
    pub window_length: usize,
    /// Numbers in one reading, raw physical units; at least 1.
    pub features: usize,
    /// Numbers answered for one window; 1 for a RUL model, in cycles.
    pub outputs: usize,
}

/// One component instance with one model in it.
///
/// After a trap or a missed deadline the instance is thrown away, and the next call makes a fresh
/// one and loads the model again.
pub struct Predictor {
    sandbox: Sandbox,
    onnx: Arc<[u8]>,
    specification: Specification,
    instance: Option<Instance>,
}

struct Instance {
    store: Store<Guard>,
    exports: Inference,
}

impl Predictor {
    pub(super) fn new(sandbox: Sandbox, onnx: Arc<[u8]>) -> Result<Self, SandboxError> {
        let (instance, specification) = Instance::with_model(&sandbox, &onnx)?;
        Ok(Self { sandbox, onnx, specification, instance: Some(instance) })
    }

    /// What the model takes and gives.
    pub fn specification(&self) -> &Specification {
        &self.specification
    }

    /// Predicts a batch of windows, row-major `[batch, window_length, features]`, finite; answers
    /// `[batch, outputs]`, finite.
    pub fn predict(&mut self, windows: &[f32]) -> Result<Vec<f32>, SandboxError> {
        let Specification { window_length, features, outputs } = self.specification;
        if windows.is_empty() || !windows.len().is_multiple_of(window_length * features) {
            return Err(SandboxError::WrongShape(format!(
                "{} values are no whole number of windows of {window_length} x {features}",
                windows.len()
            )));
        }
        let mut instance = match self.instance.take() {
            Some(instance) => instance,
            None => self.fresh_instance()?,
        };
        let answer = instance.predict(&self.sandbox, windows).and_then(|answer| {
            let expected = windows.len() / (window_length * features) * outputs;
            if answer.len() != expected {
                return Err(SandboxError::Nonsense(format!(
                    "{} numbers instead of {expected}",
                    answer.len()
                )));
            }
            if let Some(value) = answer.iter().find(|value| !value.is_finite()) {
                return Err(SandboxError::NotFinite(format!("the component answered {value}")));
            }
            Ok(answer)
        });
        // Dropped otherwise: what happened inside a failed instance is unknown.
        if !answer.as_ref().is_err_and(SandboxError::costs_the_instance) {
            self.instance = Some(instance);
        }
        answer
    }

    fn fresh_instance(&self) -> Result<Instance, SandboxError> {
        let (instance, specification) = Instance::with_model(&self.sandbox, &self.onnx)?;
        if specification != self.specification {
            return Err(SandboxError::Nonsense("another specification for the same model".to_owned()));
        }
        Ok(instance)
    }
}

impl Instance {
    fn with_model(sandbox: &Sandbox, onnx: &[u8]) -> Result<(Self, Specification), SandboxError> {
        let mut store = Store::new(sandbox.engine(), Guard::new(sandbox.limits()));
        store.limiter(|guard| guard);
        let exports = within_deadline(sandbox, &mut store, |store| sandbox.prepared().instantiate(store))?;
        let mut instance = Self { store, exports };
        let model = instance.exports.overhaul_inference_model();
        let raw = within_deadline(sandbox, &mut instance.store, |store| model.call_load(store, onnx))??;
        Ok((instance, checked(raw)?))
    }

    fn predict(&mut self, sandbox: &Sandbox, windows: &[f32]) -> Result<Vec<f32>, SandboxError> {
        let model = self.exports.overhaul_inference_model();
        Ok(within_deadline(sandbox, &mut self.store, |store| model.call_predict(store, windows))??)
    }
}

/// Runs one call into the component with a deadline, and says why it failed if it did.
fn within_deadline<T>(
    sandbox: &Sandbox,
    store: &mut Store<Guard>,
    call: impl FnOnce(&mut Store<Guard>) -> wasmtime::Result<T>,
) -> Result<T, SandboxError> {
    let limits = sandbox.limits();
    let clock = sandbox.ticker().call();
    store.set_epoch_deadline(Ticker::epochs(limits.deadline));
    let outcome = call(store);
    drop(clock);
    outcome.map_err(|error| {
        match store.data().refused() {
            Some(Refused::Memory(wanted)) => {
                return SandboxError::Memory { wanted, limit: limits.memory_bytes };
            }
            Some(Refused::Table(wanted)) => {
                return SandboxError::Table { wanted, limit: limits.table_elements };
            }
            None => {}
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => SandboxError::Deadline(limits.deadline),
            Some(trap) => SandboxError::Trap(one_line(&trap.to_string())),
            None => SandboxError::Trap(one_line(&format!("{error:#}"))),
        }
    })
}

/// A specification whose products cannot overflow; a component may claim anything.
fn checked(raw: Raw) -> Result<Specification, SandboxError> {
    let fields = [
        ("window-length", raw.window_length, MAX_SEQUENCE_LENGTH),
        ("features", raw.features, MAX_FEATURES),
        ("outputs", raw.outputs, MAX_OUTPUTS),
    ];
    for (name, value, most) in fields {
        if value == 0 || value as usize > most {
            return Err(SandboxError::Nonsense(format!("{name} {value} is not 1 to {most}")));
        }
    }
    let [window_length, features, outputs] = fields.map(|(_, value, _)| value as usize);
    Ok(Specification { window_length, features, outputs })
}
