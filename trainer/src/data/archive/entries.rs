//! What one entry of a zip is to us, and which names make an archive one not to be touched.

use std::path::Path;

use super::{Zip, is_data};

/// What an entry is.
pub(super) enum Kind {
    /// A data file, by its base name.
    Data(String),
    /// A zip, which may hold data files.
    Zip,
    /// A folder, a link, or something else to be left where it is.
    Other,
}

/// What the entry at `index` is; the problem if no archive with it is taken.
pub(super) fn kind(zip: &mut Zip, index: usize) -> Result<Kind, String> {
    // Raw: neither unpacked nor decrypted.
    let entry = zip.by_index_raw(index).map_err(|e| format!("entry {index} is damaged ({e})"))?;
    let name = entry.name().map_err(|e| format!("entry {index} has a bad name ({e})"))?.into_owned();
    let leads_out = name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..");
    if leads_out || entry.enclosed_name().is_none() {
        // Nothing is ever written under a name of the archive's; who packs such names means harm.
        return Err(format!("{name:?} leads out of the archive; get another copy"));
    }
    let base = Path::new(&name).file_name().and_then(|base| base.to_str()).unwrap_or_default();
    // macOS packs a companion `__MACOSX/._NAME` with each NAME.
    if !entry.is_file() || name.starts_with("__MACOSX/") || base.starts_with("._") {
        return Ok(Kind::Other);
    }
    let found = if is_data(base) {
        Kind::Data(base.to_owned())
    } else if Path::new(base).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
        Kind::Zip
    } else {
        return Ok(Kind::Other);
    };
    if entry.encrypted() {
        return Err(format!("{name} is encrypted; unpack it yourself and name the folder"));
    }
    Ok(found)
}
