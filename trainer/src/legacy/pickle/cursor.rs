//! A place in foreign bytes that never passes their end.

use super::super::error::Refusal;

/// Bytes and how many of them have been read.
#[derive(Debug)]
pub(in crate::legacy) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The start of some bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next `count` bytes; a count beyond the end is refused before anything is allocated.
    pub(in crate::legacy) fn take(&mut self, count: u64) -> Result<&'a [u8], Refusal> {
        let left = self.left();
        match usize::try_from(count) {
            Ok(count) if count <= left => {
                let start = self.at;
                self.at += count;
                Ok(&self.bytes[start..self.at])
            }
            _ => Refusal::damaged(format!("at byte {} it declares {count} bytes, {left} are left", self.at)),
        }
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Refusal> {
        Ok(self.take(1)?[0])
    }

    /// The next `N` bytes, for `from_le_bytes` and its like.
    pub(in crate::legacy) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    /// The bytes up to the next line feed, which is read too.
    pub(super) fn line(&mut self) -> Result<&'a [u8], Refusal> {
        let rest = &self.bytes[self.at..];
        let Some(length) = rest.iter().position(|&byte| byte == b'\n') else {
            return Refusal::damaged(format!("the line at byte {} has no end", self.at));
        };
        self.at += length + 1;
        Ok(&rest[..length])
    }
}
