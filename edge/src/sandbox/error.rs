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
    /// The component has more of something than any real one.
    #[error("the component has {found} {what}; a component for Overhaul has at most {most}")]
    TooMuch {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much there may be.
        most: u64,
    },
    /// The component uses something that no component for Overhaul needs.
    #[error("the component uses {0}, which a component for Overhaul does not")]
    Forbidden(String),
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
    /// The component wanted a larger table than it may have; the instance is gone.
    #[error("the component asked for a table of {wanted} entries; its limit is {limit}")]
    Table {
        /// How many entries it wanted one table to have.
        wanted: usize,
        /// The cap on each table, in entries.
        limit: usize,
    },
    /// The component answered something that the interface does not allow; the instance is gone.
    #[error("the component's answer is nonsense: {0}")]
    Nonsense(String),
    /// Compiling ran out of memory.
    #[error("there is not enough memory to compile the component: {0}; free some")]
    OutOfMemory(String),
    /// wasmtime could not be set up on this machine.
    #[error("wasmtime cannot run here: {0}")]
    Engine(String),
}

impl SandboxError {
    /// True when this machine is to blame, rather than the component, the model or the call.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Engine(_) | Self::OutOfMemory(_))
    }

    /// True when the component is to blame for a failed call, rather than the call itself: the
    /// instance was thrown away.
    pub fn costs_the_instance(&self) -> bool {
        matches!(
            self,
            Self::Trap(_) | Self::Deadline(_) | Self::Memory { .. } | Self::Table { .. } | Self::Nonsense(_)
        )
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

/// Foreign text as one line of bounded length: white space and control characters in a row are one
/// space, and what would turn the direction of the text around is left out.
pub(super) fn one_line(text: &str) -> String {
    // However long the text, little more than what is shown is looked at.
    let mut line = String::new();
    let (mut length, mut space) = (0, false);
    for c in text.chars().take(MAX_TEXT * 10) {
        match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => continue,
            c if c.is_control() || c.is_whitespace() => {
                space = length > 0;
                continue;
            }
            _ => {}
        }
        if length >= MAX_TEXT {
            line.push('…');
            break;
        }
        if space {
            line.push(' ');
        }
        line.push(c);
        length += 1 + usize::from(space);
        space = false;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_one_line_without_tricks() {
        assert_eq!(one_line(" line one\r\n\tline\u{2028}two\u{202e}\x1b[2J \n"), "line one line two [2J");
        assert_eq!(one_line(&"\n".repeat(1 << 20)), "");
        let long = one_line(&"é".repeat(1 << 20));
        assert!(long.chars().count() == MAX_TEXT + 1 && long.ends_with('…'), "{long}");
        assert_eq!(one_line(&"x".repeat(MAX_TEXT)), "x".repeat(MAX_TEXT));
    }
}
