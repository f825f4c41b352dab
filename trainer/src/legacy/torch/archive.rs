//! The zip format of `torch.save`: `NAME/data.pkl`, `NAME/byteorder`, storages in `NAME/data/KEY`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;

use super::super::error::{Refusal, shown};
use super::super::pickle::{Dialect, Machine};
use super::checkpoint;
use super::fill;
use super::view::View;
use super::{Storages, Tensor};

/// The longest `data.pkl`, unpacked: some 100 bytes a tensor.
const LONGEST_PICKLE: u64 = 16 << 20;
/// All storages that the state dict needs, unpacked.
const MOST_BYTES: u64 = 1 << 29;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The state dict in a zip archive.
pub(super) fn read(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, Refusal> {
    // PyTorch writes its directory 76 bytes before where a directory without ZIP64 would end. A reader
    // that looks for what was put before the archive takes that for a shift whenever the first entry
    // is 76 bytes long, as for a file of 21 letters: it must be told that nothing was put there.
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut archive = ZipArchive::with_config(config, Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let folder = folder(&archive)?;
    let pickle = entry(&mut archive, &format!("{folder}/data.pkl"), LONGEST_PICKLE)?;
    let big = match optional(&mut archive, &format!("{folder}/byteorder"), 6)?.as_deref() {
        None | Some(b"little") => false,
        Some(b"big") => true,
        Some(_) => return Refusal::damaged("its byteorder is neither little nor big"),
    };
    let mut machine = Machine::new(Dialect::Torch, &pickle);
    let root = machine.load()?;
    let views = checkpoint::views(machine.heap(), root)?;
    fill::tensors(&views, &storages(&mut archive, &folder, &views)?, big)
}

/// The folder that all entries lie in: the file's name when it was saved, or `archive`.
fn folder(archive: &Archive<'_>) -> Result<String, Refusal> {
    let mut folders = Vec::new();
    for name in archive.file_names() {
        let name = name.map_err(|error| broken(&error))?;
        if name.split_once('/').is_some_and(|(_, rest)| rest == "constants.pkl") {
            return Refusal::unsupported("is a TorchScript archive, which holds code");
        }
        folders.extend(name.strip_suffix("/data.pkl").map(str::to_owned));
    }
    match <[String; 1]>::try_from(folders) {
        Ok([folder]) => Ok(folder),
        Err(_) => Refusal::unsupported("is a zip archive, but not one of torch.save"),
    }
}

/// The storages that some views need, each no longer than they need it.
fn storages<'a>(archive: &mut Archive<'_>, folder: &str, views: &[View]) -> Result<Storages<'a>, Refusal> {
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for view in views {
        let size = sizes.entry(&view.key).or_default();
        *size = view.storage_bytes().max(*size);
    }
    if sizes.values().fold(0, |sum: u64, size| sum.saturating_add(*size)) > MOST_BYTES {
        return Refusal::unsupported(format!("needs more than {MOST_BYTES} bytes of storages"));
    }
    let read = |(key, size): (&str, u64)| {
        Ok((key.to_owned(), Cow::Owned(entry(archive, &format!("{folder}/data/{key}"), size)?)))
    };
    sizes.into_iter().map(read).collect()
}

/// An entry that must be there.
fn entry(archive: &mut Archive<'_>, name: &str, most: u64) -> Result<Vec<u8>, Refusal> {
    match optional(archive, name, most)? {
        Some(bytes) => Ok(bytes),
        None => Refusal::damaged(format!("it has no entry {}", shown(name))),
    }
}

/// An entry of at most so many bytes, its checksum checked.
fn optional(archive: &mut Archive<'_>, name: &str, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(broken(&error)),
    };
    let mut bytes = Vec::new();
    // One byte more than is allowed: enough to see that there is more, and to reach the checksum.
    match file.take(most.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(size) if size as u64 <= most => Ok(Some(bytes)),
        Ok(_) => Refusal::damaged(format!("its entry {} is longer than {most} bytes", shown(name))),
        Err(error) => Refusal::damaged(format!("its entry {} cannot be read: {error}", shown(name))),
    }
}

fn broken(error: &ZipError) -> Refusal {
    Refusal::Damaged(format!("its zip archive cannot be read: {error}"))
}
