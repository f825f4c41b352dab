//! What one component instance may take: memory, tables, instances, stack, time.

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

/// A store's data: enforces [`Limits`] and remembers what was refused, for the error.
pub(super) struct Guard {
    limits: StoreLimits,
    memory_bytes: usize,
    refused: Option<usize>,
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
        Self { limits: store, memory_bytes: limits.memory_bytes, refused: None }
    }

    /// The memory size that was refused, in bytes, if one was.
    pub(super) fn refused_memory(&self) -> Option<usize> {
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
            self.refused = Some(desired);
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
