//! The opcodes that make and fill tuples, lists and dicts.

use super::super::error::Refusal;
use super::heap::{Object, Value};
use super::machine::Machine;

impl<'a> Machine<'a> {
    /// Runs an opcode of containers; false when it is none.
    pub(super) fn collect(&mut self, opcode: u8) -> Result<bool, Refusal> {
        let object = match opcode {
            b')' => Object::Tuple(Vec::new()),
            0x85..=0x87 => Object::Tuple(self.pop_several(usize::from(opcode) - 0x84)?),
            b't' => Object::Tuple(self.pop_to_mark()?),
            b']' | 0x8f => Object::List(Vec::new()),
            b'l' | 0x91 => Object::List(self.pop_to_mark()?),
            b'}' => Object::Dict(Vec::new()),
            b'd' => {
                let values = self.pop_to_mark()?;
                self.push_new(Object::Dict(Vec::new()))?;
                self.set(&values)?;
                return Ok(true);
            }
            b's' => {
                let entry = self.pop_several(2)?;
                self.set(&entry)?;
                return Ok(true);
            }
            b'u' => {
                let values = self.pop_to_mark()?;
                self.set(&values)?;
                return Ok(true);
            }
            b'a' => {
                let value = self.pop()?;
                self.append(&[value])?;
                return Ok(true);
            }
            b'e' | 0x90 => {
                let values = self.pop_to_mark()?;
                self.append(&values)?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.push_new(object)?;
        Ok(true)
    }

    fn push_new(&mut self, object: Object<'a>) -> Result<(), Refusal> {
        let value = self.heap.put(object)?;
        self.push(value)
    }

    fn pop_several(&mut self, count: usize) -> Result<Vec<Value<'a>>, Refusal> {
        let mut values = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        Ok(values)
    }

    /// Appends to the list on top of the stack.
    fn append(&mut self, values: &[Value<'a>]) -> Result<(), Refusal> {
        let list = self.top()?;
        self.heap.charge(values.len())?;
        match self.heap.object_mut(list) {
            Some(Object::List(items)) => items.extend_from_slice(values),
            _ => return Refusal::damaged(format!("it appends to {}", self.heap.describe(list))),
        }
        Ok(())
    }

    /// Adds keys and values, in turns, to the dict on top of the stack.
    fn set(&mut self, values: &[Value<'a>]) -> Result<(), Refusal> {
        let dict = self.top()?;
        self.heap.charge(values.len())?;
        let (pairs, rest) = values.as_chunks::<2>();
        match self.heap.object_mut(dict) {
            Some(Object::Dict(entries)) if rest.is_empty() => {
                entries.extend(pairs.iter().map(|[key, value]| (*key, *value)));
            }
            Some(Object::Dict(_)) => return Refusal::damaged("a dict in it has a key without a value"),
            _ => return Refusal::damaged(format!("it sets entries of {}", self.heap.describe(dict))),
        }
        Ok(())
    }
}
