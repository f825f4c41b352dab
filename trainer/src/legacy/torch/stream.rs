//! The format of `torch.save` before 1.6: pickles of a magic number, a version, the writer's machine,
//! the object and its storages' keys, and then each storage as a count and little-endian numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::error::Refusal;
use super::super::pickle::{Dialect, Machine, Object, Value};
use super::checkpoint;
use super::fill;
use super::view::{Storage, View};
use super::{Storages, Tensor};

/// `torch.serialization.MAGIC_NUMBER`, 0x1950a86a20f9469cfc6c, little endian.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// `torch.serialization.PROTOCOL_VERSION`.
const VERSION: i64 = 1001;

/// The state dict in a stream.
pub(super) fn read(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, Refusal> {
    let mut machine = Machine::new(Dialect::Torch, bytes);
    match machine.load() {
        Ok(Value::Huge(magic)) if magic == MAGIC => {}
        Err(Refusal::Asks(name)) => return Err(Refusal::Asks(name)),
        _ => return Refusal::unsupported("is no file of torch.save"),
    }
    match machine.load()? {
        Value::Int(VERSION) => {}
        _ => {
            return Refusal::unsupported(format!(
                "has another version than {VERSION} of torch.save's old format"
            ));
        }
    }
    // The writer's byte order and sizes of integers: storages are little endian whatever it says.
    machine.load()?;
    let root = machine.load()?;
    let keys = machine.load()?;
    let storages = storages(&mut machine, keys)?;
    let views: Vec<View> = checkpoint::views(machine.heap(), root)?;
    fill::tensors(&views, &storages, false)
}

/// All storages: those of an optimiser too, since each says where the next begins.
fn storages<'a>(machine: &mut Machine<'a>, keys: Value<'a>) -> Result<Storages<'a>, Refusal> {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for object in machine.heap().objects() {
        if let Object::Storage(id) = object {
            let storage = Storage::of(machine.heap(), *id)?;
            sizes.insert(storage.key.to_owned(), storage.kind.size());
        }
    }
    let Some(keys) = machine.heap().list(keys) else {
        return Refusal::damaged(format!("its storages' keys are {}", machine.heap().describe(keys)));
    };
    let keys: Option<Vec<_>> =
        keys.iter().map(|key| sizes.remove_entry(machine.heap().text(*key)?)).collect();
    let Some(keys) = keys else {
        return Refusal::damaged("it lists a storage twice or one that nothing needs");
    };
    let mut storages = Storages::new();
    for (key, size) in keys {
        let count = u64::from_le_bytes(machine.rest().array()?);
        let bytes = machine.rest().take(count.saturating_mul(size as u64))?;
        storages.insert(key, Cow::Borrowed(bytes));
    }
    Ok(storages)
}
