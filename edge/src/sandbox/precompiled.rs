//! The one place that runs machine code from disk, and why that is sound.
//!
//! wasmtime checks little of a compiled component: whoever can choose the file's bytes can run
//! anything as the agent. [`load`] therefore asks for a file whose seal has just been checked
//! ([`super::seal`]): an HMAC-SHA256, under a key that only this agent has, over the bytes, the
//! component's digest and the engine's settings. So the bytes are what `Component::serialize`
//! gave this agent for this component and an equal engine, and what wasmtime compiles from a
//! component is sandboxed again when it is mapped.
//!
//! What is mapped is what was checked:
//! - [`VerifiedFile`] owns the open file; it is mapped through `/proc/self/fd`, which leads to that
//!   very file, so a rename or a link put at its path in between changes nothing.
//! - To change the file itself in between (or later, since it stays mapped), someone has to open it
//!   for writing. [`super::cache`] takes only files of mode 0600, owned by the agent's user, in a
//!   directory of mode 0700: that leaves this user and root, who can write the agent's memory
//!   anyway. The agent itself never writes to a file after sealing it: it renames new ones over it.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::AsRawFd as _;

use wasmtime::Engine;
use wasmtime::component::Component;

/// An open compiled component whose seal has been checked. Only [`super::cache`] makes one.
pub(super) struct VerifiedFile(File);

impl VerifiedFile {
    /// Vouches for an open file: its bytes were found under this agent's seal after it was opened,
    /// and nobody but the agent's user and root can write to it.
    pub(super) fn vouched_for(file: File) -> Self {
        Self(file)
    }
}

/// Maps a compiled component whose seal has been checked.
pub(super) fn load(engine: &Engine, verified: &VerifiedFile) -> wasmtime::Result<Component> {
    let path = format!("/proc/self/fd/{}", verified.0.as_raw_fd());
    // SAFETY: `deserialize_file` asks for bytes that came from `Component::serialize` and that
    // nobody changes while they are mapped. See the head of this file.
    unsafe { Component::deserialize_file(engine, path) }
}
