//! The opcodes that push a number or a text.

use super::super::error::Refusal;
use super::heap::{Object, Value};
use super::machine::Machine;

impl<'a> Machine<'a> {
    /// The literal that an opcode stands for, or none when it stands for no literal.
    pub(super) fn literal(&mut self, opcode: u8) -> Result<Option<Value<'a>>, Refusal> {
        let cursor = &mut self.cursor;
        Ok(Some(match opcode {
            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'K' => Value::Int(cursor.byte()?.into()),
            b'M' => Value::Int(u16::from_le_bytes(cursor.array()?).into()),
            b'J' => Value::Int(i32::from_le_bytes(cursor.array()?).into()),
            b'I' => match cursor.line()? {
                b"00" => Value::Bool(false),
                b"01" => Value::Bool(true),
                digits => integer(digits)?,
            },
            b'L' => {
                let digits = cursor.line()?;
                integer(digits.strip_suffix(b"L").unwrap_or(digits))?
            }
            0x8a => {
                let length = cursor.byte()?.into();
                long(cursor.take(length)?)
            }
            0x8b => {
                let length = u32::from_le_bytes(cursor.array()?).into();
                long(cursor.take(length)?)
            }
            b'F' => cursor.line().map(|_| Value::Float)?,
            b'G' => cursor.take(8).map(|_| Value::Float)?,
            b'S' | b'T' | b'U' | b'C' | b'B' | 0x8e | 0x96 => self.bytes(opcode)?,
            b'V' | b'X' | 0x8c | 0x8d => self.string(opcode)?,
            _ => return Ok(None),
        }))
    }

    /// `bytes`, `bytearray` or a string of Python 2.
    fn bytes(&mut self, opcode: u8) -> Result<Value<'a>, Refusal> {
        let cursor = &mut self.cursor;
        let length = match opcode {
            b'S' => return quoted(cursor.line()?),
            b'U' | b'C' => cursor.byte()?.into(),
            b'T' | b'B' => u32::from_le_bytes(cursor.array()?).into(),
            _ => u64::from_le_bytes(cursor.array()?),
        };
        cursor.take(length).map(Value::Bytes)
    }

    /// A `str`.
    fn string(&mut self, opcode: u8) -> Result<Value<'a>, Refusal> {
        let cursor = &mut self.cursor;
        let length = match opcode {
            b'V' => {
                let line = cursor.line()?;
                return match std::str::from_utf8(line) {
                    Ok(text) if text.is_ascii() && !text.contains('\\') => Ok(Value::Text(text)),
                    _ => unescaped(line).and_then(|text| self.heap.put(Object::Text(text))),
                };
            }
            0x8c => cursor.byte()?.into(),
            b'X' => u32::from_le_bytes(cursor.array()?).into(),
            _ => u64::from_le_bytes(cursor.array()?),
        };
        match std::str::from_utf8(cursor.take(length)?) {
            Ok(text) => Ok(Value::Text(text)),
            Err(_) => Refusal::damaged(format!("the text before byte {} is not UTF-8", cursor.at())),
        }
    }
}

/// An integer in decimal digits.
fn integer(digits: &[u8]) -> Result<Value<'_>, Refusal> {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    match text.parse() {
        Ok(value) => Ok(Value::Int(value)),
        Err(_)
            if !text.is_empty() && text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok(Value::Huge(digits))
        }
        Err(_) => Refusal::damaged("an integer in it is no number"),
    }
}

/// An integer in two's complement, little endian, as short as its sign allows.
fn long(bytes: &[u8]) -> Value<'_> {
    if bytes.len() > 8 {
        return Value::Huge(bytes);
    }
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut padded = [if negative { 0xff } else { 0 }; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(padded))
}

/// A string of Python 2 in quotes. Python 3 writes none, so that escapes in one need no support.
fn quoted(line: &[u8]) -> Result<Value<'_>, Refusal> {
    match line {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
            Ok(Value::Bytes(inner))
        }
        _ => Refusal::unsupported("holds an escaped string of Python 2"),
    }
}

/// Python's `raw-unicode-escape`: Latin-1, but `\uXXXX` and `\UXXXXXXXX` are code points.
fn unescaped(line: &[u8]) -> Result<String, Refusal> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let [first, tail @ ..] = rest {
        let digits = match rest {
            [b'\\', b'u', ..] => 4,
            [b'\\', b'U', ..] => 8,
            _ => {
                text.push(char::from(*first));
                rest = tail;
                continue;
            }
        };
        let code = rest.get(2..2 + digits).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            Some(character) => text.push(character),
            None => return Refusal::damaged("a text in it has an escape that is no character"),
        }
        rest = &rest[2 + digits..];
    }
    Ok(text)
}
