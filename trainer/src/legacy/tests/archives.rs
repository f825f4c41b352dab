//! What a zip archive may do to its reader, and may not.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::*;

/// The entries of an archive.
pub(super) fn unpack(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let read = |index| {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        (file.name().unwrap().into_owned(), content)
    };
    (0..count).map(read).collect()
}

/// An archive of some entries.
pub(super) fn pack(entries: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The GRU's archive after a change to its entries.
fn changed(change: impl FnMut(&mut (String, Vec<u8>))) -> Vec<u8> {
    let mut entries = unpack(&fixture("states/gru.pth"));
    entries.iter_mut().for_each(change);
    pack(&entries, CompressionMethod::Deflated)
}

fn refusal(bytes: &[u8]) -> String {
    state_dict(bytes).unwrap_err().to_string()
}

#[test]
fn a_packed_copy_and_one_without_byteorder_read_the_same() {
    assert_same(&state_dict(&changed(|_| {})).unwrap(), &expected("gru"));
    let renamed = changed(|(name, _)| *name = name.replace("byteorder", "other"));
    assert_same(&state_dict(&renamed).unwrap(), &expected("gru"));
}

#[test]
fn big_endian_storages_are_turned() {
    let big = changed(|(name, content)| match name.as_str() {
        "gru/byteorder" => *content = b"big".to_vec(),
        name if name.starts_with("gru/data/") => {
            content.chunks_exact_mut(4).for_each(<[u8]>::reverse);
        }
        _ => {}
    });
    assert_same(&state_dict(&big).unwrap(), &expected("gru"));
}

#[test]
fn an_entry_longer_or_shorter_than_its_tensors_need_is_refused() {
    let longer = changed(|(name, content)| {
        if name == "gru/data/9" {
            *content = vec![0; 40 << 20];
        }
    });
    assert!(longer.len() < 1 << 17);
    assert!(refusal(&longer).contains("gru/data/9 is longer than 4 bytes"), "{}", refusal(&longer));
    let shorter = changed(|(name, content)| {
        if name == "gru/data/9" {
            content.pop();
        }
    });
    assert!(refusal(&shorter).contains("the storage of fc.bias has 3 bytes instead of 4"));
}

#[test]
fn a_pickle_that_unpacks_beyond_its_limit_is_refused() {
    let bomb = changed(|(name, content)| {
        if name == "gru/data.pkl" {
            *content = vec![b'N'; 40 << 20];
        }
    });
    assert!(refusal(&bomb).contains("gru/data.pkl is longer than 16777216 bytes"));
}

#[test]
fn a_missing_entry_and_a_false_byteorder_are_refused() {
    let missing = changed(|(name, _)| *name = name.replace("gru/data/9", "gru/data/10"));
    assert!(refusal(&missing).contains("it has no entry gru/data/9"));
    let order = changed(|(name, content)| {
        if name == "gru/byteorder" {
            *content = b"middle".to_vec();
        }
    });
    assert!(refusal(&order).contains("neither little nor big"));
    let none = changed(|(name, _)| *name = name.replace("data.pkl", "data.txt"));
    assert!(refusal(&none).contains("not one of torch.save"));
}

#[test]
fn a_torchscript_archive_is_refused_as_one() {
    // Made here, since torch.jit.save writes paths of the machine that it runs on.
    let mut entries = unpack(&fixture("states/gru.pth"));
    entries.push(("gru/constants.pkl".to_owned(), b"\x80\x02).".to_vec()));
    assert!(refusal(&pack(&entries, CompressionMethod::Stored)).contains("is a TorchScript archive"));
}

#[test]
fn a_changed_number_is_refused_by_the_archives_checksum() {
    let mut bytes = fixture("states/gru.pth");
    let number = state_dict(&bytes).unwrap()["fc.bias"].values[0].to_le_bytes();
    let place = bytes.windows(4).rposition(|found| found == number).unwrap();
    bytes[place] ^= 1;
    assert!(refusal(&bytes).contains("gru/data/9 cannot be read"), "{}", refusal(&bytes));
}
