//! Protocol Buffers' wire format, field by field (protobuf.dev/programming-guides/encoding).

use overhaul_bundle::Mistake;

/// One field as it lies in the bytes.
pub(super) struct Field<'a> {
    pub(super) number: u64,
    /// Of a field that is a number.
    pub(super) value: Option<u64>,
    /// Of a field that has a length.
    pub(super) content: Option<&'a [u8]>,
}

impl<'a> Field<'a> {
    /// The first field and what follows it.
    pub(super) fn next(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Mistake> {
        let (tag, rest) = varint(bytes)?;
        let (number, wire) = (tag >> 3, tag & 7);
        let take = |length: usize, rest: &'a [u8]| rest.split_at_checked(length).ok_or_else(broken);
        match wire {
            0 => {
                let (value, rest) = varint(rest)?;
                Ok((Self { number, value: Some(value), content: None }, rest))
            }
            1 | 5 => {
                let (_, rest) = take(if wire == 1 { 8 } else { 4 }, rest)?;
                Ok((Self { number, value: None, content: None }, rest))
            }
            2 => {
                let (length, rest) = varint(rest)?;
                let (content, rest) = take(usize::try_from(length).map_err(|_| broken())?, rest)?;
                Ok((Self { number, value: None, content: Some(content) }, rest))
            }
            _ => Err(broken()),
        }
    }
}

pub(super) fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Mistake> {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place).min(63);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[place + 1..]));
        }
    }
    Err(broken())
}

fn broken() -> Mistake {
    Mistake::new("the graph is no ONNX model: its bytes end within a field; export and log it again")
}

/// Appends a field that has a length.
pub(super) fn put(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    for mut value in [number << 3 | 2, content.len() as u64] {
        while value > 0x7f {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }
    out.extend_from_slice(content);
}
