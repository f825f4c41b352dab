//! How many of everything there may be at a time, and for how long.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files that a server asks the system for: what its connections take, twice.
const OPEN_FILES: u64 = 16_384;

/// What clients may take of a server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at a time; who comes later waits to be accepted.
    pub connections: usize,
    /// TLS handshakes at a time; who comes later waits.
    pub handshakes: usize,
    /// How long a TLS handshake may take, waiting included.
    pub handshake: Duration,
    /// How long the head of a request may take to arrive, counted from the end of the answer before it: how long a
    /// connection may be idle as well.
    pub head: Duration,
    /// Bytes of the head of a request.
    pub head_bytes: usize,
    /// How long an answer may wait for its client to read on.
    pub stall: Duration,
    /// Requests that are worked on at a time; who comes later is told to come again.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8192,
            handshakes: 256,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            head_bytes: 32 << 10,
            stall: Duration::from_mins(1),
            requests: 1024,
        }
    }
}

impl Limits {
    /// As many connections as the system has files for, after asking it for more.
    ///
    /// Shells start programs with 1024 for the sake of old ones that `select` on them; each may ask for more.
    #[must_use]
    pub fn within_open_files(self) -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = OPEN_FILES.min(maximum.unwrap_or(OPEN_FILES));
        let mut files = current.unwrap_or(OPEN_FILES);
        if files < wanted && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok() {
            files = wanted;
        }
        // The other half is for the files that they ask for.
        Self { connections: self.connections.min(usize::try_from(files / 2).unwrap_or(usize::MAX)), ..self }
    }
}
