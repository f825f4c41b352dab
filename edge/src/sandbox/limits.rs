//! What a component may take: an instance memory, tables, instances, time; compiling it memory and time.

use std::time::Duration;

use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

/// What one component instance may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The cap on each linear memory, in bytes. A component has one.
    pub memory_bytes: usize,
    /// How long one call into the component may take.
    pub deadline: Duration,
    /// Entries in each table.
    pub table_elements: usize,
    /// Core instances, tables and memories in one component instance, each.
    pub items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 256 << 20, deadline: Duration::from_secs(5), table_elements: 100_000, items: 16 }
    }
}

/// What compiling one component may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileLimits {
    /// Memory of the process that compiles, in bytes of private writable mappings.
    pub memory_bytes: u64,
    /// From start to end.
    pub time: Duration,
}

impl CompileLimits {
    /// Overhaul's own component takes a quarter of it.
    pub const MEMORY_BYTES: u64 = 1 << 30;
    /// Overhaul's own component takes a twentieth of it on two old small cores that do nothing else; while the agent
    /// predicts all the time, compiling gets a quarter of the processor.
    pub const TIME: Duration = Duration::from_mins(5);
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self { memory_bytes: Self::MEMORY_BYTES, time: Self::TIME }
    }
}

/// A store's data: enforces [`Limits`] and remembers what was refused, for the error.
pub(super) struct Guard {
    limits: StoreLimits,
    memory_bytes: usize,
    table_elements: usize,
    refused: Option<Refused>,
}

/// What an instance asked for and may not have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refused {
    /// A memory of so many bytes.
    Memory(usize),
    /// A table of so many entries.
    Table(usize),
}

impl Guard {
    pub(super) fn new(limits: &Limits) -> Self {
        let store = StoreLimitsBuilder::new()
            .memory_size(limits.memory_bytes)
            .table_elements(limits.table_elements)
            .instances(limits.items)
            .tables(limits.items)
            .memories(1)
            .trap_on_grow_failure(true)
            .build();
        Self {
            limits: store,
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            refused: None,
        }
    }

    /// What was refused last, if anything was.
    pub(super) fn refused(&self) -> Option<Refused> {
        self.refused
    }
}

impl ResourceLimiter for Guard {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.memory_bytes {
            self.refused = Some(Refused::Memory(desired));
        }
        self.limits.memory_growing(current, desired, maximum)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.limits.memory_grow_failed(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.table_elements {
            self.refused = Some(Refused::Table(desired));
        }
        self.limits.table_growing(current, desired, maximum)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.limits.table_grow_failed(error)
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}
