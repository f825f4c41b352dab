//! Why the sandbox refused a component, a model or a call.

use std::time::Duration;

use overhaul_bundle::component::INTERFACE;

use super::bindings::exports::overhaul::inference::model::Error as ComponentError;

/// The longest text taken over from a component, in characters.
const MAX_TEXT: usize = 300;

/// Why the sandbox refused a component, a model or a call. One line each.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SandboxError {
    /// The component wants something from the host.
    #[error("the component imports {}; a component for Overhaul imports nothing", .0.join(", "))]
    Imports(Vec<String>),
    /// The bytes are no WebAssembly component, or one that wasmtime cannot compile.
    #[error("not a WebAssembly component that this agent can run: {0}")]
    NotAComponent(String),
    /// The component does not export the inference interface.
    #[error("the component does not export {INTERFACE}: {0}")]
    WrongInterface(String),
    /// The model is no ONNX model, or contradicts itself.
    #[error("bad model: {0}")]
    BadModel(String),
    /// The model uses an operator that the component does not run.
    #[error("unsupported operator: {0}")]
    UnsupportedOperator(String),
    /// The model's inputs and outputs, or the values of a call, have the wrong shape.
    #[error("wrong shape: {0}")]
    WrongShape(String),
    /// A value going in or coming out is NaN or infinite.
    #[error("not finite: {0}")]
    NotFinite(String),
    /// The component trapped; the instance is gone.
    #[error("the component trapped: {0}")]
    Trap(String),
    /// The component took too long; the instance is gone.
    #[error("the component missed its deadline of {} s", .0.as_secs_f64())]
    Deadline(Duration),
    /// The component wanted more memory than it may have; the instance is gone.
    #[error("the component asked for {wanted} bytes of memory; its limit is {limit}")]
    Memory {
        /// The size it wanted one memory to grow to, in bytes.
        wanted: usize,
        /// The cap on each memory, in bytes.
        limit: usize,
    },
    /// The component answered something that the interface does not allow; the instance is gone.
    #[error("the component's answer is nonsense: {0}")]
    Nonsense(String),
    /// wasmtime could not be set up on this machine.
    #[error("wasmtime cannot run here: {0}")]
    Engine(String),
}

impl SandboxError {
    /// True when the component is to blame for a failed call, rather than the call itself: the
    /// instance was thrown away.
    pub fn costs_the_instance(&self) -> bool {
        matches!(self, Self::Trap(_) | Self::Deadline(_) | Self::Memory { .. } | Self::Nonsense(_))
    }
}

impl From<ComponentError> for SandboxError {
    fn from(error: ComponentError) -> Self {
        match error {
            ComponentError::BadModel(text) => Self::BadModel(one_line(&text)),
            ComponentError::UnsupportedOperator(text) => Self::UnsupportedOperator(one_line(&text)),
            ComponentError::WrongShape(text) => Self::WrongShape(one_line(&text)),
            ComponentError::NotFinite(text) => Self::NotFinite(one_line(&text)),
        }
    }
}

/// Foreign text as one line of bounded length, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_TEXT).is_some() {
        line.push('…');
    }
    line
}
