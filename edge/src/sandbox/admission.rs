//! What bytes must be before they are compiled: a component, bounded, without imports, with the interface.

use wasmparser::Parser;

use super::{SandboxError, imports, interface, shape};

/// Refuses bytes that are not worth compiling.
pub(super) fn check(component: &[u8]) -> Result<(), SandboxError> {
    if !Parser::is_component(component) {
        return Err(SandboxError::NotAComponent("its header is not that of a component".to_owned()));
    }
    shape::refuse_absurd(component)?;
    imports::refuse_any(component)?;
    interface::refuse_other_names(component)
}
