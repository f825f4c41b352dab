//! Random bits, from the system.

use std::fs::File;
use std::io::{self, Read as _};

/// 128 random bits.
pub(super) fn bits() -> io::Result<u128> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u128::from_ne_bytes(bytes))
}
