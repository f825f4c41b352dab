//! Reads a component's imports from its bytes, so that one with imports is refused uncompiled.

use wasmparser::{Parser, Payload};

use super::SandboxError;
use super::error::one_line;

/// The most imports that are named; of the others the number is told.
const NAMED: usize = 8;

/// Refuses bytes that are no component, and a component that imports anything, by name.
pub(super) fn refuse_any(component: &[u8]) -> Result<(), SandboxError> {
    let not_one = |e: &dyn std::fmt::Display| SandboxError::NotAComponent(one_line(&e.to_string()));
    if !Parser::is_component(component) {
        return Err(not_one(&"its header is not that of a component"));
    }
    let mut depth = 0_usize;
    let mut imports = Vec::new();
    let mut others = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|e| not_one(&e))? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            // Inside, modules and components import from each other; only the outermost asks the host.
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let name = import.map_err(|e| not_one(&e))?.name.name;
                    if imports.len() < NAMED {
                        imports.push(one_line(name));
                    } else {
                        others += 1;
                    }
                }
            }
            _ => {}
        }
    }
    if others > 0 {
        imports.push(format!("{others} more"));
    }
    if imports.is_empty() { Ok(()) } else { Err(SandboxError::Imports(imports)) }
}
