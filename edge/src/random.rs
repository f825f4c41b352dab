//! Random bits, from the system.

use std::fs::File;
use std::io::{self, Read as _};

/// Random bytes.
pub(crate) fn bytes<const COUNT: usize>() -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// 128 random bits.
pub(crate) fn bits() -> io::Result<u128> {
    bytes().map(u128::from_ne_bytes)
}
