//! What `joblib.dump(..., compress=...)` wraps around a pickle.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::super::error::Refusal;

/// The longest pickle, unpacked: a scaler has some 60 bytes a feature.
const LONGEST: u64 = 16 << 20;

/// The pickle itself, unpacked by the first bytes that joblib knows its compressions by.
pub(super) fn expand(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Refusal> {
    match bytes {
        [0x78, ..] => unpack(ZlibDecoder::new(bytes), "zlib"),
        [0x1f, 0x8b, ..] => unpack(MultiGzDecoder::new(bytes), "gzip"),
        [b'B', b'Z', b'h', ..] => other("bz2"),
        [0x5d, 0, ..] => other("lzma"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => other("xz"),
        [0x04, 0x22, 0x4d, 0x18, ..] => other("lz4"),
        [b'Z', b'F', ..] => Refusal::unsupported("is a file of joblib before 0.10"),
        [b'P', b'K', 3, 4, ..] => Refusal::unsupported("is a zip archive and no pickle"),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

fn other(method: &str) -> Result<Cow<'_, [u8]>, Refusal> {
    Refusal::unsupported(format!("is compressed with {method}; only zlib and gzip are read"))
}

fn unpack(decoder: impl Read, method: &str) -> Result<Cow<'static, [u8]>, Refusal> {
    let mut unpacked = Vec::new();
    match decoder.take(LONGEST + 1).read_to_end(&mut unpacked) {
        Ok(size) if size as u64 <= LONGEST => Ok(Cow::Owned(unpacked)),
        Ok(_) => Refusal::unsupported(format!("unpacks to more than {LONGEST} bytes")),
        Err(error) => Refusal::damaged(format!("its {method} data cannot be unpacked: {error}")),
    }
}
