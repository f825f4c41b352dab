//! Reads a component's size and structure from its bytes, so that an absurd one is refused uncompiled.
//!
//! This runs in the agent's own process, so it is linear in the bytes and keeps nothing but counts.
//! What only a compiler can find out is left to the process that compiles ([`super::compiler`]).

use wasmparser::{MemoryType, Parser, Payload, TypeRef};

use super::SandboxError;
use super::error::one_line;

/// The largest component, in bytes. Overhaul's own has 6 MiB.
const MAX_BYTES: usize = 64 << 20;
/// The deepest nesting of modules and components in each other. Overhaul's own has 1.
const MAX_DEPTH: usize = 4;

/// What a component may have at most: the name in the error, the count, what Overhaul's own has.
struct Most(&'static str, u64);

/// Functions of all core modules together; Overhaul's own has some 15,000.
const FUNCTIONS: Most = Most("functions", 100_000);
/// Bytes of one function's body; Overhaul's own has some 100,000.
const BODY: Most = Most("bytes of code in one function", 1 << 20);
/// Core modules; tools that make components write 1 to 4.
const MODULES: Most = Most("core modules", 16);
/// Components inside; tools write one for each exported interface.
const COMPONENTS: Most = Most("components inside it", 16);
/// Instances, core and not, wherever they are made.
const INSTANCES: Most = Most("instances", 64);
/// Memories that are defined; a component has one, and gives it to its other modules.
const MEMORIES: Most = Most("memories", 1);
/// Tables that are defined.
const TABLES: Most = Most("tables", 16);
/// Types, globals, exports, segments and the like, together.
const ITEMS: Most = Most("types, globals, exports and segments", 200_000);

/// Counts of what stands against a limit.
#[derive(Default)]
struct Counts {
    functions: u64,
    modules: u64,
    components: u64,
    instances: u64,
    memories: u64,
    tables: u64,
    items: u64,
}

/// Refuses a component that is larger, deeper or more numerous than any real one, or whose memory
/// is shared or 64-bit. The line says what, how much, and how much is allowed.
pub(super) fn refuse_absurd(component: &[u8]) -> Result<(), SandboxError> {
    at_most(&Most("bytes", MAX_BYTES as u64), component.len() as u64)?;
    let mut counts = Counts::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.map_err(|e| malformed(&e))?;
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                at_most(&Most("levels of nesting", MAX_DEPTH as u64), depth as u64)?;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        counts.add(&payload)?;
    }
    Ok(())
}

impl Counts {
    fn add(&mut self, payload: &Payload<'_>) -> Result<(), SandboxError> {
        let count = |total: &mut u64, more: u32, most: &Most| {
            *total += u64::from(more);
            at_most(most, *total)
        };
        match payload {
            Payload::ModuleSection { .. } => count(&mut self.modules, 1, &MODULES),
            Payload::ComponentSection { .. } => count(&mut self.components, 1, &COMPONENTS),
            Payload::FunctionSection(section) => count(&mut self.functions, section.count(), &FUNCTIONS),
            Payload::CodeSectionEntry(body) => at_most(&BODY, body.range().len() as u64),
            Payload::InstanceSection(section) => count(&mut self.instances, section.count(), &INSTANCES),
            Payload::ComponentInstanceSection(section) => {
                count(&mut self.instances, section.count(), &INSTANCES)
            }
            Payload::TableSection(section) => count(&mut self.tables, section.count(), &TABLES),
            Payload::MemorySection(section) => {
                count(&mut self.memories, section.count(), &MEMORIES)?;
                section.clone().into_iter().try_for_each(|memory| plain(memory.map_err(|e| malformed(&e))?))
            }
            Payload::ImportSection(section) => {
                count(&mut self.items, section.count(), &ITEMS)?;
                section.clone().into_imports().try_for_each(|import| {
                    match import.map_err(|e| malformed(&e))?.ty {
                        TypeRef::Memory(memory) => plain(memory),
                        _ => Ok(()),
                    }
                })
            }
            Payload::TypeSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::GlobalSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::ExportSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::ElementSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::DataSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::CoreTypeSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::ComponentTypeSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::ComponentAliasSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::ComponentCanonicalSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::ComponentImportSection(section) => count(&mut self.items, section.count(), &ITEMS),
            Payload::ComponentExportSection(section) => count(&mut self.items, section.count(), &ITEMS),
            _ => Ok(()),
        }
    }
}

/// Refuses memories of proposals that no component for Overhaul uses.
fn plain(memory: MemoryType) -> Result<(), SandboxError> {
    let refused = |what: &str| Err(SandboxError::Forbidden(what.to_owned()));
    match memory {
        MemoryType { shared: true, .. } => refused("a shared memory (threads)"),
        MemoryType { memory64: true, .. } => refused("a 64-bit memory (memory64)"),
        MemoryType { page_size_log2: Some(_), .. } => refused("a memory with pages of another size"),
        _ => Ok(()),
    }
}

fn at_most(Most(what, most): &Most, found: u64) -> Result<(), SandboxError> {
    if found <= *most { Ok(()) } else { Err(SandboxError::TooMuch { what, found, most: *most }) }
}

fn malformed(error: &wasmparser::BinaryReaderError) -> SandboxError {
    SandboxError::NotAComponent(one_line(&error.to_string()))
}
