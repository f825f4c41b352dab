//! The backup's format: a tar of one description, the database, and the blobs that it names.

use std::io::{self, Write};

use anyhow::Context as _;
use jiff::Timestamp;
use overhaul_bundle::Sha256Digest;
use serde::{Deserialize, Serialize};

/// The first entry: what the rest is.
pub(super) const ABOUT: &str = "overhaul-backup.json";
/// The second entry: the database.
pub(super) const DATABASE: &str = "registry.sqlite";
/// The most bytes that the first entry may have.
pub(super) const MAX_ABOUT: u64 = 1 << 16;
/// The format that this release writes and reads.
pub(super) const FORMAT: u32 = 1;
/// What a tar is made of.
const BLOCK: u64 = 512;

/// What a backup is, as its first entry says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct About {
    /// [`FORMAT`].
    pub(super) format: u32,
    /// The program that wrote it.
    pub(super) made_by: String,
    /// When it was begun: everything acknowledged before is in it.
    pub(super) created_at: Timestamp,
    /// Digest of the database's file.
    pub(super) database_sha256: Sha256Digest,
    /// Blobs that follow.
    pub(super) blobs: u64,
    /// Their bytes.
    pub(super) blob_bytes: u64,
}

/// What an entry is, by its name. Nothing is ever written to a path that an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// [`ABOUT`].
    About,
    /// [`DATABASE`].
    Database,
    /// A blob.
    Blob(Sha256Digest),
}

impl Entry {
    /// The name in the archive.
    pub(super) fn name(self) -> String {
        match self {
            Self::About => ABOUT.to_owned(),
            Self::Database => DATABASE.to_owned(),
            Self::Blob(sha256) => {
                let digits = sha256.to_string();
                format!("blobs/sha256/{}/{digits}", &digits[..2])
            }
        }
    }

    /// The entry of a name; `None` when a backup has no such entry.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        let digits = name.rsplit('/').next()?;
        [Some(Self::About), Some(Self::Database), digits.parse().ok().map(Self::Blob)]
            .into_iter()
            .flatten()
            .find(|entry| entry.name() == name)
    }
}

/// Writes entries piece by piece.
pub(super) struct Writer<W> {
    out: W,
    at: Timestamp,
    /// Bytes that the entry still lacks.
    lacking: u64,
    padding: u64,
}

impl<W: Write> Writer<W> {
    /// An archive whose files were all made at `at`.
    pub(super) fn new(out: W, at: Timestamp) -> Self {
        Self { out, at, lacking: 0, padding: 0 }
    }

    /// Begins an entry of so many bytes.
    pub(super) fn begin(&mut self, entry: Entry, size: u64) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_path(entry.name())?;
        header.set_size(size);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.at.as_second().try_into().unwrap_or_default());
        header.set_cksum();
        self.out.write_all(header.as_bytes())?;
        self.lacking = size;
        self.padding = size.next_multiple_of(BLOCK) - size;
        Ok(())
    }

    /// Writes some bytes of the entry, and ends it with the last of them.
    pub(super) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.lacking = self
            .lacking
            .checked_sub(piece.len() as u64)
            .ok_or_else(|| io::Error::other("an entry has more bytes than it began with"))?;
        self.out.write_all(piece)?;
        if self.lacking == 0 {
            let padding = std::mem::take(&mut self.padding);
            self.pad(padding)?;
        }
        Ok(())
    }

    /// Ends the archive.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.pad(2 * BLOCK)?;
        Ok(self.out)
    }

    fn pad(&mut self, bytes: u64) -> io::Result<()> {
        io::copy(&mut io::Read::take(io::repeat(0), bytes), &mut self.out).map(drop)
    }
}

impl About {
    /// Its bytes.
    pub(super) fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).context("cannot write what the backup is")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_one_name_and_no_other_name_is_an_entry() {
        let blob = Entry::Blob(Sha256Digest::of(b"x"));
        for entry in [Entry::About, Entry::Database, blob] {
            assert_eq!(Entry::of(entry.name().as_bytes()), Some(entry));
        }
        let digits = Sha256Digest::of(b"x").to_string();
        for bad in [
            "",
            "lock",
            "../registry.sqlite",
            "/registry.sqlite",
            "registry.sqlite/",
            "registry.sqlite-wal",
            digits.as_str(),
            &format!("blobs/sha256/00/{digits}"),
            &format!("blobs/sha256/../{digits}"),
            &format!("/{}", blob.name()),
            &format!("./{}", blob.name()),
        ] {
            assert_eq!(Entry::of(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_written_is_a_tar() {
        let mut writer = Writer::new(Vec::new(), Timestamp::UNIX_EPOCH);
        let contents = [
            (Entry::About, vec![]),
            (Entry::Database, vec![1; 512]),
            (Entry::Blob(Sha256Digest::of(b"x")), vec![2; 700]),
        ];
        for (entry, content) in &contents {
            writer.begin(*entry, content.len() as u64).unwrap();
            content.chunks(300).for_each(|piece| writer.write(piece).unwrap());
        }
        let bytes = writer.finish().unwrap();
        let mut read = tar::Archive::new(&bytes[..]);
        for (found, (entry, content)) in read.entries().unwrap().zip(&contents) {
            let mut found = found.unwrap();
            assert_eq!(Entry::of(&found.path_bytes()), Some(*entry));
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut found, &mut bytes).unwrap();
            assert_eq!(&bytes, content);
        }
        assert!(writer_refuses_more());
    }

    fn writer_refuses_more() -> bool {
        let mut writer = Writer::new(Vec::new(), Timestamp::UNIX_EPOCH);
        writer.begin(Entry::About, 1).unwrap();
        writer.write(&[1, 2]).is_err()
    }
}
