//! The opcodes that name, call and fill: the dangerous ones, which only mark data here.

use super::super::error::Refusal;
use super::super::numpy;
use super::global::{Dialect, Global};
use super::heap::{Object, Value};
use super::machine::Machine;

impl<'a> Machine<'a> {
    /// Runs an opcode of names and calls; false when it is none.
    pub(super) fn call(&mut self, opcode: u8) -> Result<bool, Refusal> {
        match opcode {
            b'c' => {
                let global = self.named()?;
                self.push(Value::Global(global))?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Some(module), Some(name)) = (self.heap.text(module), self.heap.text(name)) else {
                    return Refusal::damaged("it asks for a name that is no text");
                };
                let global = self.find(module, name)?;
                self.push(Value::Global(global))?;
            }
            b'R' | 0x81 => {
                let (args, callee) = (self.pop()?, self.pop()?);
                self.make(callee, args)?;
            }
            b'i' => {
                let global = self.named()?;
                let values = self.pop_to_mark()?;
                let args = self.heap.put(Object::Tuple(values))?;
                self.make(Value::Global(global), args)?;
            }
            b'o' => {
                let mut values = self.pop_to_mark()?;
                if values.is_empty() {
                    return Refusal::damaged("it makes an object of no class");
                }
                let callee = values.remove(0);
                let args = self.heap.put(Object::Tuple(values))?;
                self.make(callee, args)?;
            }
            b'b' => self.build()?,
            b'Q' => self.persistent()?,
            _ => match unread(opcode) {
                Some(name) => return Err(Refusal::asks(name)),
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// A module and a name on two lines.
    fn named(&mut self) -> Result<Global, Refusal> {
        let module = String::from_utf8_lossy(self.cursor.line()?);
        let name = String::from_utf8_lossy(self.cursor.line()?);
        self.find(&module, &name)
    }

    fn find(&self, module: &str, name: &str) -> Result<Global, Refusal> {
        Global::find(self.dialect, module, name).ok_or_else(|| Refusal::asks(&format!("{module}.{name}")))
    }

    /// REDUCE, NEWOBJ, INST, OBJ: what a name from the list makes of a tuple.
    fn make(&mut self, callee: Value<'a>, args: Value<'a>) -> Result<(), Refusal> {
        let Value::Global(of) = callee else {
            return Err(Refusal::Asks(format!("a call of {}", self.heap.describe(callee))));
        };
        let Some(values) = self.heap.tuple(args) else {
            return Refusal::damaged(format!("it calls {} with {}", of.name(), self.heap.describe(args)));
        };
        match of.arguments() {
            None => return Err(Refusal::Asks(format!("a call of {}", of.name()))),
            Some(range) if !range.contains(&values.len()) => {
                return Refusal::damaged(format!("it calls {} with {} arguments", of.name(), values.len()));
            }
            Some(_) => {}
        }
        let object = match (of, values) {
            (Global::OrderedDict, _) => Object::Dict(Vec::new()),
            (Global::Reconstructor, [Value::Global(class), Value::Global(Global::BaseObject), _])
                if class.has_state() =>
            {
                Object::Made { of: *class, args, state: None }
            }
            (Global::Reconstructor, [class, ..]) => {
                return Err(Refusal::Asks(format!("an object of {}", self.heap.describe(*class))));
            }
            _ => Object::Made { of, args, state: None },
        };
        let made = self.heap.put(object)?;
        self.push(made)
    }

    /// BUILD: gives the object on top of the stack its state.
    fn build(&mut self) -> Result<(), Refusal> {
        let given = self.pop()?;
        let target = self.top()?;
        match self.heap.object_mut(target) {
            // Attributes of an OrderedDict: PyTorch's `_metadata`, which says nothing about numbers.
            Some(Object::Dict(_)) => Ok(()),
            Some(Object::Made { of, state, .. }) if of.has_state() => {
                *state = Some(given);
                match of {
                    Global::ArrayWrapper if !self.nested => self.wrapped(given),
                    _ => Ok(()),
                }
            }
            _ => Err(Refusal::Asks(format!("a state of {}", self.heap.describe(target)))),
        }
    }

    /// Puts the array whose bytes follow in the place of joblib's wrapper.
    fn wrapped(&mut self, state: Value<'a>) -> Result<(), Refusal> {
        // A state is searched entry by entry, and one state may be given again and again.
        self.heap.charge(self.heap.dict(state).map_or(0, <[_]>::len))?;
        let wrapper = numpy::Wrapper::of(&self.heap, state)?;
        let array = if let Some(kind) = wrapper.kind {
            if wrapper.padded {
                let padding = self.cursor.byte()?;
                self.cursor.take(padding.into())?;
            }
            let size = wrapper.dims.iter().try_fold(kind.size(), |size, dim| size.checked_mul(*dim));
            let data = self.cursor.take(size.map_or(u64::MAX, |size| size as u64))?;
            self.heap.put(Object::Array { dims: wrapper.dims, kind, big: wrapper.big, data })?
        } else {
            self.nested = true;
            let array = self.load()?;
            self.nested = false;
            array
        };
        self.pop()?;
        self.push(array)
    }

    /// BINPERSID: a storage of PyTorch, `("storage", class, key, location, count)`.
    fn persistent(&mut self) -> Result<(), Refusal> {
        let id = self.pop()?;
        let first = self.heap.tuple(id).and_then(|values| self.heap.text(*values.first()?));
        if self.dialect != Dialect::Torch || first != Some("storage") {
            return Err(Refusal::asks("a persistent id"));
        }
        let storage = self.heap.put(Object::Storage(id))?;
        self.push(storage)
    }
}

/// The opcodes that nothing read here needs.
fn unread(opcode: u8) -> Option<&'static str> {
    Some(match opcode {
        0x82..=0x84 => "an extension (EXT)",
        b'P' => "a persistent id",
        0x92 => "a call with keywords (NEWOBJ_EX)",
        0x97 | 0x98 => "a buffer outside the file (NEXT_BUFFER)",
        _ => return None,
    })
}
