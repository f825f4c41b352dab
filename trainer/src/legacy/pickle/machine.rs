//! The loop over opcodes, the stack and the memo.

use std::collections::HashMap;
use std::mem;

use super::super::error::Refusal;
use super::cursor::Cursor;
use super::global::Dialect;
use super::heap::{Heap, Value};

/// How many values may wait on the stack; Python's own pickler keeps some thousand at once.
const MOST_WAITING: usize = 1 << 20;

/// A reader of one or more pickles that follow each other in the same bytes.
#[derive(Debug)]
pub(in crate::legacy) struct Machine<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) heap: Heap<'a>,
    pub(super) dialect: Dialect,
    /// True inside the pickle of an object array that joblib put between the opcodes.
    pub(super) nested: bool,
    frame: Frame<'a>,
}

/// What one pickle has to itself.
#[derive(Debug, Default)]
struct Frame<'a> {
    stack: Vec<Value<'a>>,
    /// The stack's length at each open mark.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
}

impl<'a> Machine<'a> {
    /// A machine at the start of a file.
    pub(in crate::legacy) fn new(dialect: Dialect, bytes: &'a [u8]) -> Self {
        let (cursor, heap, frame) = (Cursor::new(bytes), Heap::default(), Frame::default());
        Self { cursor, heap, dialect, nested: false, frame }
    }

    /// Reads the next pickle up to its STOP and answers its value.
    pub(in crate::legacy) fn load(&mut self) -> Result<Value<'a>, Refusal> {
        let outer = mem::take(&mut self.frame);
        let value = loop {
            let at = self.cursor.at();
            match self.cursor.byte()? {
                b'.' => break self.pop()?,
                opcode => self.step(opcode, at)?,
            }
        };
        self.frame = outer;
        Ok(value)
    }

    /// The bytes after the last pickle.
    pub(in crate::legacy) fn rest(&mut self) -> &mut Cursor<'a> {
        &mut self.cursor
    }

    /// The objects read so far.
    pub(in crate::legacy) fn heap(&self) -> &Heap<'a> {
        &self.heap
    }

    /// One opcode, its first byte already read.
    fn step(&mut self, opcode: u8, at: usize) -> Result<(), Refusal> {
        match opcode {
            0x80 => match self.cursor.byte()? {
                0..=5 => {}
                other => {
                    return Refusal::damaged(format!(
                        "it declares pickle protocol {other}, 0 to 5 are known"
                    ));
                }
            },
            // FRAME: where a reader may fetch ahead. Its length is of no use here, but must be true.
            0x95 => {
                let length = u64::from_le_bytes(self.cursor.array()?);
                if length > self.cursor.left() as u64 {
                    return Refusal::damaged(format!(
                        "the frame at byte {at} declares {length} bytes, past its end"
                    ));
                }
            }
            b'(' => {
                room(self.frame.marks.len())?;
                self.frame.marks.push(self.frame.stack.len());
            }
            b'0' => self.drop_top()?,
            b'1' => drop(self.pop_to_mark()?),
            b'2' => self.push(self.top()?)?,
            b'g' | b'h' | b'j' => self.get(opcode)?,
            b'p' | b'q' | b'r' | 0x94 => self.put(opcode)?,
            _ => {
                if let Some(value) = self.literal(opcode)? {
                    self.push(value)?;
                } else if !self.collect(opcode)? && !self.call(opcode)? {
                    return Refusal::damaged(format!(
                        "byte {at} is {opcode:#04x}, which is no pickle opcode"
                    ));
                }
            }
        }
        Ok(())
    }

    /// GET: pushes what the memo has under an index.
    fn get(&mut self, opcode: u8) -> Result<(), Refusal> {
        let index = match opcode {
            b'g' => self.index()?,
            b'h' => u32::from(self.cursor.byte()?),
            _ => u32::from_le_bytes(self.cursor.array()?),
        };
        match self.frame.memo.get(&index) {
            Some(value) => self.push(*value),
            None => Refusal::damaged(format!("it refers to memo {index}, which it never set")),
        }
    }

    /// PUT: remembers the top of the stack under an index.
    fn put(&mut self, opcode: u8) -> Result<(), Refusal> {
        let index = match opcode {
            b'p' => self.index()?,
            b'q' => u32::from(self.cursor.byte()?),
            b'r' => u32::from_le_bytes(self.cursor.array()?),
            _ => self.frame.memo.len() as u32,
        };
        // A map and not a vector, so that a high index costs no more than a low one.
        self.heap.charge(1)?;
        self.frame.memo.insert(index, self.top()?);
        Ok(())
    }

    /// An index in decimal digits.
    fn index(&mut self) -> Result<u32, Refusal> {
        let line = self.cursor.line()?;
        match std::str::from_utf8(line).ok().and_then(|line| line.trim().parse().ok()) {
            Some(index) => Ok(index),
            None => {
                Refusal::damaged(format!("the memo's index before byte {} is no number", self.cursor.at()))
            }
        }
    }

    pub(super) fn push(&mut self, value: Value<'a>) -> Result<(), Refusal> {
        room(self.frame.stack.len())?;
        self.frame.stack.push(value);
        Ok(())
    }

    /// The bottom of what may be popped: the last open mark.
    fn floor(&self) -> usize {
        self.frame.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn top(&self) -> Result<Value<'a>, Refusal> {
        match self.frame.stack.last() {
            Some(value) if self.frame.stack.len() > self.floor() => Ok(*value),
            _ => Refusal::damaged(format!("its stack is empty at byte {}", self.cursor.at())),
        }
    }

    pub(super) fn pop(&mut self) -> Result<Value<'a>, Refusal> {
        let value = self.top()?;
        self.frame.stack.pop();
        Ok(value)
    }

    /// POP: a value, or a mark when it is the last thing on the stack.
    fn drop_top(&mut self) -> Result<(), Refusal> {
        if self.frame.marks.last() == Some(&self.frame.stack.len()) {
            self.frame.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    /// All values above the last mark, which is removed.
    pub(super) fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>, Refusal> {
        match self.frame.marks.pop() {
            Some(mark) if mark <= self.frame.stack.len() => Ok(self.frame.stack.split_off(mark)),
            _ => Refusal::damaged(format!(
                "it closes a mark before byte {} that it never set",
                self.cursor.at()
            )),
        }
    }
}

/// Whether one more may wait beside `waiting` others.
fn room(waiting: usize) -> Result<(), Refusal> {
    if waiting >= MOST_WAITING {
        return Refusal::damaged(format!("more than {MOST_WAITING} values wait on its stack"));
    }
    Ok(())
}
