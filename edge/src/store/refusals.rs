//! `refused.json`: versions that this gateway took back, which it does not run again until it is told to.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use overhaul_bundle::Sha256Digest;

use crate::agent::Refusal;

/// The file's name in the data directory.
pub(super) const FILE: &str = "refused.json";
/// More than anybody will look at; the oldest go.
const MOST: usize = 100;

/// Versions that this gateway took back, by bundle.
pub struct Refusals {
    /// `None` for a gateway without a directory.
    file: Option<PathBuf>,
    list: Mutex<Vec<Refusal>>,
}

impl Refusals {
    /// For a gateway without a directory: nothing is kept over its end.
    pub fn in_memory() -> Self {
        Self { file: None, list: Mutex::default() }
    }

    /// Reads the file, if it is there. One that cannot be read is as none, because the gateway must start.
    pub(super) fn open(file: PathBuf) -> Self {
        let list = match std::fs::read(&file) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.and_then(|bytes| Ok(serde_json::from_slice(&bytes)?)).unwrap_or_else(|e| {
                tracing::warn!("{FILE} is not used: {e}");
                Vec::new()
            }),
        };
        Self { file: Some(file), list: Mutex::new(list) }
    }

    /// All of them, oldest first.
    pub fn list(&self) -> Vec<Refusal> {
        self.lock().clone()
    }

    /// The refusal of a bundle, if there is one.
    pub fn find(&self, bundle: &Sha256Digest) -> Option<Refusal> {
        self.lock().iter().find(|refusal| refusal.bundle_sha256 == *bundle).cloned()
    }

    /// Refuses a bundle from now on. It holds until the program ends even if it cannot be written.
    pub fn add(&self, refusal: Refusal) -> io::Result<()> {
        let mut list = self.lock();
        list.retain(|known| known.bundle_sha256 != refusal.bundle_sha256);
        list.push(refusal);
        let surplus = list.len().saturating_sub(MOST);
        list.drain(..surplus);
        self.write(&list)
    }

    /// Allows a bundle again; false if it was not refused. Nothing changes unless it could be written.
    pub fn allow(&self, bundle: &Sha256Digest) -> io::Result<bool> {
        let mut list = self.lock();
        let rest: Vec<Refusal> =
            list.iter().filter(|refusal| refusal.bundle_sha256 != *bundle).cloned().collect();
        if rest.len() == list.len() {
            return Ok(false);
        }
        self.write(&rest)?;
        *list = rest;
        Ok(true)
    }

    fn write(&self, list: &[Refusal]) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| super::write_json(file, &list))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Refusal>> {
        // The list is whole between any two statements.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bundle: &[u8]) -> Refusal {
        Refusal {
            version: None,
            bundle_sha256: Sha256Digest::of(bundle),
            reason: "it trapped".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_refusal_holds_over_a_start_until_it_is_taken_back() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Refusals::open(directory.path().join(FILE));
        open().add(refusal(b"one")).unwrap();
        open().add(refusal(b"two")).unwrap();
        assert_eq!(open().list(), [refusal(b"one"), refusal(b"two")]);
        assert!(open().allow(&Sha256Digest::of(b"one")).unwrap());
        assert!(!open().allow(&Sha256Digest::of(b"one")).unwrap());
        assert_eq!(open().find(&Sha256Digest::of(b"one")), None);
        assert_eq!(open().find(&Sha256Digest::of(b"two")), Some(refusal(b"two")));
    }

    #[test]
    fn a_damaged_file_is_as_none() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE);
        std::fs::write(&file, b"{\"not\": ").unwrap();
        assert_eq!(Refusals::open(file).list(), []);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let refusals = Refusals::in_memory();
        for number in 0..=MOST {
            refusals.add(refusal(&number.to_le_bytes())).unwrap();
        }
        assert_eq!(refusals.list().len(), MOST);
        assert_eq!(refusals.find(&Sha256Digest::of(&0_usize.to_le_bytes())), None);
    }
}
